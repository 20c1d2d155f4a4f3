"""The result of a rule.

Rules return findings; run_rules.py sorts them and turns them into a report's suggestions.
"""

from dataclasses import dataclass
from enum import Enum, auto

from bot.dockerfile.edits import TextChange
from bot.dockerfile.instruction import Instruction

# The rule name of the rewriter; it is here so that no rule imports the rewriter.
SINGLE_STAGE_BUILD = "single-stage-build"
# The rule whose change may give as much as a rewrite (bot/line/slim_bases.py).
FULL_BASE = "full-base-where-slim-serves"


class FixSafety(Enum):
    """The level of safety at which a change can be applied."""

    SAFE = auto()  # removes only what nothing reads: `--write` applies it
    NEEDS_CHECK = auto()  # correct only if a check of the built image says so
    MANUAL = auto()  # no change, or one that only people can judge


@dataclass(frozen=True, slots=True)
class Finding:
    """An instruction that costs bytes, the reason, and the change that saves them.

    `saving_bytes` is measured in the layers of the image; None where there is no image.
    `must_shrink` is false for a change that is useful at the same size, too. `rule` is the name of
    its rule, filled in by run_rules.py.
    """

    instruction: Instruction
    title: str
    message: str
    saving_bytes: int | None = None
    changes: tuple[TextChange, ...] = ()
    safety: FixSafety = FixSafety.MANUAL
    rule: str = ""
    must_shrink: bool = True
