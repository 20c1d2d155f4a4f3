"""Layers and reports, kept on disk between runs."""
