"""System programs that a container calls, by its health check and its scripts.

Their packages are installed in the last stage, even if nothing else asks for them.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

# Where the scripts of others are: modules and packages have scripts for their own developers.
_THIRD_PARTY_PATHS = re.compile(
    r"^(?:usr/(?!src/)|etc/|var/lib/|go/pkg/|root/\.)|(?:^|/)(?:node_modules|vendor)/"
)
# Programs of init systems with the names of subcommands: `nodetool reboot`.
_INIT_PROGRAMS = frozenset(
    {"halt", "init", "poweroff", "reboot", "runlevel", "shutdown", "telinit"}
)
_MAX_SCRIPTS = 200  # scripts; more of them are a collection
_MAX_SCRIPT_LENGTH = 200_000  # characters of a script that are still parsed


def find_called_packages(facts: BuildFacts, startup: Startup) -> frozenset[str]:
    """Return the packages of the programs that the container calls when it starts."""
    return _find_packages(facts, _list_called_programs(facts, startup))


def find_script_packages(facts: BuildFacts) -> frozenset[str]:
    """Return the packages of the programs that any shell script of the application calls.

    All scripts count: after a `chmod` in a `RUN`, the layer no longer shows where one came from.
    """
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
    """Return the packages that own the programs of these names."""
    packages: set[str] = set()
    for name in programs:
        link_path = facts.built.which(name)
        path = facts.built.paths.resolve(link_path) if link_path else None
        if link_path and path:
            packages |= {facts.package_graph.find_program_owner(link_path, path) or ""}
    return frozenset(filter(None, packages))


def _list_called_programs(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield what the startup commands, their scripts and the health check call."""
    yield from (command[0] for command in startup.commands)
    texts = [_read_script(facts, path) for path in startup.scripts]
    health = facts.built.config.health_check
    # CMD-SHELL and a text for a shell, or CMD, a program and its arguments.
    if health and health.test[0] == "CMD-SHELL":
        texts += health.test[1:]
    elif health:
        yield from health.test[1:2]
    arguments = facts.built.config.command_line
    if len(arguments) > 2 and arguments[1] == "-c":
        texts.append(arguments[2])
    yield from _extract_programs(facts, texts)


def _list_own_programs(facts: BuildFacts) -> frozenset[str]:
    """Return the names of the programs that the Dockerfile builds, and links to others none."""
    return frozenset(
        posixpath.basename(path)
        for path, entry in facts.built.own_files.items()
        if entry.mode & 0o111
        and entry.kind is EntryKind.FILE
        and not facts.package_graph.find_owner(path)
    )


def _read_script(facts: BuildFacts, path: str) -> str:
    return facts.built.read_text(path)[:_MAX_SCRIPT_LENGTH]


def _extract_programs(facts: BuildFacts, texts: Iterable[str]) -> Iterator[str]:
    """Yield the words of scripts that may be programs: the first of a command and its operand."""
    own_programs = _list_own_programs(facts)
    for text in texts:
        for command in facts.built.parse_script(text).commands:
            # The second word is a program in `exec curl` and `sudo curl`. A word that is none is
            # not found in PATH, and has no package. In `start elixir`, `start` is a function of the
            # script of a release, which has an Elixir of its own.
            for index, word in enumerate(command.words[:2]):
                is_other = index == 1 and word.value in own_programs | _INIT_PROGRAMS
                if word.value and not word.value.startswith("-") and not is_other:
                    yield word.value
