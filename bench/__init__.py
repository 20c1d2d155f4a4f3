"""Benchmarks that anyone can run (`make bench`), each against a named rival in the same run."""
