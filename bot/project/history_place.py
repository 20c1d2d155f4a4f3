"""The place where records are kept: `branch:NAME`, `dir:PATH` or `none`."""

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
    NONE = "none"  # in place of one that a file names


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """A branch of the remote, or a folder; of the kind `none` it is nowhere, and has no name."""

    kind: HistoryKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value


def choose_history(*places: HistoryPlace | None) -> HistoryPlace | None:
    """Return the first place that is set; None for none, and for nowhere."""
    history = next(filter(None, places), None)
    return None if history is None or history.kind is HistoryKind.NONE else history


def parse_history(text: str) -> HistoryPlace:
    """Parse `branch:NAME`, `dir:PATH` or `none`; raise ValueError for anything else."""
    if text == HistoryKind.NONE:
        return HistoryPlace(HistoryKind.NONE)
    kind, _, name = text.partition(":")
    if kind == HistoryKind.BRANCH and _BRANCH.fullmatch(name):
        return HistoryPlace(HistoryKind.BRANCH, name)
    if kind == HistoryKind.BRANCH:
        raise ValueError(f"{name[:100]!r} is not the name of a branch")
    if kind == HistoryKind.FOLDER and name and not UNUSABLE_CHARACTER.search(name):
        return HistoryPlace(HistoryKind.FOLDER, name)
    raise ValueError(f"{text[:100]!r} is neither branch:NAME nor dir:PATH nor none")


def validate_file_history(text: str) -> str:
    """Return a place that a configuration file may name; its folder is in the repository's."""
    history = parse_history(text)
    if history.kind is HistoryKind.FOLDER and (
        history.name.startswith("/") or ".." in history.name
    ):
        raise ValueError(f"{history.name[:100]!r} is not a path inside the repository's folder")
    return text
