"""The outside world: processes, engines, registries, GitHub and the environment."""
