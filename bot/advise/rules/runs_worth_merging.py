"""Two `RUN`s of which the second writes the files of the first once more."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import merged
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.model.files import Hidden
from bot.model.sizes import show_size

_IN_PLACE = ("strip", "patchelf", "upx")
_WITH_RULES = ("chown", "chmod", "chgrp")


def find(subject: Subject) -> Iterator[Finding]:
    """Neighbours where one layer in place of two ships less; merging any others saves nothing."""
    for first, second in zip(subject.steps, subject.steps[1:], strict=False):
        if first.calls and second.calls and first.stage is second.stage:
            saving = _saving(subject, first, second)
            changes = merged(subject.dockerfile, first.statement, second.statement)
            if changes and (saving or (saving is None and _rewrites(second))):
                yield Finding(
                    second.statement,
                    "Make one RUN of the two",
                    f"It writes {show_size(saving) if saving else 'files'} of line "
                    f"{first.statement.line_start} once more. As one RUN, both run again when "
                    "either changes: the layer cache has one entry less.",
                    saving,
                    changes,
                    Tier.CHECK,
                )


def _saving(subject: Subject, first: Step, second: Step) -> int | None:
    """What the second writes over of the first; owners and modes have a rule of their own."""
    if subject.evidence is None:
        return None
    layer = subject.evidence.layer(first.statement)
    if layer is None or any(call.name in _WITH_RULES for call in second.calls):
        return 0
    hidden = subject.evidence.hidden_by(second.statement, Hidden.OVERWRITTEN, Hidden.COPIED)
    return sum(waste.size for waste in hidden if waste.written == layer.index)


def _rewrites(step: Step) -> bool:
    return any(call.name in _IN_PLACE for call in step.calls)
