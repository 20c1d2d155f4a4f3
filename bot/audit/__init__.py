"""Several images together: their totals, what they share, what they store apart, what they save."""
