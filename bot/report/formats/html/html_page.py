"""A page for a browser: one file that loads nothing, with or without its script.

The policy allows the style and the script of this file by their digests, and nothing else, so that
even a missed escape could do nothing.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from itertools import zip_longest

from bot.model.report import ImageReport, Mode, Report
from bot.model.sizes import format_count
from bot.report import escape
from bot.report.formats.html.blocks import (
    render_block,
    render_diff,
    render_mark,
    render_phrase,
    render_rows,
    render_section,
    render_tiles,
)
from bot.report.formats.html.brief_images import count_full, describe_detail, shorten_details
from bot.report.formats.html.file_search import render_file_search
from bot.report.formats.html.image_maps import BRIEF, MapDetail, draw_estate, draw_maps
from bot.report.formats.html.trend_chart import draw_trend
from bot.report.page.audit_sections import TOTALS_TITLE
from bot.report.page.changed_rules import GATE_TITLE
from bot.report.page.own_bases import order_images
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Details, Listing, Page, Phrase, Section, Table
from bot.report.page.suggestions_section import (
    PATCH_TITLE,
    SUGGESTIONS_TITLE,
    list_shown_suggestions,
)

_PAGE_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_hash}'; \
script-src '{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main class="{verdict}">
{body}</main>
<script>{script}</script>
</body>
</html>
"""
# Of all pictures together, except those of brief images.
_MAX_TILES = 2400
_MAX_LISTED, _MIN_LISTED = 200, 10
_PIXELS = 440 * 1000  # of one picture
_LEAST_PIXELS = 150  # of a tile that can be seen and hit
_MOST_PICTURED = 40  # images that share these tiles
_MIN_SEARCHED = 6  # rows below which all are seen at once
_TREND_TITLE = "Trend"
# Levels of headings: the page's own is 1, each image has one of level 2.
_PART_LEVEL, _IMAGE_PART_LEVEL = 2, 3


def render_html(report: Report) -> str:
    """Render the page with everything that is known."""
    page = make_page(report)
    # A search for commits has rows for these, and no details.
    images = [] if report.since else order_images(report)
    style, script = _read("page.css"), _read("page.js")
    return _PAGE_TEMPLATE.format(
        title=escape.html(to_plain_text(page.headline)),
        style=style,
        style_hash=_digest(style),
        script=script,
        script_hash=_digest(script),
        verdict=page.outcome.value,
        body="".join(_list_parts(report, page, images)),
    )


def _list_parts(report: Report, page: Page, images: Sequence[ImageReport]) -> list[str]:
    has_one_row_an_image = len(page.rows) == len(images)
    links = [f"#image-{number}" for number, _ in enumerate(images, 1)]
    estate = draw_estate(images, links) if len(images) > 1 else ""
    table = _render_table(page, links if has_one_row_an_image else [])
    files = "" if report.mode is Mode.ADVISE else render_file_search(images)
    return [
        f"<h1>{render_mark(page.outcome)} {render_phrase(page.headline)}</h1>\n",
        _render_gate(page.gate),
        f"<p><b>Why:</b> {render_phrase(page.why)}</p>\n",
        f"<p><b>{page.step_title}:</b> {render_phrase(page.next_step)}</p>\n",
        *map(_render_overview, page.overview),
        # What a change does is in the table; what a repository consists of is in the picture.
        *([estate, files, table] if report.mode is Mode.AUDIT else [table, estate, files]),
        *(render_section(section, _PART_LEVEL) for section in page.findings),
        describe_detail(len(images)),
        *_render_images(report, page, images),
        _render_unchanged(page),
        f"<footer>{'<br>'.join(render_phrase(phrase) for phrase in page.footer)}</footer>\n",
    ]


def _render_gate(gate: Sequence[Phrase]) -> str:
    if not gate:
        return ""
    lines = "".join(f"<li>{render_phrase(phrase)}</li>\n" for phrase in gate)
    return f"<p><b>{GATE_TITLE}</b></p>\n<ul>\n{lines}</ul>\n"


