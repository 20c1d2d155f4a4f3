"""Scripts that set up the database of a project, which reads them in its own image."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from bot.image.open_image import OpenImage

_COMPOSE_NAME = re.compile(r"^(?:docker-)?compose[\w.-]*\.ya?ml$")
# `./db/init:/docker-entrypoint-initdb.d`: images of databases read it at their first start.
_MOUNT = re.compile(r"^\s*-\s*[\"']?\./([\w./-]+):/docker-entrypoint-initdb\.d\b", re.MULTILINE)


def make_database_script_matcher(
    image: OpenImage, sources: Mapping[str, str]
) -> Callable[[str], bool]:
    """Return a predicate for files that compose files mount into the image of a database.

    What a source of the program names as the compose file does is left out.
    """
    text = "\n".join(sources.values())
    mounts = {
        posixpath.normpath(posixpath.join(folder, source))
        for folder, source in _list_mounts(image)
        if source.strip("/") not in text
    }
    beginnings = tuple(f"{mount}/" for mount in mounts)
    return lambda path: path in mounts or path.startswith(beginnings)


def _list_mounts(image: OpenImage) -> Iterator[tuple[str, str]]:
    """Yield the folder of a compose file, and a path of it as the file names it."""
    for path in image.tree:
        folder, name = posixpath.split(path)
        if _COMPOSE_NAME.match(name) and image.is_added_by_dockerfile(path):
            yield from ((folder, source) for source in _MOUNT.findall(image.read_text(path)))
