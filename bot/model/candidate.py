"""A Dockerfile to try in place of another, with what its rule knows about the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Probe:
    """A command that must print the same in both images, such as `python -c "import flask"`.

    `arguments` are the whole command line, entry point included; `description` is for the log.
    """

    description: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole Dockerfile that a rule proposes.

    `accepted_changes` are the settings that it changes on purpose, by name (`ENV GOPATH`, `PATH`,
    `CMD`), each with the reason. `dropped_paths` are the paths that the new image lacks on purpose,
    without the leading slash; a directory includes everything below it. Any other difference is a
    regression. `must_shrink` is false for a change that is useful at the same size, too.
    """

    rule: str
    title: str
    message: str
    dockerfile: bytes
    line_start: int | None = None
    line_end: int | None = None
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    dropped_paths: Mapping[str, str] = field(default_factory=dict)
    must_shrink: bool = True
