"""The system packages that the last stage installs.

They are those that the Dockerfile installs and that run, and the owners of libraries that copied
programs load.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.left_packages import (
    BUILD_ONLY_PACKAGES,
    LeftPackage,
    is_build_only,
    list_left_packages,
)

# Options of apt-get(8) and apk-add(8) that take the next word: `apt-get -t bookworm-backports`,
# `apk add -t .build-deps`, `-o Acquire::Retries=3`. Taken for a package, it fails the last stage.
_OPTIONS_WITH_VALUE = frozenset(
    {
        "-t",
        "--target-release",
        "--default-release",
        "-o",
        "--option",
        "-c",
        "--config-file",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--arch",
        "--cache-dir",
        "--keys-dir",
        "--repositories-file",
    }
)
_PACKAGE_SUFFIXES = (".deb", ".apk")
# `curl=7.88*`, `curl~=8`, `git/bookworm-backports`, `libfoo@testing`: a release and a tag of apk
# name sources of packages that only the build stage has set up.
_VERSION_START = re.compile(r"[=<>~/@]")


@dataclass(frozen=True, slots=True)
class PackageInstall:
    """The packages for the last stage, with or without those that they recommend.

    `left_packages` are those that the Dockerfile asks for and that stay in the build stage.
    """

    names: tuple[str, ...] = ()
    with_recommends: bool = False
    left_packages: tuple[LeftPackage, ...] = ()


def plan_install(
    facts: BuildFacts,
    ecosystem: Ecosystem,
    base_packages: frozenset[str],
    required_packages: Iterable[str],
) -> PackageInstall:
    """Plan what to install on a base that has `base_packages` already.

    `required_packages` own the libraries that copied programs load, and the programs that are
    called.
    """
    calls = list(_iter_install_calls(facts))
    requested = [name for call in calls for name in _parse_package_names(call)]
    required = frozenset(required_packages)
    run_time_packages = [
        name for name in requested if name in required or not is_build_only(ecosystem, name)
    ]
    # There is one installation in the last stage. Of several in the file, the one that skips what
    # is recommended decides. What the others brought as recommended is then asked for by name.
    with_recommends = bool(run_time_packages) and not any(_skips_recommends(call) for call in calls)
    if not with_recommends:
        recommending = (call for call in calls if not _skips_recommends(call))
        sources = {name for call in recommending for name in _parse_package_names(call)}
        required |= _find_recommended(facts, sources.intersection(run_time_packages), ecosystem)
    closure = facts.package_graph.resolve_closure(
        run_time_packages, with_recommends=with_recommends
    )
    # A reader asks of each name why it is there: what another one brings is not named.
    missing = sorted(required - closure)
    names = dict.fromkeys([*run_time_packages, *_find_topmost_packages(facts, missing)])
    left_packages = list_left_packages(facts, requested, ecosystem, (*names, *base_packages))
    missing_names = tuple(x for x in names if x not in base_packages)
    return PackageInstall(missing_names, with_recommends, left_packages)


def _find_recommended(
    facts: BuildFacts, names: Iterable[str], ecosystem: Ecosystem
) -> frozenset[str]:
    """Return the installed packages that others of these names recommend: a dictionary, fonts.

    What only their libraries recommend is left out, as hardly anything of it is missed.
    """
    packages = facts.package_graph.packages
    present = (packages[name] for name in names if name in packages)
    recommended = {name for package in present for name in package.recommends if name in packages}
    return frozenset(name for name in recommended if not is_build_only(ecosystem, name))


def list_requested_packages(facts: BuildFacts) -> frozenset[str]:
    """Return the packages that the Dockerfile asks for by name."""
    return frozenset(
        name for call in _iter_install_calls(facts) for name in _parse_package_names(call)
    )


def find_header_libraries(facts: BuildFacts) -> frozenset[str]:
    """Return the libraries of the installed headers: programs may open them with `dlopen`."""
    packages = facts.package_graph.packages
    requested = list_requested_packages(facts)
    headers = (packages[name] for name in requested & packages.keys() if _is_header_package(name))
    dependencies = {name for header in headers for name in header.dependencies}
    return frozenset(
        name for name in dependencies & packages.keys() if not BUILD_ONLY_PACKAGES.fullmatch(name)
    )


def _is_header_package(name: str) -> bool:
    return name.endswith(("-dev", "-devel"))


def render_install(install: PackageInstall, package_manager: str) -> Sequence[str]:
    """Return the commands that install packages; none if there is nothing to install."""
    if not install.names or not package_manager:
        return ()
    names = " ".join(install.names)
    # apt has no `--no-cache`: its lists are removed in the same RUN.
    if package_manager == "apk":
        return (f"apk add --no-cache {names}",)
    flag = "" if install.with_recommends else " --no-install-recommends"
    return (
        f"apt-get update && apt-get install -y{flag} {names}",
        "rm -rf /var/lib/apt/lists/*",
    )


def _iter_install_calls(facts: BuildFacts) -> Iterator[Call]:
    """Yield the commands that install system packages."""
    for step in facts.rule_input.iter_runs():
        for call in step.calls:
            if call.subcommand in INSTALL_SUBCOMMANDS.get(call.name, ()):
                yield call


def _parse_package_names(call: Call) -> Iterator[str]:
    """Yield the packages that a command installs, without their versions.

    Versions are left to the distribution's release.
    """
    is_option_value = False
    for word in call.arguments:
        value = word.value or ""
        if is_option_value:
            is_option_value = False
        elif value in _OPTIONS_WITH_VALUE:
            is_option_value = True
        # A file (`./tool.deb`) is of the build stage: no repository has it.
        elif value.startswith(("-", ".", "/")) or value.endswith(_PACKAGE_SUFFIXES):
            continue
        elif value and value != call.subcommand:
            yield _VERSION_START.split(value)[0]


def _skips_recommends(call: Call) -> bool:
    """Return True if a command leaves out recommended packages."""
    # apk knows no recommended packages.
    return (
        call.name == "apk"
        or any("no-install-recommends" in x for x in call.known_arguments)
        or any("Install-Recommends=" in x for x in call.known_arguments)
    )


def _find_topmost_packages(facts: BuildFacts, names: Sequence[str]) -> Iterator[str]:
    """Yield the packages that no other one of them depends on."""
    graph = facts.package_graph
    for name in names:
        closure_of_others = graph.resolve_closure([x for x in names if x != name])
        # Of packages that depend on each other, all but the first are named.
        is_mutual = any(
            name in graph.resolve_closure([other]) and other in graph.resolve_closure([name])
            for other in names
            if other < name
        )
        if name not in closure_of_others or is_mutual:
            yield name
