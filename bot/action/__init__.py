"""The GitHub Action: an event in; a comment, a review and a verdict out."""
