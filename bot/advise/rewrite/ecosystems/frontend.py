"""Static front ends: what a bundler wrote, served by the server that served it before."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.advise.rewrite.ecosystem import Ecosystem
from bot.advise.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.advise.rewrite.launch import Launch
from bot.advise.rewrite.world import World

_SERVERS = ("serve", "http-server", "sirv", "servor", "local-web-server", "ws")
_OUTPUTS = ("dist", "build", "out", "public", "www", "_site", ".output/public")


def _applies(world: World, launch: Launch) -> bool:
    """Whether a server of files is started that lies outside of the project's own modules."""
    return any(_is_server(world, command) for command in launch.commands) and any(
        True for _ in _served(world, launch)
    )


def _is_server(world: World, command: tuple[str, ...]) -> bool:
    place = world.which(command[0])
    real = world.paths.real(place) if place else None
    mine = f"{world.workdir}/node_modules/"
    return (
        posixpath.basename(command[0]) in _SERVERS
        and real is not None
        and not real.startswith(mine)
    )


def _served(world: World, launch: Launch) -> Iterator[str]:
    """The folders with a start page that the server's command line names."""
    for command in launch.commands:
        if _is_server(world, command):
            for word in command[1:]:
                path = posixpath.normpath(posixpath.join("/", world.workdir, word))
                if not word.startswith("-") and path[1:] in world.folders:
                    yield path


def _drops(world: World, launch: Launch) -> Iterable[str]:
    """All of the project but what is served."""
    yield f"/{world.workdir}"


def _keeps(world: World, launch: Launch) -> Iterator[str]:
    yield from _served(world, launch)


ECOSYSTEM = Ecosystem(
    name="frontend",
    title="static front end",
    applies=_applies,
    tools=("npm",),
    residue=NODE.residue,
    sources=re.compile(r"(?!)"),
    packages=NODE.packages,
    explained=NODE.explained,
    keeps=_keeps,
    drops=_drops,
    bases=NODE.bases,
)
