"""Git: a clone that is only read, and the folders that its revisions are written to."""
