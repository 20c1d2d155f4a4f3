"""A suggestion to make an image smaller, and how it was verified."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines of a Dockerfile, both ends included, and what should stand in their place."""

    line_start: int
    line_end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was done to prove a suggestion."""

    built: bool
    started: str
    unpacked_bytes: int | None
    log: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A piece of advice, and how we know: verified, measured or estimated."""

    rule: str
    title: str
    message: str
    confidence: str
    line_start: int | None = None
    line_end: int | None = None
    saving_bytes: int | None = None
    edits: tuple[Edit, ...] = ()
    dockerfile: str | None = None
    verification: Verification | None = None
