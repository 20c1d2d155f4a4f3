"""The suggestions for one Dockerfile as one patch: who pastes one after the other loses the first.

The lines around the edits are those of the diffs of the suggestions; nothing else is known of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from bot.model.suggestion import Edit, Suggestion, apply_edits

_CONTEXT = 2
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? @@")


@dataclass(frozen=True, slots=True)
class CombinedPatch:
    """The hunks of a unified diff, the suggestions in them, and those that do not fit with them."""

    diff: str
    included: tuple[Suggestion, ...]
    left_out: tuple[Suggestion, ...]


def combine_patches(suggestions: Iterable[Suggestion]) -> CombinedPatch:
    """Combine suggestions of which no two change the same lines, the first ones before others.

    A rewritten Dockerfile fits with nothing else. A suggestion without a diff is in no patch.
    """
    included: list[Suggestion] = []
    left_out: list[Suggestion] = []
    for suggestion in suggestions:
        # Two images of one Dockerfile have the same edits.
        is_repeated = any(_are_alike(suggestion, other) for other in (*included, *left_out))
        if suggestion.diff and not is_repeated:
            fits = all(_fit_together(suggestion, other) for other in included)
            is_known = not included or _is_known([*included, suggestion])
            (included if fits and is_known else left_out).append(suggestion)
    diff = included[0].diff if len(included) == 1 else _make_diff(included)
    return CombinedPatch(diff, tuple(included), tuple(left_out))


def list_patches(suggestions: Iterable[Suggestion]) -> list[CombinedPatch]:
    """Combine suggestions into patches of the same file, each with what fits in none before."""
    patches: list[CombinedPatch] = []
    remaining = tuple(suggestions)
    while (patch := combine_patches(remaining)).included:
        patches.append(patch)
        remaining = patch.left_out
    return patches


def _are_alike(suggestion: Suggestion, other: Suggestion) -> bool:
    """Return True if two suggestions change the same lines in the same way."""
    return (suggestion.edits, suggestion.dockerfile, suggestion.diff) == (
        other.edits,
        other.dockerfile,
        other.diff,
    )


def _fit_together(suggestion: Suggestion, other: Suggestion) -> bool:
    if suggestion.dockerfile is not None or other.dockerfile is not None:
        return False
    return not any(
        edit.line_start <= own.line_end and own.line_start <= edit.line_end
        for own in suggestion.edits
        for edit in other.edits
    )


def _is_known(suggestions: Sequence[Suggestion]) -> bool:
    """Return True if the diffs have all lines that the edits replace, and those between them."""
    lines = _read_lines(x.diff for x in suggestions)
    for group in _group_edits(suggestions):
        start, end = max(1, group[0].line_start - _CONTEXT), max(x.line_end for x in group)
        if len(_take_lines(lines, start, end)) != end - start + 1:
            return False
    return True


def _make_diff(suggestions: Sequence[Suggestion]) -> str:
    lines = _read_lines(x.diff for x in suggestions)
    hunks: list[str] = []
    shift = 0
    for group in _group_edits(suggestions):
        start = max(1, group[0].line_start - _CONTEXT)
        old = _take_lines(lines, start, group[-1].line_end + _CONTEXT)
        new = apply_edits(old, group, start)
        # Without the lines that name files and places: those count from the first of `old`.
        body = list(unified_diff(old, new, n=len(old), lineterm=""))[3:]
        hunks += [f"@@ -{start},{len(old)} +{start + shift},{len(new)} @@", *body]
        shift += len(new) - len(old)
    return "\n".join(hunks)


def _read_lines(diffs: Iterable[str]) -> dict[int, str]:
    """Return the lines of the old file that diffs have, by their number."""
    lines: dict[int, str] = {}
    for diff in diffs:
        number = 0
        for line in diff.splitlines():
            if hunk := _HUNK.match(line):
                number = int(hunk[1])
            elif line[:1] in (" ", "-"):
                lines[number] = line[1:]
                number += 1
    return lines


def _group_edits(suggestions: Iterable[Suggestion]) -> list[list[Edit]]:
    """Group edits that are so close to each other that their hunks would overlap."""
    edits = (edit for suggestion in suggestions for edit in suggestion.edits)
    groups: list[list[Edit]] = []
    for edit in sorted(edits, key=lambda edit: edit.line_start):
        if groups and edit.line_start - groups[-1][-1].line_end <= 2 * _CONTEXT + 1:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _take_lines(lines: Mapping[int, str], start: int, end: int) -> list[str]:
    """Return the lines from start to end, or to the last one that is known."""
    taken = []
    for number in range(start, end + 1):
        if number not in lines:
            break
        taken.append(lines[number])
    return taken
