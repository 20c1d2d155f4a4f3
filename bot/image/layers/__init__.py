"""Layers read entry by entry: tar, tar-split, compression, and the index kept of them."""
