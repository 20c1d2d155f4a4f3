"""Two adjacent `RUN`s of which the second rewrites files of the first."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import merge_runs
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.model.files import WasteCause
from bot.model.sizes import format_size

_REWRITING_PROGRAMS = ("strip", "patchelf", "upx")
_OWNERSHIP_PROGRAMS = ("chown", "chmod", "chgrp")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report neighbours that share files; merging any others saves nothing."""
    for first, second in zip(rule_input.steps, rule_input.steps[1:], strict=False):
        # hadolint DL3059 flags all neighbours, but by itself a layer costs nothing.
        if first.calls and second.calls and first.stage is second.stage:
            saving = _measure_saving(rule_input, first, second)
            changes = merge_runs(rule_input.dockerfile, first.instruction, second.instruction)
            if changes and (saving or (saving is None and _rewrites_files(second))):
                yield Finding(
                    second.instruction,
                    "Merge the two `RUN` instructions",
                    f"This `RUN` rewrites {format_size(saving) if saving else 'files'} of line "
                    f"{first.instruction.line_start}. Merged into one `RUN`, both run again if "
                    "either changes: the layer cache has one entry less.",
                    saving,
                    changes,
                    FixSafety.NEEDS_CHECK,
                )


def _measure_saving(rule_input: RuleInput, first: Step, second: Step) -> int | None:
    """Return the bytes of the first that the second overwrites.

    Owners and modes belong to changed-in-a-later-layer.
    """
    if rule_input.evidence is None:
        return None
    layer = rule_input.evidence.find_layer(first.instruction)
    if layer is None or any(call.name in _OWNERSHIP_PROGRAMS for call in second.calls):
        return 0
    hidden = rule_input.evidence.find_hidden_files(
        second.instruction, WasteCause.OVERWRITTEN, WasteCause.COPIED
    )
    return sum(waste.size for waste in hidden if waste.shipping_layer == layer.index)


def _rewrites_files(step: Step) -> bool:
    return any(call.name in _REWRITING_PROGRAMS for call in step.calls)
