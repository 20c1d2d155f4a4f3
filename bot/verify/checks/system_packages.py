"""Check system packages: what the Dockerfile installs by name is in the new image."""

import re
from collections.abc import Iterator

from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.image.open_image import OpenImage
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.image_pair import ImagePair

_PACKAGE_KINDS = frozenset({"deb", "apk", "rpm"})
# All sections: a tool that programs call is looked for in the sources by its name.
_BUILD_ONLY_PACKAGE = compile_sections("bot.image.packages", "build_only.txt")
# What full base images have anyway, so that nobody asks for it, and programs do call.
_BASE_IMAGE_TOOLS = ("gcc", "g++", "git", "curl", "wget", "ssh", "rsync", "unzip")
_PACKAGE_MANAGER = re.compile(rf"\b(?:{'|'.join(INSTALL_SUBCOMMANDS)})\b")
_PROGRAM_PATH = re.compile(r"(?:usr/)?(?:local/)?s?bin/([^/]+)$")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield requested packages that are gone, unless only a build needs them."""
    new_packages = list_packages(pair.new)
    for name in sorted(list_requested_packages(pair.old) - new_packages):
        if not _BUILD_ONLY_PACKAGE.fullmatch(name):
            yield _make_regression(name, "was installed on purpose and is gone")
        elif program := _find_program_in_sources(pair, name):
            yield _make_regression(
                name, f"is gone, and the sources name its program {program}", program
            )
    for program in _BASE_IMAGE_TOOLS:
        old_path = pair.old.find_program(program)
        if (
            old_path
            and pair.new.find_program(program) is None
            and _is_named_in_sources(pair, program, "-{$%/<")
        ):
            message = f"The sources name {program}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, program, message, path=old_path)


def list_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the names of an image's system packages, by the owners of files in its layers."""
    return frozenset(
        owner.name
        for layer in open_image.image.layers
        for owner in layer.owners
        if owner.kind in _PACKAGE_KINDS
    ) | frozenset(open_image.packaged_files.values())


def list_requested_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the packages that a command of the Dockerfile installs by name."""
    words: set[str] = set()
    for layer in open_image.image.layers:
        if not layer.from_base_image and _PACKAGE_MANAGER.search(layer.created_by):
            words |= set(re.split(r"[\s=;&|\"']+", layer.created_by))
    return frozenset(list_packages(open_image) & words)


def _find_program_in_sources(pair: ImagePair, package: str) -> str:
    """Return a lost program of a package that a source names in quotes; empty if none."""
    old = pair.old
    programs = {
        match[1]
        for path, owner in old.packaged_files.items()
        if owner == package and (match := _PROGRAM_PATH.search(path))
    }
    for program in sorted(programs):
        if pair.new.find_program(program) is None and _is_named_in_sources(pair, program, r"\w-"):
            return program
    return ""


def _is_named_in_sources(pair: ImagePair, program: str, argument_characters: str) -> bool:
    """Return True if a string of a source is a program's name, alone or with arguments.

    `argument_characters` may follow the name and a blank.
    """
    quoted = re.compile(
        rf"[\"'`](?:/\S*/)?{re.escape(program)}(?:[\"'`]|\s+[{argument_characters}])"
    )
    return any(quoted.search(text) for text in pair.old_app.program_sources.values())


def _make_regression(name: str, problem: str, program: str = "") -> Regression:
    return Regression(
        RegressionKind.PACKAGE, name, f"The package {name} {problem}.", detail=program
    )
