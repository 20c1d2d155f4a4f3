"""The third line of the page: what to do about what the headline says."""

from collections.abc import Sequence

from bot.model.check_names import (
    BASE_IMAGE_CHECK,
    CONTEXT_CHECK,
    HISTORY_CHECK,
    IGNORED_FILES_CHECK,
    LFS_CHECK,
    PREPARATION_CHECK,
    SUBMODULES_CHECK,
)
from bot.model.failures import FailureKind
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.sizes import propose_limit
from bot.report.page import approval, image_facts
from bot.report.page.changed_rules import NEXT_STEP, is_gate_loosened
from bot.report.page.common_growth import CommonGrowth
from bot.report.page.failure_fixes import FIX_TEXT, suggest_fix, suggest_for_unknown_growth
from bot.report.page.limit_places import CONFIG_PATH
from bot.report.page.line_order import find_better_order, find_other_order
from bot.report.page.older_suggestions import list_current_suggestions
from bot.report.page.over_budget_step import exceeds_limit, suggest_within_limits
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.pull_causes import is_about_download
from bot.report.page.small_sizes import is_worth_saying
from bot.report.page.suggestion_words import describe_suggestion

_REPAIR_TEXTS: dict[str, Phrase] = {
    LFS_CHECK: ("let the checkout fetch Git LFS files: the input lfs of actions/checkout",),
    SUBMODULES_CHECK: (
        "set ",
        Untrusted("submodules: true"),
        " (or ",
        Untrusted("recursive"),
        ") in actions/checkout, or run ",
        Untrusted("git submodule update --init"),
    ),
    BASE_IMAGE_CHECK: (
        "say in ",
        Untrusted(CONFIG_PATH),
        " which image provides the base image: ",
        Untrusted("provides"),
    ),
    CONTEXT_CHECK: (
        "set ",
        Untrusted("context"),
        " of this image in ",
        Untrusted(CONFIG_PATH),
        " to the folder that its build is started with",
    ),
    PREPARATION_CHECK: (
        "let ",
        Untrusted("prepare"),
        " write no Dockerfile and no .dockerignore: commit them, so that a review shows them",
    ),
    IGNORED_FILES_CHECK: (FIX_TEXT[FailureKind.IGNORED_FILE],),
    HISTORY_CHECK: (
        "let a push to the default branch record the image: set ",
        Untrusted("history"),
        " to a branch or a folder that this run can read",
    ),
}
_TOO_CLOSE_TEXT = (
    "make the image a little smaller, or measure it exactly: an engine with the containerd image "
    "store knows the compressed sizes"
)
_OPTIONAL = "nothing. Optional: "
_DROPPED_STEP = "make sure that the image is meant to be no longer reviewed"
_OTHER_REVISION_STEP = "name another revision to compare with: the input base-ref, or --base"
_WARNING_TEXT = {
    False: "nothing in this change; bring the image below its limit when you can",
    True: "nothing; the growth is approved",
}


def suggest_next_step(
    report: Report, images: Sequence[ImageReport], common: CommonGrowth | None = None
) -> Phrase:
    """Return the largest suggestion, or the next step where there is no suggestion.

    `common` is what most images share.
    """
    if is_gate_loosened(report) and report.images_verdict in (Outcome.PASS, Outcome.WARN):
        return (NEXT_STEP,)
    if not images:
        return (_OTHER_REVISION_STEP if report.is_of_one_commit else "nothing",)
    lead = images[0]
    if image_facts.is_unjudged(report):
        return _suggest_judging(report, lead)
    if repair := _suggest_repair(report, lead):
        return repair
    if exceeds_limit(lead):
        return suggest_within_limits(report, images, common)
    return _suggest_option(report, images)


