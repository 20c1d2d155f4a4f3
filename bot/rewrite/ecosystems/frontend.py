"""Static front ends: what a bundler wrote, served by the server that served it before."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import distribution
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.rewrite.startup import Launch

_SERVERS = ("serve", "http-server", "sirv", "servor", "local-web-server", "ws")
_WEB_SERVERS = ("nginx", "apache2", "apache2ctl", "apachectl", "httpd", "lighttpd", "caddy")
_CONFIGURATIONS = ("etc/nginx/", "etc/apache2/", "etc/httpd/", "etc/lighttpd/", "etc/caddy/")
_ROOT = re.compile(
    r"(?:^|[{;])\s*(?:root|DocumentRoot|alias|server\.document-root\s*=)\s+\*?\s*[\"']?(/[^\s;\"']+)",
    re.MULTILINE,
)
_USUAL_ROOTS = ("/var/www/html", "/usr/share/nginx/html", "/usr/share/caddy")


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
    ) or _is_web_server(world, command)


def _is_web_server(world: World, command: tuple[str, ...]) -> bool:
    """Whether it is a server that a package of the distribution brought, and npm made what it serves."""
    place = world.which(command[0])
    known = posixpath.basename(command[0]) in _WEB_SERVERS
    made_here = bool(world.which("npm")) and not world.which("php")
    return bool(known and made_here and place and world.system.owner(place))


def _served(world: World, launch: Launch) -> Iterator[str]:
    """The folders that were filled here and that the server's command line or configuration names."""
    for command in launch.commands:
        if _is_web_server(world, command):
            yield from _roots(world)
        elif _is_server(world, command):
            for word in command[1:]:
                path = posixpath.normpath(posixpath.join("/", world.workdir, word))
                if not word.startswith("-") and path[1:] in world.folders:
                    yield path


def _roots(world: World) -> Iterator[str]:
    configurations = (path for path in world.own if path.startswith(_CONFIGURATIONS))
    named = (root for path in configurations for root in _ROOT.findall(world.text(path)))
    for root in dict.fromkeys([*named, *_USUAL_ROOTS]):
        folder = posixpath.normpath(root)
        if any(path.startswith(f"{folder[1:]}/") for path in world.own):
            yield folder


def _drops(world: World, launch: Launch) -> Iterable[str]:
    """All of the project but what is served."""
    if world.workdir:
        yield f"/{world.workdir}"


def _keeps(world: World, launch: Launch) -> Iterator[str]:
    yield from _served(world, launch)


def _bases(world: World, launch: Launch) -> Iterable[str]:
    """A web server of the distribution needs no Node."""
    if any(_is_web_server(world, command) for command in launch.commands):
        return distribution(world.release)
    return NODE.bases(world, launch)


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
    bases=_bases,
)
