"""A page for a browser: one file that needs nothing else and runs nothing."""

from importlib import resources

from markdown_it import MarkdownIt

from bot.model.report import Report
from bot.report import escape
from bot.report.formats.markdown import render_markdown
from bot.report.page.page import make_page, to_plain_text

_NO_LIMIT = 2**40
# The policy forbids scripts and requests, so that even a missed escape could do nothing.
_PAGE_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main class="{verdict}">
{body}</main>
</body>
</html>
"""


def render_html(report: Report) -> str:
    """Render the full Markdown page as HTML.

    Raw HTML passes through, as `render_markdown` has escaped all untrusted text.
    """
    body = (
        MarkdownIt("commonmark", {"html": True}).enable("table").render(_render_whole_page(report))
    )
    style = resources.files("bot.report.formats").joinpath("page.css").read_text("utf-8")
    title = escape.title(to_plain_text(make_page(report).headline))
    return _PAGE_TEMPLATE.format(title=title, style=style, verdict=report.verdict.value, body=body)


def _render_whole_page(report: Report) -> str:
    return render_markdown(report, limit=_NO_LIMIT)
