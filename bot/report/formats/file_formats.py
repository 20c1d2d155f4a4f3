"""The formats of a report that are files of their own, each rendered by one module.

A renderer is imported when it is needed: `measure` must not wait for what HTML takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names of the formats are in the help, which needs no report
    from bot.model.report import Report

# In the order of the help. `.prom` is the suffix that Prometheus' node exporter reads.
FILE_SUFFIXES = {
    "markdown": ".md",
    "json": ".json",
    "html": ".html",
    "csv": ".csv",
    "sarif": ".sarif",
    "junit": ".xml",
    "openmetrics": ".prom",
}


def render_file(report: Report, name: str) -> str:
    """Render a report in a format of `FILE_SUFFIXES`."""
    return _find_renderer(name)(report)


def _find_renderer(name: str) -> Callable[[Report], str]:
    renderer: Callable[[Report], str]
    match name:
        case "json":
            from bot.report.document.report_document import render_json

            renderer = render_json
        case "markdown":
            from bot.report.formats.markdown import render_markdown

            renderer = render_markdown
        case "html":
            from bot.report.formats.html.html_page import render_html

            renderer = render_html
        case "csv":
            from bot.report.formats.csv_table import render_csv

            renderer = render_csv
        case "sarif":
            from bot.report.formats.sarif import render_sarif

            renderer = render_sarif
        case "junit":
            from bot.report.formats.junit import render_junit

            renderer = render_junit
        case "openmetrics":
            from bot.report.formats.openmetrics import render_openmetrics

            renderer = render_openmetrics
        case _:
            raise KeyError(name)
    return renderer
