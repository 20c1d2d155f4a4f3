"""An image made for compiling, as the base of a stage that compiles nothing."""

import re
from collections.abc import Iterator

from bot.advise.finding import Finding, Tier
from bot.advise.subject import Subject
from bot.core.edit import Change

_RELEASES = "bullseye|bookworm|trixie|buster"
_VERSION = r"(?:\d+(?:\.\d+)*(?:-rc\S*)?|latest|lts|current)"
_TAG = re.compile(rf"(?P<version>{_VERSION})?(?:-?(?P<release>{_RELEASES}))?")
# Where the word `slim` stands in the tags of an image.
_BEFORE_RELEASE = ("python", "ruby", "perl")
_BEHIND_RELEASE = ("node", "debian")
_COMPILING = (
    "gcc", "g++", "cc", "make", "cmake", "cargo", "go", "mvn", "gradle", "node-gyp", "git", "hg",
    "svn", "convert", "magick",
)  # fmt: skip
# What the full images have and slim ones have not, of Debian's packages (buildpack-deps).
_BUILD_PACKAGES = re.compile(
    r"gcc|g\+\+|cpp|lib.*-dev$|make$|autoconf|automake|patch$|mercurial|subversion|git$|git-man|"
    r"imagemagick|libmagick|linux-libc-dev|binutils|bzr|dpkg-dev|file$|unzip$|procps$|libc-dev-bin|"
    r"python3|libpython3|openssh-client|icu-devtools|mariadb-common|libmariadb"
)


def find(subject: Subject) -> Iterator[Finding]:
    """The base of what ships, if it is a full one and nothing here needs it."""
    if not subject.stages:
        return
    stage = subject.stages[0]
    slim = slim_of(subject.base or "")
    compiles = any(x.name in _COMPILING for step in subject.steps for x in step.calls)
    if slim is None or compiles or "$" in stage.base or stage.base != subject.base:
        return
    arguments = stage.origin.arguments
    start = arguments.text.index(stage.base)
    yield Finding(
        stage.origin,
        f"Start from {slim}",
        "It has the same system and the same interpreter, without compilers, headers and version "
        "control. Check that nothing is compiled or fetched from git on the way, and that no "
        "library of the full image is loaded at run time: install those that are.",
        _saving(subject),
        (Change(arguments[start : start + len(stage.base)].span, slim),),
        Tier.CHECK,
    )


def slim_of(image: str) -> str | None:
    """The slim variant of an official image; None if it has none, or is one.

    >>> slim_of("node:20-bookworm")
    'node:20-bookworm-slim'
    """
    name, _, tag = image.partition(":")
    short = name.removeprefix("docker.io/").removeprefix("library/")
    found = _TAG.fullmatch(tag)
    if "@" in image or short not in (*_BEFORE_RELEASE, *_BEHIND_RELEASE) or not found:
        return None
    version = "" if found["version"] == "latest" else found["version"] or ""
    release = found["release"] or ("stable" if short == "debian" and not version else "")
    before = short in _BEFORE_RELEASE
    order = (version, "slim", release) if before else (version, release, "slim")
    return f"{name}:" + "-".join(part for part in order if part)


def _saving(subject: Subject) -> int | None:
    """At least what the packages for building weigh in the base image's layers."""
    if subject.evidence is None:
        return None
    packages = subject.evidence.base_packages
    return sum(size for name, size in packages.items() if _BUILD_PACKAGES.match(name))
