"""Limits on size and growth, their approval, and the verdict on untrusted reports."""