def _suggest_option(report: Report, images: Sequence[ImageReport]) -> Phrase:
    """Return the largest suggestion that is worth a thought for images that need not change."""
    lead = images[0]
    best = image_facts.find_best_suggestion(images, list_current_suggestions)
    if is_about_download(lead) and (order := find_better_order(lead)):
        return (_OPTIONAL, *order)
    is_asked = report.mode not in (Mode.REVIEW, Mode.DIFF)
    if best is None or not (is_asked or is_worth_saying(*best)):
        order = find_other_order(images)
        return (_OPTIONAL, *order) if order else _suggest_without_rule(report, lead)
    image, suggestion = best
    optional = image_facts.is_passing(lead) and report.mode is not Mode.ADVISE
    other: Phrase = () if image is lead else ("in ", image_facts.label(image), ", ")
    start = _OPTIONAL if optional else ""
    return (start, *other, *describe_suggestion(suggestion))


def _suggest_repair(report: Report, image: ImageReport) -> Phrase:
    """Say what makes an image measurable that was not, or not with all of its contents."""
    if repair := suggest_fix(image, report.reproduce_command):
        return repair
    names = (check.name for check in image_facts.deciding_checks(image))
    return next((_REPAIR_TEXTS[name] for name in names if name in _REPAIR_TEXTS), ())


def _suggest_without_rule(report: Report, image: ImageReport) -> Phrase:
    mode = report.mode
    if mode is Mode.ADVISE:
        return ("nothing",)
    if growth_fix := suggest_for_unknown_growth(image):
        return (growth_fix,)
    if image.verdict is Outcome.WARN:
        return (_suggest_for_warning(image),)
    if image.state is ImageState.NO_BASELINE and mode is Mode.REVIEW:
        return ("nothing; the next change will be compared with this one",)
    return ("nothing", *_suggest_limit(image))


def _suggest_judging(report: Report, image: ImageReport) -> Phrase:
    """Say how to hold existing images against a limit, and what finds savings in them."""
    names = ["--max-size"] if report.mode is Mode.MEASURE else ["--max-growth", "--max-size"]
    step: Phrase = ("nothing was judged; to judge it, set ", *_join_keys(names, " or "))
    if report.head is not None:  # of a job, which has inputs in place of options
        keys = _join_keys([name.removeprefix("--") for name in names], " or ")
        where = (" as an input, or in ", Untrusted(report.config_path or CONFIG_PATH))
        step = ("nothing was judged; to judge it, set ", *keys, *where)
    if best := image_facts.find_best_suggestion([image]):
        return (*step, ". Optional: ", *describe_suggestion(best[1]))
    if image.spec.dockerfile:
        return step
    option = "--dockerfile" if report.head is None else "dockerfile"
    return (*step, "; with ", Untrusted(option), ", the report also suggests changes")


def _suggest_for_warning(image: ImageReport) -> str:
    deciding = image_facts.deciding_checks(image)
    if image.is_dropped and not deciding:
        return _DROPPED_STEP
    is_approved = approval.is_growth_approved(image)
    if not is_approved and any(check.margin for check in deciding):
        return _TOO_CLOSE_TEXT
    return _WARNING_TEXT[is_approved]


def _suggest_limit(image: ImageReport) -> Phrase:
    """Propose a limit for an image that has none and whose size has changed."""
    change, budget = image_facts.growth(image), image.spec.budget
    size = image_facts.head_size(image)
    if size is None or change == 0 or budget.limits_size:
        return ()
    if image.checks and image.state is not ImageState.NEW:
        return ()
    # After a reduction only an absolute limit keeps the gain, and a new image has no growth.
    purpose = "to keep it this small" if (change or 0) < 0 else "to limit its size"
    limit = Untrusted(f"budget: {{max-size: {propose_limit(size)}}}")
    name, file = image_facts.name_entry(image), Untrusted(CONFIG_PATH)
    return (f"; {purpose}, set ", limit, " for ", name, " in ", file)


def _join_keys(names: list[str], last_separator: str) -> Phrase:
    return join_phrases([(Untrusted(name),) for name in names], ", ", last_separator)