def _render_overview(section: Section) -> str:
    """Render the totals without a heading, since they come right below the page's own."""
    if section.title != TOTALS_TITLE:
        return render_section(section, _PART_LEVEL)
    return "".join(
        render_tiles(block) if isinstance(block, Table) else render_block(block)
        for block in section.blocks
    )


def _render_table(page: Page, links: Sequence[str]) -> str:
    if not page.rows:
        return ""
    search = (
        '<p class="search" hidden><label for="search">Search the images</label> '
        '<input id="search" type="search" autocomplete="off"> '
        '<output for="search" id="shown"></output></p>\n'
        if links and len(page.rows) >= _MIN_SEARCHED
        else ""
    )
    return search + render_rows(page.columns, page.number_columns, page.rows, links)


def _render_images(report: Report, page: Page, images: Sequence[ImageReport]) -> list[str]:
    number_full = count_full(len(images))
    full = _choose_detail(images[:_MOST_PICTURED])
    is_single = not page.collapsed or len(images) == 1
    has_maps = report.mode is not Mode.ADVISE
    parts = []
    for number, (details, image) in enumerate(zip(page.details, images, strict=True), 1):
        is_brief = number > number_full
        maps = draw_maps(image, number, BRIEF if is_brief else full) if has_maps else ""
        body = (
            # The trend is a line of text in its section.
            _render_image(shorten_details(details, image), replace(image, trend=None), maps)
            if is_brief
            else _render_image(details, image, maps)
        )
        if not body:
            continue
        title = f"<h2>{render_mark(details.outcome)} {render_phrase(details.title)}</h2>"
        parts.append(
            f'<section class="image" id="image-{number}">{title}\n{body}</section>\n'
            if is_single
            else f'<details class="image" id="image-{number}"><summary>{title}</summary>\n'
            f"{body}</details>\n"
        )
    return parts


def _choose_detail(images: Sequence[ImageReport]) -> MapDetail:
    # Before and after are two pictures: the more there are, the fewer tiles each may have.
    pictures = sum(2 if image.comparison.delta else 1 for image in images) or 1
    least = max(_LEAST_PIXELS, _PIXELS * pictures // _MAX_TILES)
    return MapDetail(least, max(_MIN_LISTED, _MAX_LISTED // pictures))


def _render_image(details: Details, image: ImageReport, maps: str) -> str:
    sections = [_render_image_section(section, image) for section in details.sections]
    # What changed and what to do about it comes first where there is something to judge.
    return "".join([*sections[:1], maps, *sections[1:]])


def _render_image_section(section: Section, image: ImageReport) -> str:
    if section.title == SUGGESTIONS_TITLE:
        blocks = zip_longest(section.blocks, list_shown_suggestions(image))
        return f"<h3>{section.title}</h3>\n" + "".join(
            render_block(block)
            + (render_diff(suggestion.diff) if suggestion and suggestion.diff else "")
            for block, suggestion in blocks
        )
    if section.title.startswith(PATCH_TITLE):
        return _render_patch(section, image)
    # A real chart in place of the one that other formats make of block characters.
    if section.title == _TREND_TITLE and image.trend is not None:
        first, *_ = section.blocks
        without_chart = Section(section.title, section.priority, (first,))
        sentence = render_section(without_chart, _IMAGE_PART_LEVEL)
        return sentence + draw_trend(image.trend)
    return render_section(section, _IMAGE_PART_LEVEL)


def _render_patch(section: Section, image: ImageReport) -> str:
    """Render a patch of several suggestions; each suggestion has its own diff above."""
    own = [suggestion.diff for suggestion in image.suggestions]
    diffs = [
        diff
        for block in section.blocks
        if isinstance(block, Listing) and (diff := "\n".join(block.lines)) not in own
    ]
    return "".join(f"<h3>{section.title}</h3>\n{render_diff(diff)}" for diff in diffs)


def _render_unchanged(page: Page) -> str:
    if not page.unchanged:
        return ""
    title = f"{format_count(len(page.unchanged), 'image')} unchanged"
    names = ", ".join(render_phrase((name,)) for name in page.unchanged)
    return f"<details><summary>{title}</summary>\n<p>{names}</p>\n</details>\n"


def _read(name: str) -> str:
    return resources.files("bot.report.formats.html").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
