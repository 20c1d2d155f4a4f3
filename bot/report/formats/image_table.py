"""The images that would be reviewed, as a table for people."""

from collections.abc import Iterator
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.model.image_list import ImageListing, ListedImage
from bot.report import escape

_COLUMNS = ("image", "state", "Dockerfile", "context", "target", "platform", "limits")
_CONTEXT_REASONS = {
    "configured": "configured",
    "default": "the Dockerfile's folder",
}


def render_image_table(listing: ImageListing, *, width: int = 200) -> str:
    """Render the images in lines of `width` columns, and what is left out."""
    output = StringIO()
    console = Console(
        file=output, width=width, markup=False, highlight=False, emoji=False, _environ={}
    )
    affected = sum(image.is_affected for image in listing.images)
    console.print(f"{_count(len(listing.images), 'image')}, {affected} affected.")
    if listing.images:
        console.print(_make_table(listing))
    if listing.not_reviewed:
        console.print(f"\n{len(listing.not_reviewed)} not reviewed:")
        for item in listing.not_reviewed:
            line = f"  {escape.terminal(item.path)}: {escape.terminal(item.reason)}"
            console.print(Text(line))
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _make_table(listing: ImageListing) -> Table:
    is_sharded = any(image.shard for image in listing.images)
    columns = (*_COLUMNS, "shard") if is_sharded else _COLUMNS
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for image in listing.images:
        cells = (Text(escape.terminal(cell, 1000)) for cell in _list_cells(image))
        table.add_row(*cells, *([str(image.shard)] if is_sharded else []))
    return table


def _list_cells(image: ListedImage) -> Iterator[str]:
    spec = image.spec
    source = spec.context_source.value
    yield spec.shown_name
    yield image.state.value
    yield spec.dockerfile
    yield f"{spec.context} ({spec.context_reason or _CONTEXT_REASONS.get(source, source)})"
    yield spec.target or "the last stage"
    yield spec.platform or "the engine's own"
    limits = (f"{limit.name} {limit.value} ({limit.source})" for limit in image.limits)
    yield ", ".join(limits) or "none"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
