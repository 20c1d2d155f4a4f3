"""The packages that a Dockerfile installs and that stay in the build stage, with the reason.

A compiler stays because only compiling calls it; any other tool stays only where no source, script
or library that is shipped names one of its programs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.image.program_callers import find_program_callers, is_node_script
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.project_residue import came_from_context

_LIST = ("bot.image.packages", "build_only.txt")
# Tools that programs call just as well (curl, wget, jq) stay where they were asked for.
BUILD_ONLY_PACKAGES = compile_sections(
    *_LIST, "compilers", "headers", "symbols, sources and documentation", "build tools"
)
_BUILD_TOOLS = compile_sections(*_LIST, "build tools")
_PROGRAM_PATH = re.compile(r"(?:usr/)?(?:local/)?s?bin/([^/]+)$")
# Libraries that are installed for the program, not toolchains and their module caches.
_LIBRARY_PATH = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|vendor|gems)/|^usr/local/bundle/"
)
_TOOLCHAIN_PATH = re.compile(r"(?:usr/local/(?:go|rustup|cargo)|go/pkg|root/\.\w+|usr/share|tmp)/")
_TEST_PATH = re.compile(r"(?:^|/)(?:tests?|__tests__|spec|testing|examples?)/|_test\.\w+$")

_COMPILING_REASON = "only compiling calls them"
_UNCALLED_REASON = "no source, script or library that is shipped names their programs"


@dataclass(frozen=True, slots=True)
class LeftPackage:
    """A package that stays in the build stage, and the reason."""

    name: str
    reason: str


def is_build_only(ecosystem: Ecosystem, name: str) -> bool:
    """Return True if a package is one for builds, by its name."""
    return bool(
        BUILD_ONLY_PACKAGES.fullmatch(name) or ecosystem.build_package_pattern.fullmatch(name)
    )


def find_called_build_tools(
    facts: BuildFacts, ecosystem: Ecosystem, names: Iterable[str]
) -> frozenset[str]:
    """Return those of the packages for builds that something in the image calls when it runs."""
    # gettext looks as if only builds needed it, but Django's compilemessages calls it: of a tool,
    # the name of the package is not enough.
    patterns = (_BUILD_TOOLS, ecosystem.build_package_pattern)
    tools = frozenset(name for name in names if any(x.fullmatch(name) for x in patterns))
    programs = dict(_list_programs(facts, tools))
    # Where Node only compiles assets, nothing runs its scripts.
    without_node = bool(ecosystem.build_package_pattern.fullmatch("nodejs"))
    callers = find_program_callers(
        facts.built,
        programs.keys(),
        lambda path: _may_call(facts, path) and not (without_node and is_node_script(path)),
    )
    return frozenset(programs[name] for name in callers)


def list_left_packages(
    facts: BuildFacts, names: Iterable[str], ecosystem: Ecosystem, installed: Iterable[str]
) -> tuple[LeftPackage, ...]:
    """List those of the packages `names` that are for builds and not installed again."""
    # What another package brings is not left behind, though it is not named.
    present = {*installed, *facts.package_graph.resolve_closure(installed)}
    return tuple(
        LeftPackage(name, _find_reason(name))
        for name in dict.fromkeys(names)
        if is_build_only(ecosystem, name) and name not in present and _is_installed(facts, name)
    )


def describe_left_packages(packages: Iterable[LeftPackage]) -> str:
    """Return a sentence that names the packages, by reason; empty if there are none."""
    names_by_reason: dict[str, list[str]] = {}
    for package in packages:
        names_by_reason.setdefault(package.reason, []).append(package.name)
    groups = [f"{', '.join(names)} ({reason})" for reason, names in names_by_reason.items()]
    if not groups:
        return ""
    return f" Of the packages that it installs, these stay in the build stage: {'; '.join(groups)}."


def _find_reason(name: str) -> str:
    is_compiling = BUILD_ONLY_PACKAGES.fullmatch(name) and not _BUILD_TOOLS.fullmatch(name)
    return _COMPILING_REASON if is_compiling else _UNCALLED_REASON


def _is_installed(facts: BuildFacts, name: str) -> bool:
    """Return True unless the image's database shows that a package was removed again."""
    packages = facts.package_graph.packages
    return not packages or name in packages


def _list_programs(facts: BuildFacts, packages: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the programs of packages, each with its package."""
    for path, owner in facts.package_graph.file_owners.items() if packages else ():
        if owner in packages and (match := _PROGRAM_PATH.match(path)):
            yield match[1], owner


def _may_call(facts: BuildFacts, path: str) -> bool:
    """Return True for the application's sources and scripts, and for installed libraries."""
    # A test that calls git does not run in the container.
    if _TOOLCHAIN_PATH.match(path) or _TEST_PATH.search(path):
        return False
    return came_from_context(facts, path) or bool(_LIBRARY_PATH.search(path))
