"""The description of an ecosystem: what its builds leave behind, and what its programs need."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.base_images import list_distribution_images
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

_MATCHES_NOTHING = re.compile(r"(?!)")


def _never(facts: BuildFacts, startup: Startup) -> bool:
    return False


def _no_paths(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    return ()


def _list_distribution_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    return list_distribution_images(facts.built.os_release, facts.rule_input.base_image or "")


@dataclass(frozen=True)
class Ecosystem:
    """A kind of project, and how its images are rewritten.

    `applies` returns True if the image starts such a program and was built where it is.
    `toolchain_programs` show by their presence that the toolchain is in the image;
    `has_build_tools` finds packages of the project that only build, in an image without it.

    `residue_paths` (in the syntax of bot/advise/path_patterns.py) and files of `source_pattern` are
    read by nothing at run time; `required_paths` are copied although they are there,
    `excluded_paths` never. `build_package_pattern` matches further system packages that only builds
    need.

    `ships_sources` is true where the sources of the project are what runs.

    `pruning_instructions` end the build stage, `pruned_paths` belong to what they remove;
    `base_images` are the candidates for the last stage, the best first; `accepted_changes` are
    settings that are dropped on purpose, with the reason.
    `looks_up_services` where libraries ask the system for services by name.
    """

    name: str
    title: str
    applies: Callable[[BuildFacts, Startup], bool]
    toolchain_programs: tuple[str, ...]
    has_build_tools: Callable[[BuildFacts, Startup], bool] = _never
    residue_paths: tuple[str, ...] = ()
    source_pattern: re.Pattern[str] = _MATCHES_NOTHING
    ships_sources: bool = False
    build_package_pattern: re.Pattern[str] = _MATCHES_NOTHING
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    required_paths: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    excluded_paths: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    pruning_instructions: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    pruned_paths: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    base_images: Callable[[BuildFacts, Startup], Iterable[str]] = _list_distribution_images
    looks_up_services: bool = False
