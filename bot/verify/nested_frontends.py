"""Front ends in a folder of a server's project: what their bundler wrote is all that is served.

`client/build` of Create React App is static: neither `client/src` nor `client/node_modules` is read
when the server runs, unless its sources name them.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.pattern_lists import read_names
from bot.verify.image_pair import ImagePair

_BUNDLERS = frozenset(read_names("bot.verify", "bundlers.txt", "bundlers"))
_OUTPUT_FOLDERS = ("build", "dist", "out")
_DEPENDENCY_KEYS = ("dependencies", "devDependencies")


@dataclass(frozen=True, slots=True)
class NestedFrontend:
    """The folder of a front end, and that of its pages below it."""

    folder: str
    output: str

    def owns_input(self, path: str) -> bool:
        """Return True for a file that only the bundler read."""
        is_inside = path.startswith(f"{self.folder}/")
        return is_inside and not path.startswith(f"{self.output}/")


def find_nested_frontends(pair: ImagePair) -> tuple[NestedFrontend, ...]:
    """Return the front ends of the old image with pages that the new one has, too."""
    return tuple(_list_frontends(pair))


def _list_frontends(pair: ImagePair) -> Iterator[NestedFrontend]:
    old, new = pair.old, pair.new
    started = {posixpath.normpath(x).strip("/") for x in old.config.command_line if "/" in x}
    for path in old.image.tree:
        folder, _, name = path.rpartition("/")
        if name != "package.json" or not folder or "node_modules/" in path:
            continue
        # The front end that is the application itself has another rule (_is_static_site of
        # lost_files.py).
        if folder == old.workdir.strip("/") or not _has_bundler(old.read_text(path)):
            continue
        starts_it = any(f"/{posixpath.basename(folder)}/" in f"/{x}/" for x in started)
        for output in (f"{folder}/{x}" for x in _OUTPUT_FOLDERS):
            is_served = f"{output}/index.html" in new.image.tree
            if is_served and not starts_it and not _names_inputs(pair, folder, output):
                yield NestedFrontend(folder, output)


def _has_bundler(manifest: str) -> bool:
    try:
        package = json.loads(manifest)
    except (ValueError, RecursionError):
        return False
    groups = [package.get(key) for key in _DEPENDENCY_KEYS] if isinstance(package, dict) else []
    names = {name for group in groups if isinstance(group, Mapping) for name in group}
    return bool(names & _BUNDLERS)


def _names_inputs(pair: ImagePair, folder: str, output: str) -> bool:
    """Return True if a source elsewhere names the folder without its pages behind it.

    `path.join(__dirname, "client", "build")` names them.
    """
    name = re.escape(posixpath.basename(folder))
    pages = re.escape(posixpath.basename(output))
    # The folder's name, unless that of its pages comes next, with a slash, quotes or a comma
    # between.
    mention = re.compile(rf"[\"'`/]{name}(?![\w-])(?![/\"'`,\s]+{pages}(?![\w-]))")
    sources = pair.old_app.program_sources.items()
    return any(mention.search(text) for path, text in sources if not path.startswith(f"{folder}/"))
