"""What a repository declares: its configuration file, its images, overrides of both."""
