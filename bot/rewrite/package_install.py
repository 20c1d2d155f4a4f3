"""Which system packages the last stage installs: those asked for that run, and the libraries that what
is copied loads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem

# Tools that programs call just as well (curl, wget, jq) stay where they were asked for.
BUILD_ONLY_PACKAGES = compile_sections(
    "bot.image.packages",
    "build_only.txt",
    "compilers",
    "headers",
    "symbols, sources and documentation",
    "build tools",
)


@dataclass(frozen=True, slots=True)
class PackageInstall:
    """Packages for the last stage; `recommended` says whether those they recommend come along."""

    names: tuple[str, ...] = ()
    with_recommends: bool = False


def plan_install(
    facts: BuildFacts,
    ecosystem: Ecosystem,
    base_packages: frozenset[str],
    required_packages: Iterable[str],
) -> PackageInstall:
    """What to install on a base that has `present`; `needed` are the owners of loaded libraries."""
    asked = list(_iter_install_calls(facts))
    kept = [
        name
        for call in asked
        for name in _parse_package_names(call)
        if not BUILD_ONLY_PACKAGES.fullmatch(name)
        and not ecosystem.build_package_pattern.fullmatch(name)
    ]
    recommended = bool(kept) and not any(_skips_recommends(call) for call in asked)
    brought = facts.package_graph.resolve_closure(kept, with_recommends=recommended)
    more = sorted(name for name in required_packages if name not in brought)
    names = dict.fromkeys([*kept, *_find_topmost_packages(facts, more)])
    return PackageInstall(tuple(x for x in names if x not in base_packages), recommended)


def find_header_libraries(facts: BuildFacts) -> frozenset[str]:
    """The libraries that the headers asked for belong to: programs may open them by name, unseen."""
    headers = {
        x
        for call in _iter_install_calls(facts)
        for x in _parse_package_names(call)
        if x.endswith(("-dev", "-devel"))
    }
    known = (
        facts.package_graph.packages[name]
        for name in headers
        if name in facts.package_graph.packages
    )
    needs = (name for package in known for name in package.dependencies)
    return frozenset(
        x
        for x in needs
        if x in facts.package_graph.packages and not BUILD_ONLY_PACKAGES.fullmatch(x)
    )


def render_install(install: PackageInstall, package_manager: str) -> Sequence[str]:
    """The instruction that installs them; nothing if there is nothing to install."""
    if not install.names or not package_manager:
        return ()
    names = " ".join(install.names)
    if package_manager == "apk":
        return (f"RUN apk add --no-cache {names}",)
    flag = "" if install.with_recommends else " --no-install-recommends"
    return (
        f"RUN apt-get update && apt-get install -y{flag} {names} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    )


def _iter_install_calls(facts: BuildFacts) -> Iterator[Call]:
    """The commands that install system packages."""
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.subcommand in INSTALL_SUBCOMMANDS.get(call.name, ()):
                yield call


def _parse_package_names(call: Call) -> Iterator[str]:
    """The packages that a command installs; versions are left to the distribution's release."""
    skipped = False
    for word in call.arguments:
        value = word.value or ""
        if skipped:
            skipped = False
        elif value in ("-t", "--virtual", "-o", "--repository", "-X"):
            skipped = True
        elif value and not value.startswith(("-", ".", "/")) and value != call.subcommand:
            yield re.split(r"[=<>~]", value)[0]


def _skips_recommends(call: Call) -> bool:
    """Whether it leaves out what packages recommend."""
    return (
        call.name == "apk"
        or any("no-install-recommends" in x for x in call.known_arguments)
        or any("Install-Recommends=" in x for x in call.known_arguments)
    )


def _find_topmost_packages(facts: BuildFacts, names: Sequence[str]) -> Iterator[str]:
    """Those of several packages that no other of them brings along."""
    for name in names:
        others = facts.package_graph.resolve_closure([x for x in names if x != name])
        if name not in others or any(
            name in facts.package_graph.resolve_closure([x])
            and x in facts.package_graph.resolve_closure([name])
            for x in names
            if x < name
        ):
            yield name
