"""The bound of the work that variables of a Dockerfile may cost.

Each `ARG` can double the one before: a few lines make a text that fills the memory.
"""

from dataclasses import dataclass

_MAX_SPENT = 50_000_000  # characters of values filled in: some seconds, and 50 to 200 MB
_COMPARISON_COST = 10  # of a character with a pattern, in characters copied


class BadExpansion(ValueError):
    """A text that BuildKit would refuse to expand, or with more in it than is read here."""


@dataclass(slots=True)
class ExpansionAllowance:
    """The work that all the texts of one Dockerfile may cost together, in characters."""

    remaining: int = _MAX_SPENT

    def spend(self, characters: int) -> None:
        """Count characters that are copied; raise BadExpansion if there were too many."""
        if characters > self.remaining:
            raise BadExpansion("the variables of the Dockerfile are too large to be filled in")
        self.remaining -= characters

    def spend_comparisons(self, count: int) -> None:
        """Count characters that are compared with a pattern; raise BadExpansion as `spend`."""
        self.spend(count * _COMPARISON_COST)
