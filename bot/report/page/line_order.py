"""The order of lines that keeps large layers: what changes often goes below what does not."""

from collections.abc import Sequence

from bot.model.image import Layer
from bot.model.report import ImageReport
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.causes import find_base_change, has_base_drifted
from bot.report.page.large_downloads import (
    Download,
    find_download,
    format_lines,
    get_download,
    sum_compressed,
)
from bot.report.page.page_model import Phrase, Untrusted
from bot.report.page.pull_causes import is_about_download

_COPY_KEYWORDS = ("COPY", "ADD")
_PIN_TEXT = "pin the base image to a digest: it was updated under the same tag"
_MIN_SHARE_DIVISOR = 10  # smaller layers than a tenth need not be above the line that changes


def suggest_order(image: ImageReport) -> Phrase:
    """Say what makes a download smaller, or where to look."""
    download = find_download(image)
    if better := find_better_order(image):
        return better
    lines = format_lines(download.largest) if download else ""
    if not lines:
        return ("keep large layers as they are",)
    return (f"look at {lines} of ", _name_file(image))


def find_other_order(images: Sequence[ImageReport]) -> Phrase:
    """Return the order for the image with the largest download, where all is within budget."""
    large = [image for image in images if is_about_download(image)]
    if not large or not image_facts.is_passing(images[0]):
        return ()
    return find_better_order(max(large, key=get_download))


def find_better_order(image: ImageReport) -> Phrase:
    """Say which line to move, or to keep as it is; empty if the download is no matter of order."""
    download = find_download(image)
    if download is None:
        return ()
    first, lines = download.first, format_lines(download.first)
    if first.from_base_image:
        return _suggest_pin(image, download)
    if first in download.repeated:
        again = f"find out why {lines or 'a layer'} was built again"
        return (f"{again}: a changed ARG or ENV above it, or a build without the cache",)
    lowest = _find_lowest(download)
    below = format_lines(lowest) if lowest else ""
    if not lines or below in ("", lines):
        return ()
    return (*_move(first, below, image), _describe_saving(download))


def _suggest_pin(image: ImageReport, download: Download) -> Phrase:
    """Suggest a digest where the base image changed by itself, and is why layers are new."""
    row = find_base_change(image)
    is_cause = download.is_mostly((*download.inherited, *download.repeated))
    if row is None or not has_base_drifted(row) or not is_cause:
        return ()
    return (_PIN_TEXT,)


def _find_lowest(download: Download) -> Layer | None:
    """Return the last of the large layers that the first one makes new."""
    if not download.is_mostly(download.repeated):
        return download.largest if download.largest is not download.first else None
    repeated_bytes = sum_compressed(download.repeated)
    large = [
        layer
        for layer in download.repeated
        if layer.compressed_bytes * _MIN_SHARE_DIVISOR >= repeated_bytes
    ]
    return (large or download.repeated)[-1]


def _move(first: Layer, below: str, image: ImageReport) -> Phrase:
    """Say where the first line goes, and what the lines that it was above still need."""
    lines, file, source = format_lines(first), _name_file(image), first.instruction
    is_copy = source is not None and source.keyword.upper() in _COPY_KEYWORDS
    if is_copy and source is not None and "--from" not in source.text:
        needs = "; in its place, copy only the files that the lines in between read"
        return (f"move {lines} of ", file, f" below {below}{needs}")
    return (f"move {lines} of ", file, f" below {below}, if the lines in between do not need it")


def _describe_saving(download: Download) -> str:
    if not download.is_mostly(download.repeated):
        return ""
    return f" (saves up to {format_size(sum_compressed(download.repeated))} of the download)"


def _name_file(image: ImageReport) -> Untrusted:
    return Untrusted(image.spec.dockerfile or "the Dockerfile", 120)
