"""The programs of the system that a container is seen to call: by its health check and its scripts."""

import re
from collections.abc import Iterable, Iterator

from bot.rewrite.build_facts import World
from bot.rewrite.startup import Launch

# Where the scripts of others are.
_OTHERS = re.compile(
    r"^(?:usr/(?!src/)|etc/|var/lib/|go/pkg/|root/\.)|(?:^|/)(?:node_modules|vendor)/"
)
_MOST = 200  # scripts; more of them are a collection


def owners_of_called(world: World, launch: Launch) -> frozenset[str]:
    """The packages of those programs."""
    return _owners(world, _called(world, launch))


def owners_in_scripts(world: World) -> frozenset[str]:
    """The packages of the programs that any script of the application calls, whoever starts it; a
    `chmod` may have made it a RUN's."""
    scripts = [path for path in world.own if path.endswith(".sh") and not _OTHERS.search(path)]
    return _owners(world, _words(world, map(world.text, scripts[:_MOST])))


def _owners(world: World, programs: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in programs:
        place = world.which(name)
        path = world.paths.real(place) if place else None
        owner = world.system.owner(path) or world.system.owner(place or "") if path else None
        if owner:
            found.add(owner)
    return frozenset(found)


def _called(world: World, launch: Launch) -> Iterator[str]:
    yield from (command[0] for command in launch.commands)
    texts = [world.text(path) for path in launch.scripts]
    health = world.settings.health
    if health and health.test[0] == "CMD-SHELL":
        texts += health.test[1:]
    elif health:
        yield from health.test[1:2]
    arguments = world.settings.arguments
    if len(arguments) > 2 and arguments[1] == "-c":
        texts.append(arguments[2])
    yield from _words(world, texts)


def _words(world: World, texts: Iterable[str]) -> Iterator[str]:
    """The words of shell texts that may be programs: the first, and what that may start."""
    for text in texts:
        for command in world.read_script(text).commands:
            for word in command.words[:2]:
                if word.value and not word.value.startswith("-"):
                    yield word.value
