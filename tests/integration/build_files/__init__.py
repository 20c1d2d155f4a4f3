"""Compose and bake files, read by the real buildx, without an engine."""
