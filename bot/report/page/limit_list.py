"""The limits that let many images pass, as lines for the configuration file."""

import json
import re
from collections.abc import Iterator, Sequence

from bot.model.report import ImageReport, Report
from bot.report.page.limit_fix import list_file_entries
from bot.report.page.limit_places import LimitPlace
from bot.report.page.limit_values import Entry, format_budget
from bot.report.page.page_model import KeepPriority, Line, Listing, Phrase, Section

# Plain scalars that YAML reads as the text that they are.
_PLAIN_TEXT = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def make_limit_sections(report: Report, images: Sequence[ImageReport]) -> tuple[Section, ...]:
    """Return a section for each file with more limits than the third line has place for."""
    return tuple(
        _make_section(where, entries) for where, entries in list_file_entries(report, images)
    )


def _make_section(where: LimitPlace, entries: Sequence[Entry]) -> Section:
    end = ". If an image has an entry already, change only its budget."
    line: Phrase = ("Set these budgets", *where.location, end)
    lines = ("images:", *(line for entry in entries for line in _write(entry)))
    blocks = (Line(line), Listing(lines))
    return Section(
        "Limits that let all images pass", KeepPriority.SUGGESTIONS, blocks, collapsed=True
    )


def _write(entry: Entry) -> Iterator[str]:
    image, values = entry
    yield f"  - name: {_quote(image.spec.name)}"
    yield f"    dockerfile: {_quote(image.spec.dockerfile)}"
    if image.spec.target:
        yield f"    target: {_quote(image.spec.target)}"
    yield f"    {format_budget(values)}"


def _quote(text: str) -> str:
    if _PLAIN_TEXT.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    # A JSON text is a double-quoted scalar of YAML.
    return json.dumps(text)
