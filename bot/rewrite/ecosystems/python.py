"""Python: the installed distributions at the places where they are, and the application."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import interpreters
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_RUNNERS = re.compile(
    r"python[\d.]*|gunicorn|uvicorn|hypercorn|flask|celery|django-admin|daphne|waitress-serve|uwsgi|"
    r"streamlit|poetry|uv|pipenv"
)


def _applies(world: World, launch: Launch) -> bool:
    return any(_is_python(world, command) for command in launch.commands)


def _is_python(world: World, command: tuple[str, ...]) -> bool:
    if _RUNNERS.fullmatch(posixpath.basename(command[0])):
        return True
    place = world.which(command[0])
    path = world.paths.real(place) if place else None
    entry = world.tree.get(path or "")
    if path is None or entry is None or entry.size > 1 << 20:
        return False
    return "python" in world.text(path).partition("\n")[0]


def _bases(world: World, launch: Launch) -> Iterator[str]:
    return interpreters(world.subject.base or "", "python", world.release)


ECOSYSTEM = Ecosystem(
    name="python",
    title="Python",
    applies=_applies,
    tools=("gcc", "cc", "g++", "make", "cargo", "poetry", "uv"),
    residue=("/usr/local/include", "~/.cargo", "~/.rustup", "/usr/src", "/opt/poetry-cache"),
    sources=re.compile(r"\.(?:c|cpp|pyx|pxd|o)$|(?:^|/)\.pytest_cache/"),
    bases=_bases,
)
