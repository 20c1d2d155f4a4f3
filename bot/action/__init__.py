"""The GitHubClient Action: from an event to a comment."""
