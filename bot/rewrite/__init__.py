"""Multi-stage rewrites of a Dockerfile, planned from what its built image contains."""
