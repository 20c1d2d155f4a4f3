"""Checks that a rewritten image still does what the old one did."""
