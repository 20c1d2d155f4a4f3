"""The changes of a suggestion in a Dockerfile, as a unified diff for people."""

from difflib import unified_diff

from bot.model.suggestion import Suggestion, apply_edits

_CONTEXT = 2
# To compare whole files takes long where they are long: a longer one gets no diff.
_MAX_LINES = 500


def make_suggestion_diff(text: str, suggestion: Suggestion) -> str:
    """Return the hunks of the diff that a suggestion is; empty without a change."""
    old = text.splitlines()
    if suggestion.dockerfile is None:
        new = apply_edits(old, suggestion.edits)
    else:
        new = suggestion.dockerfile.splitlines()
    if max(len(old), len(new)) > _MAX_LINES:
        return ""
    # Without the two lines that name files.
    return "\n".join(list(unified_diff(old, new, n=_CONTEXT, lineterm=""))[2:])
