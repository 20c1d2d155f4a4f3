"""What tells one ecosystem from another: what its builds leave behind, and what its programs need."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.base_images import list_distribution_images
from bot.model.candidate import Probe
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.startup import Startup

_MATCHES_NOTHING = re.compile(r"(?!)")


def _no_paths(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    return ()


def _no_probes(facts: BuildFacts, startup: Startup) -> Iterable[Probe]:
    return ()


def _list_distribution_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    return list_distribution_images(facts.built.os_release)


@dataclass(frozen=True)
class Ecosystem:
    """How one kind of project is rewritten.

    `applies` says whether the image starts such a program, and was built where it stands. `residue`
    are places (see advise/path_patterns.py) and `sources` file names that nothing reads at run time; `keeps`
    are paths that stay although they lie there. `tools` are programs whose presence shows that the
    toolchain ships, `packages` further system packages that only builds need. `prepare` are
    instructions for the end of the build stage, `bases` what the last stage may stand on, the best
    first; `explained` are settings that are left out on purpose.
    """

    name: str
    title: str
    applies: Callable[[BuildFacts, Startup], bool]
    toolchain_programs: tuple[str, ...]
    residue_paths: tuple[str, ...] = ()
    source_pattern: re.Pattern[str] = _MATCHES_NOTHING
    build_package_pattern: re.Pattern[str] = _MATCHES_NOTHING
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    required_paths: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    excluded_paths: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    pruning_instructions: Callable[[BuildFacts, Startup], Iterable[str]] = _no_paths
    base_images: Callable[[BuildFacts, Startup], Iterable[str]] = _list_distribution_images
    probes: Callable[[BuildFacts, Startup], Iterable[Probe]] = _no_probes
