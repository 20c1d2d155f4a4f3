"""The section that names each cause of growth, its lines and its owners."""

from bot.model.comparison import Attribution, GrowthCause
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import format_change
from bot.report.page import causes, image_facts
from bot.report.page.layer_notes import describe_layer_effects
from bot.report.page.owner_names import describe_owner
from bot.report.page.page_model import (
    Block,
    KeepPriority,
    Line,
    Phrase,
    Section,
    Table,
    Untrusted,
    format_count,
    join_phrases,
)

_MAX_CAUSES = 6
_MAX_OWNERS = 3


def make_changes_sections(image: ImageReport) -> list[Section]:
    """The causes of growth, the base image told apart; the long tail in a section of its own."""
    rows = image.comparison.attribution
    if not rows:
        return []
    real = [row for row in rows if row.cause is not GrowthCause.REBUILT or row.delta_bytes]
    passing, head = image_facts.is_passing(image), image.comparison.head
    blocks: list[Block] = [*_sum_base_and_own(rows)]
    blocks += [_make_cause_table(real[:_MAX_CAUSES], head)] if real else []
    blocks += _list_rebuilt([row for row in rows if row not in real])
    worth = KeepPriority.CAUSES_OF_PASSING if passing else KeepPriority.CAUSES
    sections = [Section("What changed", worth, tuple(blocks))]
    if tail := real[_MAX_CAUSES:]:
        sections.append(
            Section(
                "Smaller changes", KeepPriority.SMALLER_CAUSES, (_make_cause_table(tail, head),)
            )
        )
    return sections


def _sum_base_and_own(rows: tuple[Attribution, ...]) -> list[Line]:
    """The base image apart from what the Dockerfile itself does: other people answer for it."""
    base = sum(row.delta_bytes for row in rows if row.cause is GrowthCause.BASE_IMAGE)
    own = sum(row.delta_bytes for row in rows) - base
    if not any(row.cause is GrowthCause.BASE_IMAGE for row in rows):
        return []
    ours = f"{format_change(own)} from the Dockerfile's own layers"
    return [Line((f"{format_change(base)} from the base image, {ours}.",))]


def _make_cause_table(rows: list[Attribution], head: Image | None) -> Table:
    cells = tuple(
        (
            _format_location(row),
            (Untrusted(row.text, 120),),
            (format_change(row.delta_bytes),),
            _format_contents(row, head),
        )
        for row in rows
    )
    return Table(("where", "instruction", "change", "whose bytes"), cells, frozenset({2}))


def _format_location(row: Attribution) -> Phrase:
    place = image_facts.format_lines(row.line_start, row.line_end)
    if row.cause is GrowthCause.BASE_IMAGE:
        moved = "base image moved" if causes.has_base_drifted(row) else "base image"
        return (f"{moved}, {place}" if place else moved,)
    return (f"{place} before (gone)" if row.side == "base" else place or "—",)


def _format_contents(row: Attribution, head: Image | None) -> Phrase:
    """Whose bytes they are, and what the line does to those of others."""
    return join_phrases(
        [phrase for phrase in (_format_owners(row), *describe_layer_effects(row, head)) if phrase],
        "; ",
    ) or ("—",)


def _format_owners(row: Attribution) -> Phrase:
    """The largest owners; the rest as one number, so that the row still adds up."""
    shown, rest = row.owners[:_MAX_OWNERS], row.owners[_MAX_OWNERS:]
    parts: list[Phrase] = [
        (*describe_owner(owner), f" {format_change(owner.delta_bytes)}") for owner in shown
    ]
    if rest:
        left = sum(owner.delta_bytes for owner in rest)
        parts.append((f"{len(rest):,} more {format_change(left)}",))
    return join_phrases(parts, ", ")


def _list_rebuilt(rows: list[Attribution]) -> list[Line]:
    if not rows:
        return []
    places = [place for place in (causes.format_location(row) for row in rows) if place]
    named = f" ({', '.join(places[:10])}{', …' if len(places) > 10 else ''})" if places else ""
    return [Line((f"{format_count(len(rows), 'layer')} rebuilt with the same content{named}.",))]
