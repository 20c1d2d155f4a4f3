"""The first line: the verdict and its reason. What is read when nothing else is."""

from collections.abc import Sequence

from bot.model.report import Check, ImageReport, Outcome, Report, State
from bot.model.sizes import show_limit, show_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, count, join

_COULD_NOT = {
    State.HEAD_BUILD_FAILED: " does not build",
    State.MEASURE_FAILED: " could not be measured",
}

_ONE_SIDED = {
    State.NEW: " is new, with {}",
    State.NO_BASELINE: " measures {}, with nothing to compare it with",
}


def headline(report: Report, shown: Sequence[ImageReport]) -> Phrase:
    """Verdict and reason of a report; the first of `shown` is the one to speak of."""
    if not shown:
        return ("No image changed",) if report.images else ("There is no image to review",)
    speak = {"audit": _audit, "measure": _measure, "diff": _diff, "advise": _advise}
    if report.verdict is Outcome.ERROR or report.mode not in speak:
        return _review(report.verdict, shown)
    return speak[report.mode](shown)


def _review(verdict: Outcome, shown: Sequence[ImageReport]) -> Phrase:
    speak = {Outcome.ERROR: _error, Outcome.FAIL: _fail, Outcome.WARN: _warn}
    return speak.get(verdict, _pass)(shown)


def _error(shown: Sequence[ImageReport]) -> Phrase:
    lead, alike = shown[0], _as_bad(shown)
    over = sum(image.verdict is Outcome.FAIL for image in shown)
    return (
        "Could not be judged: ",
        image_facts.label(lead),
        _COULD_NOT.get(lead.state, " has no result"),
        f", and {count(alike, 'more image')} could not be judged either" if alike else "",
        f"; {count(over, 'image')} over budget" if over else "",
    )


def _fail(shown: Sequence[ImageReport]) -> Phrase:
    lead, alike = shown[0], _as_bad(shown)
    more = f"; {count(alike, 'more image')} over budget" if alike else ""
    return ("Over budget: ", image_facts.label(lead), *movement(lead), *_limits(lead), more)


def _warn(shown: Sequence[ImageReport]) -> Phrase:
    lead, alike = shown[0], _as_bad(shown)
    more = f"; {count(alike, 'more image')} to look at" if alike else ""
    if lead.state is State.BASE_BUILD_FAILED:
        unknown = ": no growth could be computed, its base revision does not build"
        return (image_facts.label(lead), unknown, more)
    reasons = [image_facts.prose(check.reason) for check in image_facts.broken(lead)]
    because: Phrase = (": ", *join(reasons, "; ")) if reasons else ()
    return (image_facts.label(lead), *movement(lead, alone=True), *because, more)


def _pass(shown: Sequence[ImageReport]) -> Phrase:
    lead, others = shown[0], len(shown) - 1
    grew = (image_facts.growth(lead) or 0) > 0
    judged = any(check.result is Outcome.PASS for check in lead.checks)
    return (
        "Within budget: " if grew and judged else "",
        image_facts.label(lead),
        *movement(lead),
        *(_limits(lead) if grew or lead.state is State.NEW else ()),
        f"; {count(others, 'more image')} changed" if others else "",
    )


def _audit(shown: Sequence[ImageReport]) -> Phrase:
    bad = [image for image in shown if not image_facts.passes(image)]
    lead = bad[0] if bad else shown[0]
    size: Phrase = (
        image_facts.label(lead),
        f" with {image_facts.size(lead, image_facts.after(lead) or 0)}",
    )
    if bad:
        many = f"{len(bad)} of {count(len(shown), 'image')} over budget, the largest of them "
        return (many, *size, *_limits(lead))
    if len(shown) == 1:
        return (image_facts.label(lead), *movement(lead, alone=True), *_limits(lead))
    limited = any(image.checks for image in shown)
    return (
        f"{count(len(shown), 'image')}, ",
        "all within budget" if limited else "no limit is set",
        "; the largest is ",
        *size,
    )


def _measure(shown: Sequence[ImageReport]) -> Phrase:
    lead = shown[0]
    return (
        image_facts.label(lead),
        *movement(lead, alone=True),
        *(_limits(lead) if lead.checks else ()),
    )


def _diff(shown: Sequence[ImageReport]) -> Phrase:
    lead = shown[0]
    base, head, change = image_facts.before(lead), image_facts.after(lead), image_facts.growth(lead)
    if base is None or head is None or change is None:
        return _review(lead.verdict, shown)
    sizes = f"({show_size(base)} → {image_facts.size(lead, head)})"
    if change:
        than = "larger" if change > 0 else "smaller"
        what = f" is {show_size(abs(change))} {than} than the old image {sizes}"
    else:
        what = f" is as large as the old image, {image_facts.size(lead, head)}"
    return (image_facts.label(lead), what, *(_limits(lead) if not image_facts.passes(lead) else ()))


def _advise(shown: Sequence[ImageReport]) -> Phrase:
    lead = shown[0]
    best = image_facts.best_suggestion(shown)
    if best is None:
        return (image_facts.label(lead), ": nothing to suggest")
    number = count(len(lead.suggestions), "suggestion")
    bytes_saved = best[1].saving_bytes
    saving = f"; the largest saves {show_size(bytes_saved)}" if bytes_saved else ""
    return (image_facts.label(lead), f": {number}{saving}")


def movement(image: ImageReport, *, alone: bool = False) -> Phrase:
    """What became of an image, as the rest of a sentence that begins with its name."""
    base, head, change = (
        image_facts.before(image),
        image_facts.after(image),
        image_facts.growth(image),
    )
    if head is None:
        was = f"; it had {image_facts.size(image, base)}" if base is not None else ""
        gone = image.state is State.REMOVED
        return (f" is removed{was}" if gone else _COULD_NOT.get(image.state, " was not measured"),)
    size = image_facts.size(image, head)
    if alone:
        return (f" measures {size}",)
    if base is None or change is None:
        return (_ONE_SIDED.get(image.state, " measures {}").format(size),)
    if change == 0:
        return (f" was rebuilt and stays at {size}",)
    if change > 0:
        return (f" grew by {show_size(change)} to {size}",)
    return (f" shrank by {show_size(-change)} ({show_size(base)} → {size})",)


def _limits(image: ImageReport) -> Phrase:
    """The limits that count for the verdict; said aloud where there is none."""
    checks = image_facts.broken(image) or image.checks
    known = [_limit(check) for check in checks if check.limit is not None]
    return ("; " + " and ".join(known),) if known else ("; no limit is set",)


def _limit(check: Check) -> str:
    limit = check.limit or 0
    if check.name == "max-growth":
        return f"its growth limit is {show_limit(limit)}"
    return f"its limit is {show_limit(limit)}"


def _as_bad(shown: Sequence[ImageReport]) -> int:
    """How many images besides the first share its verdict."""
    return sum(image.verdict is shown[0].verdict for image in shown) - 1
