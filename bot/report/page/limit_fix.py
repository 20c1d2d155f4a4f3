"""The ways to let an intended size pass, of which each works in the run of the report."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from bot.model.comparison import BaseOrHead
from bot.model.report import FORK_POINT, MAX_LAYERS, MAX_WASTE, Check, ImageReport, Report
from bot.model.sizes import parse_size, round_limit_up
from bot.report.page import image_facts
from bot.report.page.limit_words import is_about_pull
from bot.report.page.own_bases import join_names
from bot.report.page.page_model import Phrase, Untrusted, join_phrases

CONFIG_PATH = ".github/image-size.yml"
# What a revision has that no branch has: an expression, a description in words, or a commit's hash.
_NO_BRANCH = re.compile(r"[\s~^:]|@\{|^(HEAD|@)?$|^[0-9a-f]{7,64}$")
_MAX_NAMES, _MAX_GROUPS = 10, 4
_LAYERS_TEXT = {MAX_WASTE: "the waste", MAX_LAYERS: "the number of layers"}


class _PlaceKind(Enum):
    """The form in which a limit is written."""

    OPTION = auto()
    INPUT = auto()
    FILE = auto()


_Place = tuple[_PlaceKind, Phrase]
# The values of limits by their names.
_Values = dict[str, str]
# Images that get the same values.
_Group = tuple[_Values, list[ImageReport]]


def describe_ways(report: Report, images: Sequence[ImageReport]) -> Phrase:
    """Return what lets the images pass as they are: a label, or limits and where they are set.

    The first image is the one that is named; the others grew with it.
    """
    images = [image for image in images if _list_limits(image)] or images[:1]
    checks = [check for image in images for check in _list_limits(image)]
    higher = _describe_limits(report, images)
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


def _describe_limits(report: Report, images: Sequence[ImageReport]) -> Phrase:
    """Return what to write where; limits of one place are written together."""
    groups_by_place: dict[_Place, list[_Group]] = {}
    for image in images:
        for setting_place, values in _list_values(report, image).items():
            groups_by_place.setdefault(setting_place, []).append((values, [image]))
    phrases = [_describe_place(*item) for item in groups_by_place.items()]
    return join_phrases(phrases, ", ", " and ")


def _list_values(report: Report, image: ImageReport) -> dict[_Place, _Values]:
    """Return what lets one image pass, by the place where it is written."""
    values_by_place: dict[_Place, _Values] = {}
    for check in _list_limits(image):
        values = values_by_place.setdefault(_find_place(report, image, check), {})
        _keep_larger(values, check.name, _suggest_value(check))
    return values_by_place


def _keep_larger(values: _Values, name: str, value: str) -> None:
    """Set a limit; of two of one name, such as those of base and head, the larger holds both."""
    values[name] = max(value, values.get(name, "0"), key=parse_size)


def _describe_place(setting_place: _Place, groups: Sequence[_Group]) -> Phrase:
    """Return what to write in one place: an option or input is one limit for all images."""
    kind, location = setting_place
    if kind is _PlaceKind.FILE:
        phrases = [_describe_budget(*group) for group in _unite(groups)]
        return ("set ", *join_phrases(phrases, ", and ", ", and "), *location)
    values, _ = _merge(groups)
    if kind is _PlaceKind.OPTION:
        options = [(Untrusted(f"--{name} {value}"),) for name, value in values.items()]
        return ("pass ", *join_phrases([*options], " "))
    inputs = [(Untrusted(f"{name}: {value}"),) for name, value in values.items()]
    return ("set ", *join_phrases([*inputs], ", ", " and "), *location)


def _describe_budget(values: _Values, images: Sequence[ImageReport]) -> Phrase:
    pairs = ", ".join(f"{name}: {value}" for name, value in values.items())
    names = join_names([image_facts.label(image) for image in images], _MAX_NAMES)
    return (Untrusted(f"budget: {{{pairs}}}"), " for ", *names)


def _unite(groups: Sequence[_Group]) -> list[_Group]:
    """Unite the groups with the same values; those with the fewest images where there are many."""
    united: list[_Group] = []
    for values, images in groups:
        same = next((members for own, members in united if own == values), None)
        if same is None:
            united.append((values, [*images]))
        else:
            same += images
    if len(united) <= _MAX_GROUPS:
        return united
    united.sort(key=lambda group: -len(group[1]))
    return [*united[: _MAX_GROUPS - 1], _merge(united[_MAX_GROUPS - 1 :])]


def _merge(groups: Sequence[_Group]) -> _Group:
    """Return one group with values that let all images pass."""
    merged: _Values = {}
    for values, _ in groups:
        for name, value in values.items():
            _keep_larger(merged, name, value)
    return merged, [image for _, images in groups for image in images]


def _suggest_value(check: Check) -> str:
    """Return the least round value that lets pass what was observed."""
    observed = check.observed or 0
    if check.name == MAX_LAYERS:
        return str(observed)
    return round_limit_up(observed + 2 * check.margin)


def _find_place(report: Report, image: ImageReport, check: Check) -> _Place:
    """Return the place where a limit is set, with the words for it."""
    if f"--{check.name}" in report.limit_options:
        return _PlaceKind.OPTION, ()
    if check.name in report.limit_options:
        return _PlaceKind.INPUT, (" in the inputs of this action",)
    if "--config" in report.limit_options:
        return _PlaceKind.FILE, (" in the file of ", Untrusted("--config"))
    file: Phrase = (" in ", Untrusted(report.config_path or CONFIG_PATH, 100))
    is_bases = image.base_budget is not None and check.source is not BaseOrHead.HEAD
    if report.base is None or not is_bases:
        return _PlaceKind.FILE, file
    branch = _describe_branch(report.base.ref)
    return _PlaceKind.FILE, (*file, " on ", branch, " first, by a change of its own")


def _describe_branch(ref: str) -> str | Untrusted:
    """Return the branch to change first: a commit, or a place in the history, is none."""
    if ref == FORK_POINT:
        return "the default branch"
    return "the base branch" if _NO_BRANCH.search(ref) else Untrusted(ref, 100)
