"""The Dockerfile language: instructions, stages, variables, shell forms, `.dockerignore`."""
