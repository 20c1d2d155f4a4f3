"""The data types that all rooms share: images, layers, files, comparisons, reports."""
