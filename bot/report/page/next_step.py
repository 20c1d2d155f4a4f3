"""The second and third line: why, and what a sensible maintainer would do about it."""

from collections.abc import Sequence

from bot.model.proof import OWN_COMMAND
from bot.model.report import Check, ImageReport, Outcome, Report, State
from bot.model.sizes import show_size
from bot.model.suggestion import Suggestion
from bot.report.page import approval, causes, image_facts
from bot.report.page.build_failures import explain_failure
from bot.report.page.page_model import Foreign, Phrase, join

CONFIG = ".github/image-size.yml"
_BUILT = {
    "same": "built, and starts as before; not all could be checked",
    "differs": "it builds, but does not start as before",
    "not-run": "built and measured; it was not started",
}
_KNOWN = {
    "measured": "measured in the image; the rewrite was not built",
    "estimated": "estimated; it was not built",
}
_FAILED = (State.HEAD_BUILD_FAILED, State.MEASURE_FAILED, State.BASE_BUILD_FAILED)
_AFTER_WARNING = {
    False: "nothing in this change; bring the image under its limit when you can",
    True: "nothing; the growth is approved",
}
_MEND = {
    False: "mend it, or the configuration that asks for it",
    True: "mend it; the last lines of the build log are below",
}
_MEND_BASE = (
    "mend the base revision if it should build; until then only the absolute limit is judged"
)
_UNMEASURED = {
    False: "save or build the image anew, or name another: what is there cannot be read",
    True: "run the command at the foot to see it fail by hand; if it passes there, "
    "run this job again",
}


def why(report: Report, shown: Sequence[ImageReport]) -> Phrase:
    """The largest cause of what the headline says."""
    if not shown:
        return _why_nothing(report)
    lead = shown[0]
    if lead.state in _FAILED:
        return explain_failure(lead)
    if lead.comparison.head is None:
        removed = lead.state is State.REMOVED
        return ("the head revision no longer declares it",) if removed else _why_suggested(lead)
    explain = causes.explain_size if _is_about_size(lead, report.mode) else causes.explain_change
    return explain(lead)


def _is_about_size(image: ImageReport, mode: str) -> bool:
    """Whether the size itself is what needs explaining, and not what moved it."""
    if image.comparison.delta is None or mode in ("audit", "measure", "advise"):
        return True
    broken = image_facts.broken(image)
    return image.verdict is Outcome.WARN and all(check.name == "max-size" for check in broken)


def todo(report: Report, shown: Sequence[ImageReport]) -> Phrase:
    """The largest suggestion if there is one, and otherwise the next sensible step."""
    if not shown:
        return ("nothing",)
    lead = shown[0]
    if repair := _repair(lead, report.command):
        return (repair,)
    best = image_facts.best_suggestion([lead] if lead.verdict is Outcome.FAIL else shown)
    if best:
        image, suggestion = best
        optional = image_facts.passes(lead) and report.mode != "advise"
        other: Phrase = () if image is lead else ("in ", image_facts.label(image), ", ")
        return (
            "nothing must be done. Worth a thought: " if optional else "",
            *other,
            *offer(suggestion),
        )
    return _without_suggestion(lead, report.mode)


def _repair(image: ImageReport, command: str) -> str:
    """What to do about an image that could not be judged; empty for one that could."""
    if image.state is State.HEAD_BUILD_FAILED:
        return _MEND[bool(image.log)]
    if image.state is State.MEASURE_FAILED:
        return _UNMEASURED[bool(command)]
    return _MEND_BASE if image.state is State.BASE_BUILD_FAILED else ""


def offer(suggestion: Suggestion) -> Phrase:
    """A suggestion in a sentence: what, where, how many bytes, and how we know."""
    place = image_facts.lines(suggestion.line_start, suggestion.line_end)
    saving, known = suggestion.saving_bytes, how_known(suggestion)
    return (
        *image_facts.prose(suggestion.title),
        f" ({place})" if place else "",
        f", which saves {show_size(saving)}" if saving else "",
        f" ({known})" if known else "",
    )


def how_known(suggestion: Suggestion) -> str:
    """The word that no linter has: whether this was verified, measured or estimated; nothing where
    there is no number that it could be said of."""
    proof = suggestion.verification
    if suggestion.confidence == "verified" and proof and proof.built and proof.started == "same":
        if f"\n{OWN_COMMAND}: not run" in f"\n{proof.log}":
            return "verified by its smoke test alone: by itself the image does not run"
        return "verified: it builds, and starts as before"
    if proof and proof.built:
        return _BUILT.get(proof.started, _BUILT["not-run"])
    known = _KNOWN.get(suggestion.confidence, _KNOWN["estimated"])
    return known if suggestion.saving_bytes is not None else ""


def _why_nothing(report: Report) -> Phrase:
    if not report.images:
        return ("no Dockerfile is declared or found",)
    return ("nothing that goes into an image differs between the two revisions",)


def _why_suggested(image: ImageReport) -> Phrase:
    """Where nothing was measured there is only what the suggestion itself says."""
    best = image_facts.best_suggestion([image])
    return image_facts.prose(best[1].message) if best else ("no rule has anything to say about it",)


def _without_suggestion(image: ImageReport, mode: str) -> Phrase:
    if image.verdict is Outcome.FAIL:
        return _look_or_raise(image)
    if mode not in ("review", "audit"):
        return ("nothing",)
    if image.verdict is Outcome.WARN:
        return (_AFTER_WARNING[approval.covers(image)],)
    if image.state is State.NO_BASELINE and mode == "review":
        return ("nothing; the next change will be compared with this one",)
    return ("nothing", *_guard(image))


def _guard(image: ImageReport) -> Phrase:
    """Which limit would keep a good size good, where none is set."""
    change, budget = image_facts.growth(image), image.spec.budget
    shrank = change is not None and change < 0
    if image.comparison.head is None or change == 0 or (budget.max_size or image.checks):
        return ()
    keys = ["max-size"] if shrank else ["max-size", "max-growth"]
    purpose = " would keep it this small" if shrank else " would guard it"
    return ("; a ", *_keys(keys, " or "), " in ", Foreign(CONFIG), purpose)


def _look_or_raise(image: ImageReport) -> Phrase:
    keys = sorted({_key(check) for check in image_facts.broken(image)})
    raise_it: Phrase = ("raise ", *_keys(keys, " and "))
    row = causes.main_cause(image, head_only=True)
    place = image_facts.lines(row.line_start, row.line_end) if row else ""
    if not place:
        return ("make it smaller, or ", *raise_it)
    dockerfile = Foreign(image.spec.dockerfile, 120)
    return (f"look at {place} of ", dockerfile, "; if the growth is intended, ", *raise_it)


def _keys(names: list[str], last: str) -> Phrase:
    return join([(Foreign(name),) for name in names], ", ", last)


def _key(check: Check) -> str:
    return check.name if check.name in ("max-size", "max-growth") else "the budget"
