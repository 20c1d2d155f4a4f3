"""Image archives and layouts: manifests, configs and blobs of every format."""
