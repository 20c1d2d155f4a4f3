"""Makes a page fit: drops whole pieces, least worthy first, and never cuts inside one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.report.page.page_model import Worth

# Room for the two sentences that say what was left out.
_RESERVE = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays or goes as a whole.

    Pieces of one `group` live inside its frame: the frame's own pieces go with the last of them.
    """

    text: str
    worth: Worth = Worth.KEEP
    group: int | None = None
    frame: bool = False


def weigh(text: str) -> int:
    """Bytes of UTF-8: never fewer than the characters, or the UTF-16 units, that GitHub may count."""
    return len(text.encode())


def fit(pieces: Sequence[Piece], limit: int) -> frozenset[int]:
    """The positions of the pieces to keep, so that together they weigh at most `limit`."""
    kept = dict(enumerate(pieces))
    excess = sum(weigh(piece.text) for piece in pieces) - limit
    if excess <= 0:
        return frozenset(kept)
    for position in _least_worthy_first(pieces):
        if excess + _RESERVE <= 0:
            break
        excess -= weigh(kept.pop(position).text)
        excess -= _drop_empty_frame(kept, pieces[position].group)
    return frozenset(kept)


def _least_worthy_first(pieces: Sequence[Piece]) -> list[int]:
    """Of two pieces of the same worth the later goes first: pages begin with the worst news."""
    loose = [at for at, piece in enumerate(pieces) if piece.worth is not Worth.KEEP]
    return sorted(loose, key=lambda at: (pieces[at].worth, -at))


def _drop_empty_frame(kept: dict[int, Piece], group: int | None) -> int:
    """Drops the frame that has lost its last content; says how much that saves."""
    members = [at for at, piece in kept.items() if piece.group == group]
    if group is None or any(not kept[at].frame for at in members):
        return 0
    return sum(weigh(kept.pop(at).text) for at in members)
