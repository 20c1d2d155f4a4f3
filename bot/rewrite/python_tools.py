"""Installed Python distributions that only build: Poetry, pytest and what they alone require.

The verifier finds them by itself (bot/verify/python_packages.py), and looks for imports, too.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.image.packages.python import normalise_name
from bot.pattern_lists import read_names
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.project_residue import ProjectResidue, came_from_context
from bot.rewrite.startup import Startup

_TOOLS = frozenset(read_names("bot.rewrite", "python_tools.txt", "tools"))
_INFORMATION = re.compile(
    r"(?P<folder>.*/site-packages)/(?P<name>[^/]+?)-[^/-]+\.dist-info/(?P<file>RECORD|METADATA)"
)
# A tool's module has its name, with an underscore for a dash.
_IMPORT = r"(?m)^\s*(?:from|import)\s+(?:[\w., ]+,\s*)?{}\b"
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([\w.-]+)(.*)$", re.MULTILINE)


def list_distribution_folders(paths: Iterable[str]) -> frozenset[str]:
    """Return the `.dist-info` folders of distributions that `pip` installed."""
    matches = (_INFORMATION.fullmatch(path) for path in paths if path.endswith("/RECORD"))
    return frozenset(posixpath.dirname(match[0]) for match in matches if match)


def list_repeated_distributions(
    facts: BuildFacts, base: BaseCandidate, copied_folders: Iterable[str]
) -> tuple[str, ...]:
    """Return the base image's distributions that the new base image has, too, pip last.

    A copy of all of `site-packages` would store pip and setuptools once more.
    """
    folders, libraries = frozenset(copied_folders), _find_libraries(facts)
    repeated = (
        match
        for path in base.python_distributions
        if (match := _INFORMATION.fullmatch(f"{path}/RECORD")) and match["folder"] in folders
        if match[0].startswith(libraries) and match[0] in facts.built.tree
        if match[0] not in facts.built.own_files
    )
    # pip uninstalls in the order of its arguments: itself last, as it imports from its folder.
    return tuple(
        sorted((match["name"] for match in repeated), key=lambda name: (name == "pip", name))
    )


@dataclass
class _RecordedDistribution:
    """One distribution of site-packages, by what its installer recorded."""

    folder: str = ""
    files: list[str] = field(default_factory=list)
    requirements: set[str] = field(default_factory=set)
    optional_requirements: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class PythonTools:
    """Distributions that only build, and their scripts, without a leading slash."""

    names: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


def find_python_tools(facts: BuildFacts, startup: Startup) -> PythonTools:
    """Return the tools that the Dockerfile installed and that the container needs for nothing."""
    distributions = _read_distributions(facts)
    scripts = {name: tuple(_list_scripts(x)) for name, x in distributions.items()}
    started = {
        name
        for name in distributions
        if name in startup.program_names
        or any(posixpath.basename(x) in startup.program_names for x in scripts[name])
    }
    # An application may format code itself: what it starts or imports is no tool.
    needed = started | _find_imported(facts, startup, _TOOLS & distributions.keys())
    tools = _collect(distributions, (_TOOLS & distributions.keys()) - needed)
    # What a tool requires goes with it unless something else requires it, too: requests of Poetry
    # may be requests of the application.
    others = distributions.keys() - tools | needed
    names = sorted(tools - _collect(distributions, others, with_optional=True))
    return PythonTools(tuple(names), tuple(x for name in names for x in scripts[name]))


def _find_imported(facts: BuildFacts, startup: Startup, tools: frozenset[str]) -> set[str]:
    """Return the tools that a source of the application imports; tests do not count."""
    residue = ProjectResidue(facts, startup)
    paths = (
        path
        for path in facts.built.own_files
        if path.endswith(".py")
        and came_from_context(facts, path)
        and not _TEST_FILE.search(path)
        and not residue.includes(path)
    )
    # Most images have none of the tools: no source is read for them.
    code = "\n".join(facts.built.read_text(path) for path in paths) if tools else ""
    return {name for name in tools if re.search(_IMPORT.format(name.replace("-", "_")), code)}


def _read_distributions(facts: BuildFacts) -> Mapping[str, _RecordedDistribution]:
    """Return the distributions that `pip` can uninstall, by their names as PEP 503 has them."""
    distributions: dict[str, _RecordedDistribution] = {}
    libraries = _find_libraries(facts)
    for path in facts.built.own_files:
        match = _INFORMATION.fullmatch(path)
        if not match or not path.startswith(libraries):
            continue
        name = normalise_name(match["name"])
        distribution = distributions.setdefault(name, _RecordedDistribution(match["folder"]))
        text = facts.built.read_text(path)
        if match["file"] == "RECORD":
            distribution.files = [line.partition(",")[0] for line in text.splitlines()]
        for requirement, condition in _REQUIREMENT.findall(text):
            normal = normalise_name(requirement)
            # `Requires-Dist: pytest>=7; extra == "dev"` (PEP 508)
            is_optional = "extra" in condition
            (distribution.optional_requirements if is_optional else distribution.requirements).add(
                normal
            )
    return distributions


def _find_libraries(facts: BuildFacts) -> str:
    """Return the folder below which `pip` installs, with a slash at its end."""
    # /usr/local/bin/pip installs into /usr/local/lib. It cannot uninstall what is elsewhere, such
    # as apt's python3-* or another virtual environment.
    return f"{posixpath.dirname(posixpath.dirname(facts.built.which('pip') or ''))}/lib/"


def _list_scripts(distribution: _RecordedDistribution) -> Iterator[str]:
    """Yield the paths of the programs; they are recorded as `../../../bin/name`."""
    for name in distribution.files:
        if name.startswith("../"):
            path = posixpath.normpath(posixpath.join(distribution.folder, name))
            if "/bin/" in path:
                yield path


def _collect(
    distributions: Mapping[str, _RecordedDistribution],
    names: Iterable[str],
    *,
    with_optional: bool = False,
) -> frozenset[str]:
    """Return distributions and their requirements, transitively."""
    collected, pending = set[str](), list(names)
    while pending:
        name = pending.pop()
        if name in distributions and name not in collected:
            collected.add(name)
            distribution = distributions[name]
            pending += distribution.requirements
            # An extra may name what its tests need: that is no reason to keep a tool.
            pending += distribution.optional_requirements - _TOOLS if with_optional else ()
    return frozenset(collected)
