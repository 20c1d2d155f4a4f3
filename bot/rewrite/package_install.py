"""Which system packages the last stage installs: those asked for that run, and the libraries that what
is copied loads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.shell_calls import Call
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem

_VERBS = {
    "apt-get": "install",
    "apt": "install",
    "apk": "add",
    "dnf": "install",
    "yum": "install",
    "microdnf": "install",
}
# Packages that compile, fetch or unpack: nothing that a program calls once it runs.
BUILD_ONLY = re.compile(
    r"(?:build-essential|build-base|alpine-sdk|gcc|g\+\+|gcc-c\+\+|clang|llvm|cpp|binutils|make|cmake|"
    r"ninja(?:-build)?|meson|scons|autoconf|automake|libtool|libtool-bin|pkg-config|pkgconf|patch|m4|"
    r"bison|flex|rustc|cargo|golang(?:-go)?|maven|gradle|ant|swig|cython3?|gettext|gfortran|yasm|nasm|"
    r"linux-headers(?:-\S+)?|linux-libc-dev|musl-dev|musl-tools|libc-dev|libc6-dev|ccache|lld|mold|"
    r"dpkg-dev|debhelper|fakeroot|devscripts|software-properties-common|apt-transport-https|"
    r"lsb-release|gnupg2?|dirmngr|git|git-core|subversion|mercurial|unzip|xz-utils|bzip2|zip|"
    r"virtualenv|python3?-(?:pip|venv|virtualenv|setuptools|wheel|distutils)|pipx|"
    r"apt-utils|file|vim|nano|less|man-db|sudo|protobuf-compiler|"
    r"(?:openjdk|default)-?\d*-jdk(?:-headless)?)(?:-\d[\d.]*)?|\S+-(?:dev|devel)|lib\S+-dev\S*"
)


@dataclass(frozen=True, slots=True)
class Install:
    """Packages for the last stage; `recommended` says whether those they recommend come along."""

    names: tuple[str, ...] = ()
    recommended: bool = False


def install_of(
    world: World, ecosystem: Ecosystem, present: frozenset[str], needed: Iterable[str]
) -> Install:
    """What to install on a base that has `present`; `needed` are the owners of loaded libraries."""
    asked = list(_asked(world))
    kept = [
        name
        for call in asked
        for name in _names(call)
        if not BUILD_ONLY.fullmatch(name) and not ecosystem.packages.fullmatch(name)
    ]
    recommended = bool(kept) and not any(_is_bare(call) for call in asked)
    brought = world.system.closure(kept, recommended=recommended)
    more = sorted(name for name in needed if name not in brought)
    names = dict.fromkeys([*kept, *_topmost(world, more)])
    return Install(tuple(x for x in names if x not in present), recommended)


def libraries_behind_headers(world: World) -> frozenset[str]:
    """The libraries that the headers asked for belong to: programs may open them by name, unseen."""
    headers = {x for call in _asked(world) for x in _names(call) if x.endswith(("-dev", "-devel"))}
    known = (world.system.packages[name] for name in headers if name in world.system.packages)
    needs = (name for package in known for name in package.needs)
    return frozenset(x for x in needs if x in world.system.packages and not BUILD_ONLY.fullmatch(x))


def lines_of(install: Install, installer: str) -> Sequence[str]:
    """The instruction that installs them; nothing if there is nothing to install."""
    if not install.names or not installer:
        return ()
    names = " ".join(install.names)
    if installer == "apk":
        return (f"RUN apk add --no-cache {names}",)
    flag = "" if install.recommended else " --no-install-recommends"
    return (
        f"RUN apt-get update && apt-get install -y{flag} {names} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    )


def _asked(world: World) -> Iterator[Call]:
    """The commands that install system packages."""
    for step in world.subject.runs():
        for call in step.calls:
            if _VERBS.get(call.name) == call.verb:
                yield call


def _names(call: Call) -> Iterator[str]:
    """The packages that a command installs; versions are left to the distribution's release."""
    skipped = False
    for word in call.arguments:
        value = word.value or ""
        if skipped:
            skipped = False
        elif value in ("-t", "--virtual", "-o", "--repository", "-X"):
            skipped = True
        elif value and not value.startswith(("-", ".", "/")) and value != call.verb:
            yield re.split(r"[=<>~]", value)[0]


def _is_bare(call: Call) -> bool:
    """Whether it leaves out what packages recommend."""
    return (
        call.name == "apk"
        or any("no-install-recommends" in x for x in call.values)
        or any("Install-Recommends=" in x for x in call.values)
    )


def _topmost(world: World, names: Sequence[str]) -> Iterator[str]:
    """Those of several packages that no other of them brings along."""
    for name in names:
        others = world.system.closure([x for x in names if x != name])
        if name not in others or any(
            name in world.system.closure([x]) and x in world.system.closure([name])
            for x in names
            if x < name
        ):
            yield name
