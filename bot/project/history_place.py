"""The place where records are kept: `branch:NAME` or `dir:PATH`."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.project.option_values import UNUSABLE_CHARACTER

# Fewer names than git allows, none of which a shell or a URL would read otherwise.
_BRANCH = re.compile(
    r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_][\w./-]{0,199}(?<![./])", re.A
)


class HistoryKind(StrEnum):
    """The kind of a place; the text is what the configuration has before the colon."""

    BRANCH = "branch"
    FOLDER = "dir"


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """A branch of the remote, or a folder."""

    kind: HistoryKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def parse_history(text: str) -> HistoryPlace:
    """Parse `branch:NAME` or `dir:PATH`; raise ValueError for anything else."""
    kind, _, name = text.partition(":")
    if kind == HistoryKind.BRANCH and _BRANCH.fullmatch(name):
        return HistoryPlace(HistoryKind.BRANCH, name)
    if kind == HistoryKind.BRANCH:
        raise ValueError(f"{name[:100]!r} is not the name of a branch")
    if kind == HistoryKind.FOLDER and name and not UNUSABLE_CHARACTER.search(name):
        return HistoryPlace(HistoryKind.FOLDER, name)
    raise ValueError(f"{text[:100]!r} is neither branch:NAME nor dir:PATH")


def validate_file_history(text: str) -> str:
    """Return a place that a configuration file may name; its folder is in the repository's."""
    history = parse_history(text)
    if history.kind is HistoryKind.FOLDER and (
        history.name.startswith("/") or ".." in history.name
    ):
        raise ValueError(f"{history.name[:100]!r} is not a path inside the repository's folder")
    return text
