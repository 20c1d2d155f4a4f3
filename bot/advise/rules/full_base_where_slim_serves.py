"""An image made for compiling, as the base of a stage that compiles nothing."""

import re
from collections.abc import Iterator

from bot.advise.base_images import read_reference, slim_of
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call

_COMPILING = (
    "gcc", "g++", "cc", "make", "cmake", "cargo", "go", "mvn", "gradle", "node-gyp", "git", "hg",
    "svn", "convert", "magick",
)  # fmt: skip
_COMPILERS = re.compile(r"gcc|g\+\+|clang|build-essential|build-base|make|cmake|\S+-dev")
# What the full images have and slim ones have not, of Debian's packages (buildpack-deps).
_BUILD_PACKAGES = re.compile(
    r"gcc|g\+\+|cpp|lib.*-dev$|make$|autoconf|automake|patch$|mercurial|subversion|git$|git-man|"
    r"imagemagick|libmagick|linux-libc-dev|binutils|bzr|dpkg-dev|file$|unzip$|procps$|libc-dev-bin|"
    r"python3|libpython3|openssh-client|icu-devtools|mariadb-common|libmariadb"
)

_INTERPRETER = (
    "It has the same system and the same interpreter, without compilers, headers and version "
    "control. Check that nothing is compiled or fetched from git on the way, and that no "
    "library of the full image is loaded at run time: install those that are."
)
_BARE = (
    "It is the same system without documentation, manual pages and translations. Check that nothing "
    "reads those at run time."
)


def find(subject: Subject) -> Iterator[Finding]:
    """The base of what ships, if it is a full one and nothing here needs it."""
    if not subject.stages:
        return
    stage = subject.stages[0]
    slim = slim_of(subject.base or "")
    calls = [call for step in subject.steps for call in step.calls]
    compiles = any(x.name in _COMPILING or _brings_compilers(x) for x in calls)
    if slim is None or compiles or "$" in stage.base or stage.base != subject.base:
        return
    arguments = stage.origin.arguments
    start = arguments.text.index(stage.base)
    yield Finding(
        stage.origin,
        f"Start from {slim}",
        _BARE if read_reference(slim).name == "debian" else _INTERPRETER,
        _saving(subject),
        (Change(arguments[start : start + len(stage.base)].span, slim),),
        Tier.CHECK,
    )


def _brings_compilers(call: Call) -> bool:
    """Whether a compiler is installed, which a slim image would get all of anew."""
    return call.verb in ("install", "add") and any(map(_COMPILERS.fullmatch, call.values))


def _saving(subject: Subject) -> int | None:
    """At least what the packages for building weigh in the base image's layers."""
    if subject.evidence is None:
        return None
    packages = subject.evidence.base_packages
    return sum(size for name, size in packages.items() if _BUILD_PACKAGES.match(name))
