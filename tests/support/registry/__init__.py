"""Registries for tests: a stand-in that fails on demand, and Debian's."""
