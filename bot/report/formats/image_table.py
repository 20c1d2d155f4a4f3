"""The images that would be reviewed, as a table for people, with what a review would say."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from bot.model.image_list import ImageListing, ListedImage
from bot.model.sizes import format_count, format_names
from bot.report import escape
from bot.report.formats.path_cell import PathCell
from bot.report.formats.text import DEFAULT_WIDTH, indent, make_grid, make_text, print_parts
from bot.report.page.changed_rules import GATE_TITLE, describe_gate_changes

# Reasons are not cut: they end with what to do.
_MAX_REASON_LENGTH = 5000
_MAX_NAMES = 5
_CONTEXT_REASONS = {
    "configured": "configured",
    "default": "the Dockerfile's folder",
}


def render_image_table(
    listing: ImageListing, *, width: int = DEFAULT_WIDTH, colour: bool = False
) -> str:
    """Render the images in lines of `width` columns, and what is left out or to be noticed."""
    return print_parts(_list_parts(listing), width=width, colour=colour)


def _list_parts(listing: ImageListing) -> Iterator[RenderableType]:
    images = listing.images
    affected = sum(image.is_affected for image in images)
    yield Text(f"{format_count(len(images), 'image')}, {affected} affected.", "bold")
    if listing.gate_changes:
        yield Text(f"\n{GATE_TITLE}", "bold")
        yield from (indent(make_text(x)) for x in describe_gate_changes(listing.gate_changes))
    if images:
        yield ""
        yield _make_table(images)
    warnings = [(image.spec.shown_name, text) for image in images for text in image.warnings]
    yield from _list_lines("Warnings:", warnings)
    yield from _list_lines("Limits:", _group_limits(images))
    left_out = [(item.path, item.reason) for item in listing.not_reviewed]
    yield from _list_lines(f"{len(left_out)} not reviewed:", left_out)
    yield from (_make_line(f"\n{_escape(note)}") for note in listing.notes)


def _list_lines(title: str, lines: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    """Yield a title and a line for each subject with its text; nothing without any."""
    texts = [f"  {_escape(subject)}: {_escape(text)}" for subject, text in lines]
    if texts:
        yield Text(f"\n{title}", "bold")
        yield from map(_make_line, texts)


def _make_line(text: str) -> Text:
    """Return a line that the terminal wraps, so that it can be searched for."""
    return Text(text, no_wrap=True)


def _make_table(images: Iterable[ListedImage]) -> RenderableType:
    """Return the table without the columns that say the same of all images."""
    rows = [_list_cells(image) for image in images]
    # Eight columns do not fit into a terminal; most repositories need three.
    columns = [
        column
        for column, usual in _USUAL_VALUES.items()
        if usual is None or any(row[column] != usual for row in rows)
    ]
    table = make_grid(tuple(columns), frozenset())
    for row in rows:
        table.add_row(*(PathCell(_escape(row[column])) for column in columns))
    return table


# The columns, with the values that are not shown if no image has another.
_LAST_STAGE, _OWN_PLATFORM, _NO_BASE, _NO_JOB = (
    "the last stage",
    "the engine's own",
    "nothing",
    "none",
)
_USUAL_VALUES = {
    "image": None,
    "state": None,
    "Dockerfile": None,
    "context": None,
    "target": _LAST_STAGE,
    "platform": _OWN_PLATFORM,
    "built on": _NO_BASE,
    "job": _NO_JOB,
}


def _list_cells(image: ListedImage) -> dict[str, str]:
    spec = image.spec
    source = spec.context_source.value
    reason = spec.context_reason or _CONTEXT_REASONS.get(source, source)
    return {
        "image": spec.shown_name,
        "state": image.state.value,
        "Dockerfile": spec.dockerfile,
        "context": f"{spec.context} ({reason})",
        "target": spec.target or _LAST_STAGE,
        "platform": spec.platform or _OWN_PLATFORM,
        "built on": ", ".join(image.based_on) or _NO_BASE,
        "job": str(image.shard or _NO_JOB),
    }


def _group_limits(images: Iterable[ListedImage]) -> Iterator[tuple[str, str]]:
    """Yield the images that have the same limits, with these."""
    names: dict[str, list[str]] = {}
    for image in images:
        limits = (f"{limit.name} {limit.value} ({limit.source})" for limit in image.limits)
        names.setdefault(", ".join(limits) or "none", []).append(image.spec.shown_name)
    for text, group in names.items():
        shown = list(dict.fromkeys(group))
        yield format_names(shown, _MAX_NAMES), text


def _escape(text: str) -> str:
    return escape.terminal(text, _MAX_REASON_LENGTH)
