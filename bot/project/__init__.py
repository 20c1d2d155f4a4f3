"""The images that a repository declares: configuration file, discovery, overrides."""
