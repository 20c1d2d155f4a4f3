"""The parts of a container image, and how its bytes are counted."""
