"""The error that stopped a job, as a Markdown page for the job summary."""

import re
from collections.abc import Iterator

from bot.doc_links import DOCS_BASE_URL
from bot.report import escape

_HEADING = "### ❗ Image Size Review could not complete"
_MAX_CHARACTERS = 2000  # of a line: an error may quote a whole file of the repository
_DOCS_LINK = re.compile(rf"{re.escape(DOCS_BASE_URL)}([a-z]+)\.md")


def render_problem(what: str, why: str, fix: str) -> str:
    """Render what happened, why, and what to do, with links to the documentation it names."""
    parts = {"": what, "**Why:** ": why, "**What to do:** ": fix}
    paragraphs = [_render_paragraph(label, text) for label, text in parts.items() if text]
    return "\n\n".join([_HEADING, *paragraphs, *_render_links(f"{what}\n{why}\n{fix}")])


def _render_paragraph(label: str, text: str) -> str:
    """Render one line as prose; further lines, such as a list of mistakes, as a code block."""
    lines = text.split("\n")
    if len(lines) == 1:
        return label + escape.plain(text, _MAX_CHARACTERS)
    return label + escape.plain(lines[0], _MAX_CHARACTERS) + "\n\n" + escape.code_block(lines[1:])


def _render_links(text: str) -> Iterator[str]:
    names = dict.fromkeys(_DOCS_LINK.findall(text))
    if names:
        yield (
            "See also: " + ", ".join(f"[{name}]({DOCS_BASE_URL}{name}.md)" for name in names) + "."
        )
