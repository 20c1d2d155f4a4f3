"""Image Size Review: what a change does to the size of its container images."""

__version__ = "0.1.0"
