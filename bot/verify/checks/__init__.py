"""One check a file: each compares one aspect of the old and the new image."""
