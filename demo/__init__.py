"""A sample repository with a pull request that grows an image, and its review."""
