"""What a rule has to say."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.dockerfile.edits import Change
from bot.dockerfile.instruction import Statement

# The rewriter's name among the rules; here, so that no rule imports the rewriter.
SINGLE_STAGE_BUILD = "single-stage-build"


class Tier(Enum):
    """What may be done with a change."""

    APPLY = auto()  # touches nothing that anybody reads: may be saved unasked
    CHECK = auto()  # sound only if a build and a look at the result say so
    TELL = auto()  # for people to decide


@dataclass(frozen=True, slots=True)
class Finding:
    """An instruction that costs bytes, why, and the change that saves them.

    `saving` is measured in the layers that ship; None where there was nothing to measure it in.
    """

    statement: Statement
    title: str
    message: str
    saving: int | None = None
    changes: tuple[Change, ...] = ()
    tier: Tier = Tier.TELL
