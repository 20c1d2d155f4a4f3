"""A sample repository whose pull request fattens an image, and the review of it."""
