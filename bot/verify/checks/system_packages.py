"""Check system packages: what the Dockerfile installs by name is in the new image."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set

from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.image.open_image import OpenImage
from bot.image.program_callers import find_program_callers, is_node_script, is_task_file
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.build_residue import is_development_file
from bot.verify.dev_dependencies import make_dev_dependency_matcher
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import list_lost_programs

_PACKAGE_KINDS = frozenset({"deb", "apk", "rpm"})
_LIST = ("bot.image.packages", "build_only.txt")
# All sections: a tool that programs call is looked for in the sources by its name.
_BUILD_ONLY_PACKAGE = compile_sections(*_LIST)
# Libraries name compilers that only their own installation calls.
_COMPILING_PACKAGE = compile_sections(
    *_LIST, "compilers", "headers", "symbols, sources and documentation"
)
# What full base images have anyway, so that nobody asks for it, and programs do call.
_BASE_IMAGE_TOOLS = ("gcc", "g++", "git", "curl", "wget", "ssh", "rsync", "unzip")
# Packages that are nothing but data: without a package database, their files show that they are
# there.
_DATA_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "ca-certificates": ("etc/ssl/certs/ca-certificates.crt",),
    "ca-certificates-bundle": ("etc/ssl/certs/ca-certificates.crt",),
    "tzdata": ("usr/share/zoneinfo/UTC", "usr/share/zoneinfo/Europe/Berlin"),
    "netbase": ("etc/services", "etc/protocols"),
}
# A release has the Erlang that it needs: `erts-13.1.5/bin/beam.smp`.
_ERLANG_RUNTIME = re.compile(r"(?:^|/)erts-[\d.]+/bin/beam\.smp$")
_ERLANG_PACKAGE = re.compile(r"erlang(?:-[\w-]+)?")
_APT_NOTES = "var/lib/apt/extended_states"
_AUTOMATIC_PACKAGE = re.compile(
    r"^Package: (\S+)\n(?:\S.*\n){0,9}?Auto-Installed: 1$", re.MULTILINE
)
_PACKAGE_MANAGER = re.compile(rf"\b(?:{'|'.join(INSTALL_SUBCOMMANDS)})\b")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield requested packages that are gone, unless only a build needs them."""
    left_packages = list_left_packages(pair)
    has_runtime = any(map(_ERLANG_RUNTIME.search, pair.new.image.tree))
    for name in left_packages:
        is_in_release = has_runtime and _ERLANG_PACKAGE.fullmatch(name)
        if not _BUILD_ONLY_PACKAGE.fullmatch(name) and not is_in_release:
            yield _make_regression(name, "was installed on purpose and is gone")
    build_packages = frozenset(filter(_BUILD_ONLY_PACKAGE.fullmatch, left_packages))
    for name, (program, caller) in _find_called_packages(pair, build_packages).items():
        problem = f"is gone, and {caller} names its program {program}"
        yield _make_regression(name, problem, program)
    for program in _BASE_IMAGE_TOOLS:
        old_path = pair.old.find_program(program)
        if (
            old_path
            and pair.new.find_program(program) is None
            and _is_named_in_sources(pair, program, "-{$%/<")
        ):
            message = f"The sources name {program}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, program, message, path=old_path)


def list_left_packages(pair: ImagePair) -> tuple[str, ...]:
    """List the packages that the Dockerfile asks for by name and the new image lacks."""
    new_packages = list_packages(pair.new) or _list_data_packages(pair.new)
    return tuple(sorted(list_requested_packages(pair.old) - new_packages))


def _list_data_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the packages whose files an image without a package database has."""
    return frozenset(
        name
        for name, paths in _DATA_PACKAGES.items()
        if all(open_image.paths.is_file(path) for path in paths)
    )


def list_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the names of an image's system packages.

    Without a package database, these are the owners of files in its layers. With one, a package
    that a later layer removed is none.
    """
    return frozenset(open_image.packaged_files.values()) or frozenset(
        owner.name
        for layer in open_image.image.layers
        for owner in layer.owners
        if owner.kind in _PACKAGE_KINDS
    )


def list_requested_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the packages that a command of the Dockerfile installs on purpose.

    Most are named there. Those that a script or a list in a file names are known by apt, which
    notes what it installed only because something else needs it.
    """
    words: set[str] = set()
    for layer in open_image.image.layers:
        if not layer.from_base_image and _PACKAGE_MANAGER.search(layer.created_by):
            words |= _list_arguments(open_image, layer.created_by)
    return list_packages(open_image) & (words | _list_manual_packages(open_image))


def _list_arguments(open_image: OpenImage, command: str) -> set[str]:
    """Return the words of a `RUN` that are not only names of programs: `apt`, `tar`."""
    words = Counter(re.split(r"[\s=;&|\"']+", command))
    commands = open_image.parse_script(command.partition(" -c ")[2] or command).commands
    words.subtract(command.words[0].value or "" for command in commands if command.words)
    return {word for word, count in words.items() if count > 0}


def _list_manual_packages(open_image: OpenImage) -> frozenset[str]:
    """Return the packages that apt was told to install after the base image, by its notes."""
    notes = open_image.read_text(_APT_NOTES)
    # Where no layer is known to be the base image's, all packages would count.
    if not notes or not any(layer.from_base_image for layer in open_image.image.layers):
        return frozenset()
    automatic = {match[1] for match in _AUTOMATIC_PACKAGE.finditer(notes)}
    base, own = (
        {
            owner.name
            for layer in open_image.image.layers
            if layer.from_base_image is is_base
            for owner in layer.owners
            if owner.kind == "deb"
        }
        for is_base in (True, False)
    )
    return frozenset(own - base - automatic)


def _find_called_packages(pair: ImagePair, packages: Set[str]) -> Mapping[str, tuple[str, str]]:
    """Return those of the packages that something may call, with a program and its caller."""
    programs = {
        program: package
        for program, package in list_lost_programs(pair).items()
        if package in packages
    }
    callers = dict(_find_callers(pair, programs))
    return {programs[program]: (program, callers[program]) for program in sorted(callers)}


def _find_callers(pair: ImagePair, programs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the programs that the application's sources or shipped scripts name, with these."""
    for program in programs:
        if _is_named_in_sources(pair, program, r"\w-"):
            yield program, "a source"
    # No program of an image without Node runs its scripts; that sources start Node is seen in them.
    lost_node = "node" in list_lost_programs(pair)

    def is_dead(path: str) -> bool:
        return lost_node and is_node_script(path)

    is_development_package = make_dev_dependency_matcher(pair.old_app)
    tools = frozenset(x for x in programs if not _COMPILING_PACKAGE.fullmatch(programs[x]))
    callers = find_program_callers(
        pair.new,
        tools,
        lambda path: (
            is_task_file(path)
            or not (is_development_file(path) or is_development_package(path) or is_dead(path))
        ),
    )
    yield from ((name, f"/{path}") for name, path in callers.items())


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
