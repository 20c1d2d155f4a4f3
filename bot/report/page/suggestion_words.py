"""A suggestion in a sentence: its title, lines, saving, and the confidence of the saving."""

from bot.model.proof import OWN_COMMAND_LABEL, WITH_SERVICES_LABEL, WITH_SETTINGS_LABEL
from bot.model.sizes import format_size
from bot.model.suggestion import Confidence, StartResult, Suggestion
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase

_START_RESULT_TEXT = {
    StartResult.SAME: "builds and starts as before; not every check could run",
    StartResult.DIFFERS: "builds, but does not start as before",
    StartResult.NOT_RUN: "built and measured, but not started",
}
_CONFIDENCE_TEXT = {Confidence.MEASURED: "measured", Confidence.ESTIMATED: "estimate"}
PATCH_TEXT = "the patch is in the details"


def describe_suggestion(suggestion: Suggestion, part: str = "") -> Phrase:
    """Describe a suggestion: its title, lines, saving, and the confidence of the saving.

    `part` says of what the saving is a part.
    """
    lines = image_facts.format_lines(suggestion.line_start, suggestion.line_end)
    saving, confidence = suggestion.saving_bytes, describe_confidence(suggestion)
    return (
        *image_facts.untrusted_prose(suggestion.title),
        f" ({lines})" if lines else "",
        f", which saves {format_size(saving)}{part}" if saving else "",
        f" ({confidence})" if confidence else "",
    )


def describe_confidence(suggestion: Suggestion) -> str:
    """Say whether a saving was verified, measured or estimated; empty without a saving."""
    proof = suggestion.verification
    if (
        proof
        and proof.built
        and suggestion.confidence is Confidence.VERIFIED
        and proof.started is StartResult.SAME
    ):
        # Only the log records which start was compared.
        if f"\n{OWN_COMMAND_LABEL}: not run" in f"\n{proof.log}":
            return "verified by its smoke test only: the image does not run on its own"
        if f"\n{WITH_SETTINGS_LABEL}:" in f"\n{proof.log}":
            return "verified: builds, and starts as before with settings that its project names"
        if f"\n{WITH_SERVICES_LABEL}:" in f"\n{proof.log}":
            return "verified: builds, and starts as before with services that its project names"
        return "verified: builds and starts as before"
    if proof and proof.built:
        return _START_RESULT_TEXT[proof.started]
    text = _CONFIDENCE_TEXT.get(suggestion.confidence, _CONFIDENCE_TEXT[Confidence.ESTIMATED])
    return text if suggestion.saving_bytes is not None else ""
