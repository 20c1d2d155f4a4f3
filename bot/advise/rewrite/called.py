"""The programs of the system that a container is seen to call: by its health check and its scripts."""

from collections.abc import Iterator

from bot.advise.rewrite.launch import Launch
from bot.advise.rewrite.world import World


def owners_of_called(world: World, launch: Launch) -> frozenset[str]:
    """The packages of those programs."""
    found: set[str] = set()
    for name in _called(world, launch):
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
    for text in texts:
        for command in world.read_script(text).commands:
            for word in command.words[:2]:
                if word.value and not word.value.startswith("-"):
                    yield word.value
