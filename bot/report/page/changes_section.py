"""The section "What changed": each cause of growth with its lines and its owners."""

from bot.image.build_history import normalise_created_by
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.sizes import format_change, format_count
from bot.report.page import causes, image_facts
from bot.report.page.layer_notes import describe_layer_effects
from bot.report.page.own_bases import find_own_base
from bot.report.page.owner_names import describe_owner
from bot.report.page.page_model import (
    Block,
    KeepPriority,
    Line,
    Phrase,
    Section,
    Table,
    Untrusted,
    join_phrases,
)
from bot.report.page.small_sizes import is_small

_MAX_CAUSES = 6
_MAX_OWNERS = 3


def make_changes_sections(image: ImageReport) -> list[Section]:
    """Build the table of causes; those after the first six go into a second section."""
    rows = image.comparison.attribution
    if not rows:
        return []
    changed = [row for row in rows if row.cause is not GrowthCause.REBUILT or row.delta_bytes]
    passing = image_facts.is_passing(image)
    blocks: list[Block] = [*_sum_base_and_own(rows)]
    blocks += [_make_cause_table(changed[:_MAX_CAUSES], image)] if changed else []
    blocks += _list_rebuilt([row for row in rows if row not in changed])
    priority = KeepPriority.CAUSES_OF_PASSING if passing else KeepPriority.CAUSES
    sections = [Section("What changed", priority, tuple(blocks))]
    if smaller := changed[_MAX_CAUSES:]:
        table = _make_cause_table(smaller, image)
        sections.append(Section("More changes", KeepPriority.SMALLER_CAUSES, (table,)))
    return sections


def make_short_changes(image: ImageReport) -> list[Section]:
    """Build the table of the large causes; the small ones are counted in a line."""
    base, head, rows = image.comparison.base, image.comparison.head, image.comparison.attribution
    rows = tuple(row for row in rows if row.delta_bytes)
    if base is None or head is None or not rows:
        return []
    size = max(base.unpacked_bytes, head.unpacked_bytes)
    large = [row for row in rows if not is_small(row.delta_bytes, size)]
    shown, rest = large[:_MAX_CAUSES], [*large[_MAX_CAUSES:], *(x for x in rows if x not in large)]
    blocks: list[Block] = [*_sum_base_and_own(rows)]
    blocks += [_make_cause_table(shown, image)] if shown else []
    if rest:
        total = format_change(sum(row.delta_bytes for row in rest))
        # The seventh of many large ones is not small.
        noun = "more change" if large[_MAX_CAUSES:] else "smaller change"
        blocks.append(Line((f"{format_count(len(rest), noun)}: {total}.",)))
    return [Section("What changed", KeepPriority.CAUSES, tuple(blocks))]


def _sum_base_and_own(rows: tuple[Attribution, ...]) -> list[Line]:
    """Split the growth into the base image's and the Dockerfile's, if the base image changed."""
    if not any(row.cause is GrowthCause.BASE_IMAGE for row in rows):
        return []
    base = sum(row.delta_bytes for row in rows if row.cause is GrowthCause.BASE_IMAGE)
    own = sum(row.delta_bytes for row in rows) - base
    own_text = f"{format_change(own)} from the Dockerfile's own layers"
    return [Line((f"{format_change(base)} from the base image, {own_text}.",))]


def _make_cause_table(rows: list[Attribution], image: ImageReport) -> Table:
    cells = tuple(
        (
            _format_location(row, image),
            (Untrusted(row.text, 120),),
            (format_change(row.delta_bytes),),
            _format_contents(row, image.comparison.head),
        )
        for row in rows
    )
    headers = ("where", "instruction", "change", "from")
    return Table(headers, cells, frozenset({2}), tuple(row.delta_bytes for row in rows))


def _format_location(row: Attribution, image: ImageReport) -> Phrase:
    lines = image_facts.format_lines(row.line_start, row.line_end) or _find_layer(row, image)
    if own := find_own_base(image, row):
        return ("base image ", Untrusted(own.image.dockerfile, 120), f", {lines}" if lines else "")
    if row.cause is GrowthCause.BASE_IMAGE:
        label = "base image updated" if causes.has_base_drifted(row) else "base image"
        return (f"{label}, {lines}" if lines else label,)
    return (f"{lines} (removed)" if row.side is BaseOrHead.BASE else lines or "—",)


def _find_layer(row: Attribution, image: ImageReport) -> str:
    """Return the layer's number for a row without lines, if only one layer has its command."""
    side = image.comparison.head if row.side is BaseOrHead.HEAD else image.comparison.base
    numbers = [
        layer.index + 1
        for layer in (side.layers if side else ())
        if not layer.from_base_image and normalise_created_by(layer.created_by) == row.text
    ]
    return f"layer {numbers[0]}" if len(numbers) == 1 else ""


def _format_contents(row: Attribution, head: Image | None) -> Phrase:
    """List the owners of the bytes, and what the line does to lower layers."""
    phrases = [_format_owners(row), *describe_layer_effects(row, head)]
    return join_phrases([phrase for phrase in phrases if phrase], "; ") or ("—",)


def _format_owners(row: Attribution) -> Phrase:
    """List the largest owners, and the rest as one number, so that the row adds up."""
    shown, rest = row.owners[:_MAX_OWNERS], row.owners[_MAX_OWNERS:]
    parts: list[Phrase] = [
        (*describe_owner(owner), f" {format_change(owner.delta_bytes)}") for owner in shown
    ]
    if rest:
        rest_bytes = sum(owner.delta_bytes for owner in rest)
        parts.append((f"{len(rest):,} more {format_change(rest_bytes)}",))
    return join_phrases(parts, ", ")


def _list_rebuilt(rows: list[Attribution]) -> list[Line]:
    if not rows:
        return []
    locations = [location for row in rows if (location := causes.format_location(row))]
    ellipsis = ", …" if len(locations) > 10 else ""
    lines = f" ({', '.join(locations[:10])}{ellipsis})" if locations else ""
    return [Line((f"{format_count(len(rows), 'layer')} rebuilt with the same content{lines}.",))]
