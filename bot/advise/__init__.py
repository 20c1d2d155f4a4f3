"""Rules that find avoidable bytes in a Dockerfile and its image."""
