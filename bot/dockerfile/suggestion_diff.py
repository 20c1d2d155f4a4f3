"""The changes of a suggestion in a Dockerfile, as a unified diff for people."""

from collections.abc import Iterable
from difflib import unified_diff

from bot.model.suggestion import Edit, Suggestion

_CONTEXT = 2
# To compare whole files takes long where they are long: a longer one gets no diff.
_MAX_LINES = 500


def make_suggestion_diff(text: str, suggestion: Suggestion) -> str:
    """Return the hunks of the diff that a suggestion is; empty without a change."""
    old = text.splitlines()
    if suggestion.dockerfile is None:
        new = _apply_edits(old, suggestion.edits)
    else:
        new = suggestion.dockerfile.splitlines()
    if max(len(old), len(new)) > _MAX_LINES:
        return ""
    # Without the two lines that name files.
    return "\n".join(list(unified_diff(old, new, n=_CONTEXT, lineterm=""))[2:])


def _apply_edits(lines: list[str], edits: Iterable[Edit]) -> list[str]:
    """Return the lines with the edits applied, the last one first, so that numbers stay right."""
    changed = list(lines)
    for edit in sorted(edits, key=lambda edit: -edit.line_start):
        changed[edit.line_start - 1 : edit.line_end] = edit.replacement.splitlines()
    return changed
