"""Container images: their layers, files and packages, and how bytes are counted."""
