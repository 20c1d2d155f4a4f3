"""The programs of the system that a container is seen to call: by its health check and its scripts."""

import re
from collections.abc import Iterable, Iterator

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

# Where the scripts of others are.
_THIRD_PARTY_PATHS = re.compile(
    r"^(?:usr/(?!src/)|etc/|var/lib/|go/pkg/|root/\.)|(?:^|/)(?:node_modules|vendor)/"
)
_MAX_SCRIPTS = 200  # scripts; more of them are a collection
_MAX_SCRIPT_LENGTH = 200_000  # characters of a script that are still parsed


def find_called_packages(facts: BuildFacts, startup: Startup) -> frozenset[str]:
    """The packages of those programs."""
    return _find_packages(facts, _list_called_programs(facts, startup))


def find_script_packages(facts: BuildFacts) -> frozenset[str]:
    """The packages of the programs that any script of the application calls, whoever starts it; a
    `chmod` may have made it a RUN's."""
    scripts = [
        path
        for path in facts.built.own_files
        if path.endswith(".sh") and not _THIRD_PARTY_PATHS.search(path)
    ]
    return _find_packages(
        facts,
        _extract_programs(facts, (_read_script(facts, path) for path in scripts[:_MAX_SCRIPTS])),
    )


def _find_packages(facts: BuildFacts, programs: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in programs:
        place = facts.built.which(name)
        path = facts.built.paths.resolve(place) if place else None
        owner = (
            facts.package_graph.find_owner(path) or facts.package_graph.find_owner(place or "")
            if path
            else None
        )
        if owner:
            found.add(owner)
    return frozenset(found)


def _list_called_programs(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    yield from (command[0] for command in startup.commands)
    texts = [_read_script(facts, path) for path in startup.scripts]
    health = facts.built.config.health_check
    if health and health.test[0] == "CMD-SHELL":
        texts += health.test[1:]
    elif health:
        yield from health.test[1:2]
    arguments = facts.built.config.command_line
    if len(arguments) > 2 and arguments[1] == "-c":
        texts.append(arguments[2])
    yield from _extract_programs(facts, texts)


def _read_script(facts: BuildFacts, path: str) -> str:
    return facts.built.read_text(path)[:_MAX_SCRIPT_LENGTH]


def _extract_programs(facts: BuildFacts, texts: Iterable[str]) -> Iterator[str]:
    """The words of shell texts that may be programs: the first, and what that may start."""
    for text in texts:
        for command in facts.built.parse_script(text).commands:
            for word in command.words[:2]:
                if word.value and not word.value.startswith("-"):
                    yield word.value
