"""The arguments of the command line, as one frozen dataclass a command."""
