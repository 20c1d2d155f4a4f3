"""The steps of every command in order: the line runs them on ports that adapters implement."""
