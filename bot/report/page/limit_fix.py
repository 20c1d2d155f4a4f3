"""The ways to let an intended size pass, of which each works in the run of the report."""

import re

from bot.model.comparison import BaseOrHead
from bot.model.report import FORK_POINT, MAX_LAYERS, MAX_WASTE, Check, ImageReport, Report
from bot.report.page import image_facts
from bot.report.page.limit_words import is_about_pull
from bot.report.page.page_model import Phrase, Untrusted, join_phrases

CONFIG_PATH = ".github/image-size.yml"
# What a revision has that no branch has: an expression, a description in words, or a commit's hash.
_NO_BRANCH = re.compile(r"[\s~^:]|@\{|^(HEAD|@)?$|^[0-9a-f]{7,64}$")
_LAYERS_TEXT = {MAX_WASTE: "the waste", MAX_LAYERS: "the number of layers"}


def describe_ways(report: Report, image: ImageReport) -> Phrase:
    """Return what lets the image pass as it is: a label, or a higher limit and where it is set."""
    checks = _list_limits(image)
    higher = _describe_limits(report, image, checks)
    if report.approval_label and all(check.can_be_approved for check in checks):
        return (*_describe_label(report), ", or ", *higher)
    return higher


def describe_intention(image: ImageReport) -> str:
    """Return what may be intended: a growth, a size, a waste, layers, or several of these."""
    limits = _list_limits(image)
    if all(check.is_about_growth for check in limits):
        return "the download" if all(map(is_about_pull, limits)) else "the growth"
    names = {check.name for check in limits if check.is_about_layers}
    if len(names) != len(limits):
        return "this" if names else "the size"
    return "this" if len(names) > 1 else _LAYERS_TEXT[names.pop()]


def _list_limits(image: ImageReport) -> list[Check]:
    """Return the limits that decide the verdict, in the order of their names."""
    checks = image_facts.deciding_checks(image)
    limits = [x for x in checks if x.is_about_growth or x.is_about_size or x.is_about_layers]
    return sorted(limits, key=lambda check: check.name)


def _describe_label(report: Report) -> Phrase:
    label = Untrusted(report.approval_label, 100)
    is_set = report.approval is not None
    words: Phrase = (
        ("remove the label ", label, " and set it again") if is_set else ("set the label ", label)
    )
    return (*words, " (needs write access; if that starts no run, re-run the job after labelling)")


def _describe_limits(report: Report, image: ImageReport, checks: list[Check]) -> Phrase:
    """Return where to raise the limits; those of one place are named together."""
    names_by_location: dict[Phrase, dict[str, Phrase]] = {}
    for check in checks:
        name, location = _describe_limit(report, image, check)
        names_by_location.setdefault(location, {})[check.name] = name
    phrases: list[Phrase] = [
        ("raise ", *join_phrases(list(names.values()), ", ", " and "), *location)
        for location, names in names_by_location.items()
    ]
    return join_phrases(phrases, ", ", " and ")


def _describe_limit(report: Report, image: ImageReport, check: Check) -> tuple[Phrase, Phrase]:
    """Return the name of a limit, and the place where it is set."""
    name = Untrusted(check.name)
    words: Phrase = (name, " (a number in place of ", Untrusted("auto"), ")")
    words = words if check.is_auto else (name,)
    if f"--{check.name}" in report.limit_options:
        return (Untrusted(f"--{check.name}"), *words[1:]), ()
    if check.name in report.limit_options:
        return words, (" in the inputs of this action",)
    if "--config" in report.limit_options:
        return words, (" in the file of ", Untrusted("--config"))
    file: Phrase = (" in ", Untrusted(report.config_path or CONFIG_PATH, 100))
    is_bases = image.base_budget is not None and check.source is not BaseOrHead.HEAD
    if report.base is None or not is_bases:
        return words, file
    branch = _describe_branch(report.base.ref)
    return words, (*file, " on ", branch, " first, by a change of its own")


def _describe_branch(ref: str) -> str | Untrusted:
    """Return the branch to change first: a commit, or a place in the history, is none."""
    if ref == FORK_POINT:
        return "the default branch"
    return "the base branch" if _NO_BRANCH.search(ref) else Untrusted(ref, 100)
