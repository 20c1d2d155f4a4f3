"""The action's outputs that come from the report itself."""

from bot.model.report import Report
from bot.report.page import image_facts
from bot.report.page.own_bases import order_images


def make_outputs(report: Report) -> dict[str, str]:
    """Return the verdict of the whole report, and the sizes of one of its images.

    That is the image which the headline names: over budget first, then not measured, then the
    largest change (in an audit, the largest image). Sizes of several images are never added up,
    since shared layers would count more than once; the JSON report lists all images. Sizes are
    bytes by the metric of that image's budget; an unknown size, such as a new image's base, is
    empty.
    """
    # As in the table, an image leads before those that are built on it, and grew with it.
    images = image_facts.rank_images(order_images(report) or report.images)
    lead = images[0] if images else None
    base, head = (
        (image_facts.base_size(lead), image_facts.head_size(lead)) if lead else (None, None)
    )
    delta = image_facts.growth(lead) if lead else None
    return {
        "verdict": report.verdict.value,
        "base-size": _format_bytes(base),
        "head-size": _format_bytes(head),
        "delta": _format_bytes(delta),
        "delta-percent": f"{100 * delta / base:.1f}" if base and delta is not None else "",
    }


def _format_bytes(size: int | None) -> str:
    return "" if size is None else str(size)
