"""What an image is made of: archives, layers, the file system they add up to."""
