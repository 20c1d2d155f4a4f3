"""Registries for tests: a stand-in that misbehaves on demand, and Debian's own, which does not."""
