"""Comparison of two measured images: the causes of growth, down to owners and files."""
