"""The outside world: processes, engines, registries, GitHubClient and the environment."""
