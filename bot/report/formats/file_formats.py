"""The formats of a report that are files of their own, each rendered by one module.

A renderer is imported when it is needed: `measure` must not wait for what HTML takes.
"""

from importlib import import_module

from bot.model.report import Report

# The suffix of each format's file, and the module below bot/report with its renderer.
_RENDERERS = {
    "json": (".json", "document.report_document"),
    "markdown": (".md", "formats.markdown"),
    "html": (".html", "formats.html.html_page"),
    "csv": (".csv", "formats.csv_table"),
    "sarif": (".sarif", "formats.sarif"),
    "junit": (".xml", "formats.junit"),
    "openmetrics": (".prom", "formats.openmetrics"),
}
FILE_SUFFIXES = {name: suffix for name, (suffix, _) in _RENDERERS.items()}


def render_file(report: Report, name: str) -> str:
    """Render a report in a format of `FILE_SUFFIXES`."""
    module = import_module(f"bot.report.{_RENDERERS[name][1]}")
    text: str = getattr(module, f"render_{name}")(report)
    return text
