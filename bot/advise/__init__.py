"""Advice on one Dockerfile: rules that look at its text, its built image and its context."""
