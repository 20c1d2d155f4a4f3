"""The nouns that the whole program shares: images, layers, files, comparisons, reports."""
