"""The search for the commits that changed an image's size, without git and without builds."""
