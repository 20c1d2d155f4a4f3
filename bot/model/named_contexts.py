"""Named build contexts, as `--build-context NAME=VALUE` takes them, by what their values name."""

import re

IMAGE_PREFIX = "docker-image://"
# Built by a file of bake or compose: what reads that file puts an image in their place.
_OTHER_TARGETS = ("target:", "service:")
_COMMIT = re.compile(r"#[0-9a-f]{40}(?:[0-9a-f]{24})?(?::.*)?$")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|git@")


def find_context_image(value: str) -> str | None:
    """Return the reference of the image that a named context is; None for any other."""
    return value.removeprefix(IMAGE_PREFIX) if value.startswith(IMAGE_PREFIX) else None


def find_context_folder(value: str) -> str | None:
    """Return the folder of the repository that a named context is; None for any other."""
    is_other = value.startswith(_OTHER_TARGETS) or _ADDRESS.match(value)
    return None if is_other else value


def is_moving_context(value: str) -> bool:
    """Return True for an address that may have other content later: it names no commit of git."""
    return (
        bool(_ADDRESS.match(value))
        and not value.startswith(IMAGE_PREFIX)
        and not _COMMIT.search(value)
    )
