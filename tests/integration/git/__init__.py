"""The adapter of git, on real repositories."""
