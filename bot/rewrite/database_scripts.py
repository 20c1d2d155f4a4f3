"""Scripts that set up a database: a compose file mounts them into the image of the database."""

import posixpath
import re
from collections.abc import Iterator

from bot.rewrite.build_facts import BuildFacts

_COMPOSE_FILE = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$")
# `- ./db/init:/docker-entrypoint-initdb.d`, the folder of such scripts in images of databases.
_MOUNT = re.compile(
    r"^\s*-\s*[\"']?(?P<source>\.?/?[\w./-]+):/docker-entrypoint-initdb\.d\b", re.MULTILINE
)


def list_database_scripts(facts: BuildFacts) -> Iterator[str]:
    """Yield the files and folders of the project that its compose files mount into databases."""
    for path in facts.built.own_files:
        if _COMPOSE_FILE.search(path):
            folder = posixpath.dirname(path)
            for mount in _MOUNT.finditer(facts.built.read_text(path)):
                yield posixpath.normpath(posixpath.join(folder, mount["source"].lstrip("/")))
