"""Progress for the person who waits, on stderr so that a command's own output stays clean."""

import sys


def print_progress(message: str) -> None:
    """Print a line at once: a cold start takes minutes and must not look like a hang."""
    # One write, so that lines of several threads do not run into each other.
    sys.stderr.write(f"[engine] {message}\n")
    sys.stderr.flush()
