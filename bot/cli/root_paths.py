"""Paths from the root of the file system, for commands about one Dockerfile.

The file and its context need not be below one repository: what is below one root elsewhere (a
checkout) is below this one here.
"""

from pathlib import Path

FILESYSTEM_ROOT = Path("/")


def make_relative_to_root(path: Path) -> str:
    """Return a path of the command line without its leading slash."""
    return str(path.absolute().relative_to(FILESYSTEM_ROOT))
