"""The changes of the gate in words: first on the page, since they decide what the rest is worth."""

from collections.abc import Sequence

from bot.model.report import GateChange, ImageReport, ImageState, Outcome, Report
from bot.model.sizes import format_count
from bot.report.page.page_model import Phrase, Untrusted

GATE_TITLE = "This change alters the rules that it is judged by:"
_MAX_CHANGES = 8
# Each line begins with a word of this program: untrusted text there could begin a list or a title.
_MARKS = {Outcome.WARN: "may loosen: "}
_HARMLESS_MARK = "changes: "
_DROPPED_TEXT = "no longer in the configuration"
_MOVED_TEXT = "moved to where no image is reviewed"
HEADLINE_SUFFIX = "; the review rules changed"
NEXT_STEP = "make sure that the changed rules above are intended: they hold once this is merged"


def is_gate_loosened(report: Report) -> bool:
    """Return True if a change of the rules is a warning."""
    return any(change.result is Outcome.WARN for change in report.gate_changes)


def describe_dropped(image: ImageReport) -> Phrase:
    """Say why an image is in no review any more once this is merged; empty if it is in one."""
    if not image.is_dropped:
        return ()
    if image.reason and image.state is ImageState.REMOVED:
        return (_quote(image.reason, 300),)
    return (_MOVED_TEXT if image.renamed_from else _DROPPED_TEXT,)


def describe_gate_changes(changes: Sequence[GateChange]) -> tuple[Phrase, ...]:
    """Return a line for each change; those that may loosen the gate come first and say so."""
    lines = [_describe(change) for change in changes[:_MAX_CHANGES]]
    rest = len(changes) - len(lines)
    if rest:
        lines.append((f"…and {format_count(rest, 'more change')}; the JSON report has them all",))
    return tuple(lines)


def _describe(change: GateChange) -> Phrase:
    before: Phrase = (_quote(change.before), " → ") if change.before is not None else ()
    mark = _MARKS.get(change.result, _HARMLESS_MARK)
    return (mark, _quote(change.subject, 120), ": ", *before, _quote(change.after))


def _quote(text: str, max_characters: int = 120) -> Untrusted:
    return Untrusted(text, max_characters, is_prose=True)
