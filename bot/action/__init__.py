"""The GitHub Action: from an event to a comment."""
