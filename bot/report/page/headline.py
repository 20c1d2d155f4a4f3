"""The first line: the verdict and its reason. What is read when nothing else is."""

from collections.abc import Sequence

from bot.model.report import Check, ImageReport, ImageState, Outcome, Report
from bot.model.sizes import format_limit, format_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, format_count, join_phrases

_FAILURE_TEXT = {
    ImageState.HEAD_BUILD_FAILED: " does not build",
    ImageState.MEASURE_FAILED: " could not be measured",
}

_ONE_SIDED_TEXT = {
    ImageState.NEW: " is new, with {}",
    ImageState.NO_BASELINE: " measures {}, with nothing to compare it with",
}


def make_headline(report: Report, images: Sequence[ImageReport]) -> Phrase:
    """Verdict and reason of a report; the first of `shown` is the one to speak of."""
    if not images:
        return ("No image changed",) if report.images else ("There is no image to review",)
    speak = {
        "audit": _make_audit_headline,
        "measure": _make_measure_headline,
        "diff": _make_diff_headline,
        "advise": _make_advise_headline,
    }
    if report.verdict is Outcome.ERROR or report.mode not in speak:
        return _make_review_headline(report.verdict, images)
    return speak[report.mode](images)


def _make_review_headline(verdict: Outcome, images: Sequence[ImageReport]) -> Phrase:
    speak = {
        Outcome.ERROR: _make_error_headline,
        Outcome.FAIL: _make_fail_headline,
        Outcome.WARN: _make_warn_headline,
    }
    return speak.get(verdict, _make_pass_headline)(images)


def _make_error_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, alike = images[0], _count_same_verdict(images)
    over = sum(image.verdict is Outcome.FAIL for image in images)
    return (
        "Could not be judged: ",
        image_facts.label(lead),
        _FAILURE_TEXT.get(lead.state, " has no result"),
        f", and {format_count(alike, 'more image')} could not be judged either" if alike else "",
        f"; {format_count(over, 'image')} over budget" if over else "",
    )


def _make_fail_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, alike = images[0], _count_same_verdict(images)
    more = f"; {format_count(alike, 'more image')} over budget" if alike else ""
    return (
        "Over budget: ",
        image_facts.label(lead),
        *describe_change(lead),
        *_describe_limits(lead),
        more,
    )


def _make_warn_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, alike = images[0], _count_same_verdict(images)
    more = f"; {format_count(alike, 'more image')} to look at" if alike else ""
    if lead.state is ImageState.BASE_BUILD_FAILED:
        unknown = ": no growth could be computed, its base revision does not build"
        return (image_facts.label(lead), unknown, more)
    reasons = [
        image_facts.untrusted_prose(check.reason) for check in image_facts.deciding_checks(lead)
    ]
    because: Phrase = (": ", *join_phrases(reasons, "; ")) if reasons else ()
    return (image_facts.label(lead), *describe_change(lead, size_only=True), *because, more)


def _make_pass_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, others = images[0], len(images) - 1
    grew = (image_facts.growth(lead) or 0) > 0
    judged = any(check.result is Outcome.PASS for check in lead.checks)
    return (
        "Within budget: " if grew and judged else "",
        image_facts.label(lead),
        *describe_change(lead),
        *(_describe_limits(lead) if grew or lead.state is ImageState.NEW else ()),
        f"; {format_count(others, 'more image')} changed" if others else "",
    )


def _make_audit_headline(images: Sequence[ImageReport]) -> Phrase:
    bad = [image for image in images if not image_facts.is_passing(image)]
    lead = bad[0] if bad else images[0]
    size: Phrase = (
        image_facts.label(lead),
        f" with {image_facts.format_image_size(lead, image_facts.head_size(lead) or 0)}",
    )
    if bad:
        many = (
            f"{len(bad)} of {format_count(len(images), 'image')} over budget, the largest of them "
        )
        return (many, *size, *_describe_limits(lead))
    if len(images) == 1:
        return (
            image_facts.label(lead),
            *describe_change(lead, size_only=True),
            *_describe_limits(lead),
        )
    limited = any(image.checks for image in images)
    return (
        f"{format_count(len(images), 'image')}, ",
        "all within budget" if limited else "no limit is set",
        "; the largest is ",
        *size,
    )


def _make_measure_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    return (
        image_facts.label(lead),
        *describe_change(lead, size_only=True),
        *(_describe_limits(lead) if lead.checks else ()),
    )


def _make_diff_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    base, head, change = (
        image_facts.base_size(lead),
        image_facts.head_size(lead),
        image_facts.growth(lead),
    )
    if base is None or head is None or change is None:
        return _make_review_headline(lead.verdict, images)
    sizes = f"({format_size(base)} → {image_facts.format_image_size(lead, head)})"
    if change:
        than = "larger" if change > 0 else "smaller"
        what = f" is {format_size(abs(change))} {than} than the old image {sizes}"
    else:
        what = f" is as large as the old image, {image_facts.format_image_size(lead, head)}"
    return (
        image_facts.label(lead),
        what,
        *(_describe_limits(lead) if not image_facts.is_passing(lead) else ()),
    )


def _make_advise_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    best = image_facts.find_best_suggestion(images)
    if best is None:
        return (image_facts.label(lead), ": nothing to suggest")
    number = format_count(len(lead.suggestions), "suggestion")
    bytes_saved = best[1].saving_bytes
    saving = f"; the largest saves {format_size(bytes_saved)}" if bytes_saved else ""
    return (image_facts.label(lead), f": {number}{saving}")


def describe_change(image: ImageReport, *, size_only: bool = False) -> Phrase:
    """What became of an image, as the rest of a sentence that begins with its name."""
    base, head, change = (
        image_facts.base_size(image),
        image_facts.head_size(image),
        image_facts.growth(image),
    )
    if head is None:
        was = f"; it had {image_facts.format_image_size(image, base)}" if base is not None else ""
        gone = image.state is ImageState.REMOVED
        return (
            f" is removed{was}" if gone else _FAILURE_TEXT.get(image.state, " was not measured"),
        )
    size = image_facts.format_image_size(image, head)
    if size_only:
        return (f" measures {size}",)
    if base is None or change is None:
        return (_ONE_SIDED_TEXT.get(image.state, " measures {}").format(size),)
    if change == 0:
        return (f" was rebuilt and stays at {size}",)
    if change > 0:
        return (f" grew by {format_size(change)} to {size}",)
    return (f" shrank by {format_size(-change)} ({format_size(base)} → {size})",)


def _describe_limits(image: ImageReport) -> Phrase:
    """The limits that count for the verdict; said aloud where there is none."""
    checks = image_facts.deciding_checks(image) or image.checks
    known = [_describe_limit(check) for check in checks if check.limit is not None]
    return ("; " + " and ".join(known),) if known else ("; no limit is set",)


def _describe_limit(check: Check) -> str:
    limit = check.limit or 0
    if check.name == "max-growth":
        return f"its growth limit is {format_limit(limit)}"
    return f"its limit is {format_limit(limit)}"


def _count_same_verdict(images: Sequence[ImageReport]) -> int:
    """How many images besides the first share its verdict."""
    return sum(image.verdict is images[0].verdict for image in images) - 1
