"""The action's outputs that come from the report itself."""

from bot.model.report import Report
from bot.report.page import image_facts


def make_outputs(report: Report) -> dict[str, str]:
    """`verdict` of the whole report, and the sizes of its one telling image.

    With several images that is the one the headline names: the worst verdict first, then the
    largest change (in an audit, the largest image). Sizes of several images are never added up,
    since the layers they share would count again and again; the JSON report has them all. Sizes
    are bytes by that image's own metric, and what is unknown, such as a new image's base, is empty.
    """
    images = image_facts.rank_images(image_facts.select_images(report) or report.images)
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
