"""Packages that the Dockerfile asked for by name, and that the new image does not have."""

import re
from collections.abc import Iterator

from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit, Piece

_KINDS = frozenset({"deb", "apk", "rpm"})
_BUILD = re.compile(
    r".*-(?:dev|devel|dbg|dbgsym|doc|docs|headers|static|src)$|build-essential|build-base|(?:gcc|g\+\+|cpp|clang|llvm|lld)"
    r"(?:-[\w.+-]+)?|make|cmake\w*|ninja-build|ninja|meson|autoconf|automake|autotools-dev|libtool(?:-bin)?"
    r"|pkg-config|pkgconf|pkgconfig|bison|flex|nasm|yasm|patch|binutils(?:-[\w-]+)?|gettext|swig|gperf|ccache"
    r"|fakeroot|dpkg-dev|debhelper|linux-libc-dev|libc6-dev|musl-dev|golang(?:-[\w.-]+)?|go|rustc|cargo|rustup"
    r"|maven|gradle|ant|sbt|npm|yarn|python3?-(?:dev|pip|setuptools|wheel|venv|distutils)|py3-pip|virtualenv"
    r"|git|git-core|mercurial|subversion|bzr|curl|wget|unzip|zip|xz-utils|xz|bzip2|tar|gzip|gnupg\d?|dirmngr"
    r"|apt-transport-https|apt-utils|lsb-release|software-properties-common|protobuf-compiler|protoc|upx(?:-ucl)?"
    r"|file|less|vim(?:-tiny)?|nano|man-db|sudo|openssh-client|rsync|jq|bash-completion|strace|gdb|valgrind|texinfo"
    r"|openjdk-[\d]+-jdk(?:-headless)?|default-jdk(?:-headless)?|elixir|erlang-dev|groff|help2man|chrpath|patchelf"
)
# What full base images have anyway, so that nobody asks for it, and programs do call.
_TOOLS = ("gcc", "g++", "git", "curl", "wget", "ssh", "rsync", "unzip")
_INSTALLS = re.compile(r"\b(?:apt-get|apt|aptitude|apk|dnf|yum|microdnf|zypper)\b")
_PROGRAM = re.compile(r"(?:usr/)?(?:local/)?s?bin/([^/]+)$")


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """Packages asked for that are gone, unless only a build needs them."""
    here = names(exhibit.new)
    for name in sorted(asked(exhibit.old) - here):
        if not _BUILD.fullmatch(name):
            yield _gone(name, "was installed on purpose and is gone")
        elif program := _named_in_sources(exhibit, name):
            yield _gone(name, f"is gone, and the sources name its program {program}", program)
    for program in _TOOLS:
        there = exhibit.old.program(program)
        if there and exhibit.new.program(program) is None and _names(exhibit, program, "-{$%/<"):
            message = f"The sources name {program}, which the new image does not have."
            yield Objection(Lesson.PROGRAM, program, message, path=there)


def names(piece: Piece) -> frozenset[str]:
    """The system's packages of an image by name, going by whose bytes its layers hold."""
    return frozenset(
        owner.name for layer in piece.image.layers for owner in layer.owners if owner.kind in _KINDS
    ) | frozenset(piece.packaged.values())


def asked(piece: Piece) -> frozenset[str]:
    """Those that an instruction of the Dockerfile names in a command that installs."""
    words: set[str] = set()
    for layer in piece.image.layers:
        if not layer.from_base_image and _INSTALLS.search(layer.created_by):
            words |= set(re.split(r"[\s=;&|\"']+", layer.created_by))
    return frozenset(names(piece) & words)


def _named_in_sources(exhibit: Exhibit, package: str) -> str:
    """A program of a package whose name stands in quotes in a source; empty if there is none."""
    old = exhibit.old
    programs = {
        match[1]
        for path, owner in old.packaged.items()
        if owner == package and (match := _PROGRAM.search(path))
    }
    for program in sorted(programs):
        if exhibit.new.program(program) is None and _names(exhibit, program, r"\w-"):
            return program
    return ""


def _names(exhibit: Exhibit, program: str, follows: str) -> bool:
    """Whether a string of a source is a program's name, or begins with it and one of these characters."""
    quoted = re.compile(rf"[\"'`](?:/\S*/)?{re.escape(program)}(?:[\"'`]|\s+[{follows}])")
    return any(quoted.search(text) for text in exhibit.old.code.values())


def _gone(name: str, what: str, program: str = "") -> Objection:
    return Objection(Lesson.PACKAGE, name, f"The package {name} {what}.", detail=program)
