"""Images of a registry, by the API that Docker and OCI registries share."""
