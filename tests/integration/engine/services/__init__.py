"""Services that are started beside an image, on a real engine."""
