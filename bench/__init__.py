"""Benchmarks that anyone can run (`make bench`), each against a named tool in the same run."""
