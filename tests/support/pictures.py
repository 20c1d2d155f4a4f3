"""Pictures of the program's output, made from the same reports as the golden pages.

A picture is an SVG of a terminal, drawn by Rich: the same text gives the same bytes on every machine,
so that a test can compare it, and no browser is needed.
"""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.model.report import Report
from bot.report.formats.text import render_text

README_COMMAND = "image-size-review review --base main --max-growth 10MB"
README_PICTURE = Path(__file__).parents[2] / "docs" / "report.svg"

_WIDTH = 96
_FONT_FACES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw_report(report: Report, command: str) -> str:
    """Draw a report in a terminal, as the command prints it."""
    lines = render_text(report, width=_WIDTH, colour=True, is_short=True).splitlines()
    console = Console(
        record=True, width=_WIDTH, file=StringIO(), force_terminal=True, color_system="standard"
    )
    console.print(Text.assemble(("$ ", "bold green"), command, "\n"))
    for line in lines:
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ignore", crop=False)
    return _without_font_downloads(console.export_svg(title=command, unique_id="report"))


def _without_font_downloads(svg: str) -> str:
    """Leave the font to the reader's machine: GitHub loads nothing on behalf of a picture."""
    return _FONT_FACES.sub("", svg).replace("Fira Code, ", "ui-monospace, ")
