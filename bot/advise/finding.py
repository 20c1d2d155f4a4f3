"""What a rule has to say."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.dockerfile.edits import TextChange
from bot.dockerfile.instruction import Instruction

# The rewriter's name among the rules; here, so that no rule imports the rewriter.
SINGLE_STAGE_BUILD = "single-stage-build"


class FixSafety(Enum):
    """What may be done with a change."""

    SAFE = auto()  # touches nothing that anybody reads: may be saved unasked
    NEEDS_CHECK = auto()  # sound only if a build and a look at the result say so
    MANUAL = auto()  # for people to decide


@dataclass(frozen=True, slots=True)
class Finding:
    """An instruction that costs bytes, why, and the change that saves them.

    `saving` is measured in the layers that ship; None where there was nothing to measure it in.
    """

    instruction: Instruction
    title: str
    message: str
    saving_bytes: int | None = None
    changes: tuple[TextChange, ...] = ()
    safety: FixSafety = FixSafety.MANUAL
