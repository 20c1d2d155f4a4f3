"""The section that names each cause of growth, its lines and its owners."""

from bot.model.comparison import Attribution, Cause
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import show_change
from bot.report.page import causes, image_facts
from bot.report.page.layer_notes import remarks
from bot.report.page.owner_names import owner_name
from bot.report.page.page_model import (
    Block,
    Foreign,
    Line,
    Phrase,
    Section,
    Table,
    Worth,
    count,
    join,
)

_CAUSES = 6
_OWNERS = 3


def what_changed(image: ImageReport) -> list[Section]:
    """The causes of growth, the base image told apart; the long tail in a section of its own."""
    rows = image.comparison.attribution
    if not rows:
        return []
    real = [row for row in rows if row.cause is not Cause.REBUILT or row.delta_bytes]
    passing, head = image_facts.passes(image), image.comparison.head
    blocks: list[Block] = [*_base_and_own(rows)]
    blocks += [_cause_table(real[:_CAUSES], head)] if real else []
    blocks += _rebuilt([row for row in rows if row not in real])
    worth = Worth.CAUSES_OF_PASSING if passing else Worth.CAUSES
    sections = [Section("What changed", worth, tuple(blocks))]
    if tail := real[_CAUSES:]:
        sections.append(
            Section("Smaller changes", Worth.SMALLER_CAUSES, (_cause_table(tail, head),))
        )
    return sections


def _base_and_own(rows: tuple[Attribution, ...]) -> list[Line]:
    """The base image apart from what the Dockerfile itself does: other people answer for it."""
    base = sum(row.delta_bytes for row in rows if row.cause is Cause.BASE_IMAGE)
    own = sum(row.delta_bytes for row in rows) - base
    if not any(row.cause is Cause.BASE_IMAGE for row in rows):
        return []
    ours = f"{show_change(own)} from the Dockerfile's own layers"
    return [Line((f"{show_change(base)} from the base image, {ours}.",))]


def _cause_table(rows: list[Attribution], head: Image | None) -> Table:
    cells = tuple(
        (_where(row), (Foreign(row.text, 120),), (show_change(row.delta_bytes),), _why(row, head))
        for row in rows
    )
    return Table(("where", "instruction", "change", "whose bytes"), cells, frozenset({2}))


def _where(row: Attribution) -> Phrase:
    place = image_facts.lines(row.line_start, row.line_end)
    if row.cause is Cause.BASE_IMAGE:
        moved = "base image moved" if causes.drifted(row) else "base image"
        return (f"{moved}, {place}" if place else moved,)
    return (f"{place} before (gone)" if row.side == "base" else place or "—",)


def _why(row: Attribution, head: Image | None) -> Phrase:
    """Whose bytes they are, and what the line does to those of others."""
    return join([phrase for phrase in (_owners(row), *remarks(row, head)) if phrase], "; ") or (
        "—",
    )


def _owners(row: Attribution) -> Phrase:
    """The largest owners; the rest as one number, so that the row still adds up."""
    shown, rest = row.owners[:_OWNERS], row.owners[_OWNERS:]
    parts: list[Phrase] = [
        (*owner_name(owner), f" {show_change(owner.delta_bytes)}") for owner in shown
    ]
    if rest:
        left = sum(owner.delta_bytes for owner in rest)
        parts.append((f"{len(rest):,} more {show_change(left)}",))
    return join(parts, ", ")


def _rebuilt(rows: list[Attribution]) -> list[Line]:
    if not rows:
        return []
    places = [place for place in (causes.where(row) for row in rows) if place]
    named = f" ({', '.join(places[:10])}{', …' if len(places) > 10 else ''})" if places else ""
    return [Line((f"{count(len(rows), 'layer')} rebuilt with the same content{named}.",))]
