"""GitHub: its API, and the commands that a workflow understands."""
