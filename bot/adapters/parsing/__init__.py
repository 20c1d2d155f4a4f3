"""Parsers of Dockerfiles and shell scripts, and the reader of build contexts."""
