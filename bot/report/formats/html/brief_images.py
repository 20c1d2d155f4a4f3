"""The detail of each of many images on a page: the first ones are in full, the others in brief."""

from dataclasses import replace

from bot.model.report import ImageReport
from bot.report.page.audit_sections import CONTENTS_TITLE, make_contents_section
from bot.report.page.layers_section import LAYERS_TITLE, make_short_layers
from bot.report.page.page_model import Details, KeepPriority, Section, Table
from bot.report.page.sizes_section import SIZES_TITLE

# About what an image in full takes, what a brief one takes, and what all of them may take.
_FULL_BYTES, _BRIEF_BYTES, _MAX_BYTES = 22_000, 4_500, 1_000_000
_MIN_FULL = 10
_MAX_ROWS = 3  # of contents, of each kind


def count_full(images: int) -> int:
    """Return how many images of so many are shown in full; those after them are brief."""
    room = _MAX_BYTES - images * _BRIEF_BYTES
    return min(images, max(_MIN_FULL, room // (_FULL_BYTES - _BRIEF_BYTES)))


def describe_detail(images: int) -> str:
    """Say how much is shown, as HTML; empty if that is everything."""
    number = count_full(images)
    if number == images:
        return ""
    return (
        f"<p>To keep this page small, it shows the first {number} images in full, and the others "
        "with a coarser picture and shorter lists. The JSON report has all of them.</p>\n"
    )


def shorten_details(details: Details, image: ImageReport) -> Details:
    """Return what is said of a brief image: all that is to be judged or done, and shorter lists."""
    sections = (section for section in details.sections if not _is_repeated(section))
    return replace(details, sections=tuple(_shorten(section, image) for section in sections))


def _is_repeated(section: Section) -> bool:
    """Return True for what is on the page already: in the table of all images, and as a diff."""
    is_rewrite = section.collapsed and section.priority is KeepPriority.REWRITE
    return is_rewrite or section.title == SIZES_TITLE


def _shorten(section: Section, image: ImageReport) -> Section:
    if section.title == CONTENTS_TITLE:
        return make_contents_section(image, _MAX_ROWS)[0]
    if section.title == LAYERS_TITLE and image.comparison.base is None:
        section = (make_short_layers(image) or [section])[0]
    # A closed section lists the largest of something.
    most = _MAX_ROWS if section.collapsed else None
    blocks = (
        replace(block, rows=block.rows[:most], bars=()) if isinstance(block, Table) else block
        for block in section.blocks
    )
    return replace(section, blocks=tuple(blocks))
