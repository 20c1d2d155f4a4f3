"""What tells one ecosystem from another: what its builds leave behind, and what its programs need."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.base_images import distribution
from bot.model.candidate import Probe
from bot.rewrite.build_facts import World
from bot.rewrite.startup import Launch

_NOTHING = re.compile(r"(?!)")


def _no_paths(world: World, launch: Launch) -> Iterable[str]:
    return ()


def _no_probes(world: World, launch: Launch) -> Iterable[Probe]:
    return ()


def _distribution(world: World, launch: Launch) -> Iterator[str]:
    return distribution(world.release)


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
    applies: Callable[[World, Launch], bool]
    tools: tuple[str, ...]
    residue: tuple[str, ...] = ()
    sources: re.Pattern[str] = _NOTHING
    packages: re.Pattern[str] = _NOTHING
    explained: Mapping[str, str] = field(default_factory=dict)
    keeps: Callable[[World, Launch], Iterable[str]] = _no_paths
    drops: Callable[[World, Launch], Iterable[str]] = _no_paths
    prepare: Callable[[World, Launch], Iterable[str]] = _no_paths
    bases: Callable[[World, Launch], Iterable[str]] = _distribution
    probes: Callable[[World, Launch], Iterable[Probe]] = _no_probes
