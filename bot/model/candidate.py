"""A Dockerfile that is to be tried in the place of another, and what is known of it beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Probe:
    """A command that must say the same in both images: `python -c "import flask"`.

    `arguments` are a whole command line, entry point included; `what` tells a reader what it shows.
    """

    description: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole Dockerfile that a rule proposes.

    `explained` has the settings that it changes on purpose, by name (`ENV GOPATH`, `PATH`, `CMD`),
    each with the reason; `left_behind` are paths (without the leading slash) that the new image does
    not have on purpose: a folder stands for all below it. What is in neither counts against it.
    `shrinks` is false for one that is worth having at the same size.
    """

    rule: str
    title: str
    message: str
    dockerfile: bytes
    line_start: int | None = None
    line_end: int | None = None
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    dropped_paths: Mapping[str, str] = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    must_shrink: bool = True
