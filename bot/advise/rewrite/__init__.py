"""Multi-stage rewrites of single-stage Dockerfiles, from what their built images prove."""
