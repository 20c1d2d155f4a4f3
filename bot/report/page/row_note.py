"""The note below an image's name in a table: what its mark and the columns do not say."""

from bot.model.report import Check, ImageReport, ImageState, Outcome
from bot.report.page import image_facts
from bot.report.page.changed_rules import describe_dropped
from bot.report.page.named_causes import describe_cause, is_stopped_in_time
from bot.report.page.page_model import Phrase, join_phrases

_MAX_REASON_LENGTH = 160
_LATE_TEXT = "not built within its time limit"
_STATE_TEXT = {
    ImageState.HEAD_BUILD_FAILED: "does not build",
    ImageState.MEASURE_FAILED: "could not be measured",
    ImageState.BASE_BUILD_FAILED: "growth unknown: it did not build before this change",
}


def describe_note(image: ImageReport) -> Phrase:
    """Return why an image has its verdict, where the numbers of its row do not show it."""
    if is_stopped_in_time(image):
        return (_LATE_TEXT,)
    if image.state is ImageState.HEAD_BUILD_FAILED:
        fails_alike = image.failure is not None and image.failure.fails_at_base
        alike = ", as before this change" if fails_alike else ""
        text: Phrase = (f"{_STATE_TEXT[image.state]}{alike}",)
        return join_phrases([text, describe_cause(image)], ": ")
    if image.state is ImageState.MEASURE_FAILED:
        reason: Phrase = (": ", *_shorten(image.reason)) if image.reason else ()
        return (_STATE_TEXT[image.state], *reason)
    state = _STATE_TEXT.get(image.state)
    notes: list[Phrase] = [(state,) if state else (), describe_dropped(image)]
    deciding = [] if image_facts.is_passing(image) else image_facts.deciding_checks(image)
    notes += [_shorten(check.reason) for check in deciding if not _is_shown_by_numbers(check)]
    notes += image_facts.explain_ignored_growth(image)
    notes = [note for note in dict.fromkeys(notes) if note]
    if not notes and image.verdict is Outcome.WARN and not image_facts.deciding_checks(image):
        return ("needs attention",)
    return join_phrases(notes, "; ")


def _is_shown_by_numbers(check: Check) -> bool:
    """Return True for a limit that is exceeded: the columns have both numbers."""
    has_numbers = check.observed is not None and check.limit is not None
    is_of_column = check.is_about_size or check.is_about_growth
    return check.result is Outcome.FAIL and has_numbers and is_of_column


def _shorten(reason: str) -> Phrase:
    return image_facts.untrusted_prose(reason, _MAX_REASON_LENGTH)
