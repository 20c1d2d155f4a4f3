"""The JSON report: one module for each group of nouns, with writer and reader side by side."""
