"""Reports, rendered without input or output."""
