"""Whose a file is. Packages come with their databases; until then, the most telling directory."""

# `usr/lib/python3` says more than `usr`, and `usr/lib/python3/dist-packages/x/y` no more than it.
_DEPTH = 3


def directory_of(path: str) -> str:
    """The directory that a file's bytes are shown under, with its leading slash."""
    parents = path.split("/")[:-1]
    return "/" + "/".join(parents[:_DEPTH])
