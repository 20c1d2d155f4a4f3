"""The ways to let an intended size pass, of which each works in the run of the report."""

from collections.abc import Sequence

from bot.model.report import MAX_LAYERS, MAX_WASTE, Check, ImageReport, Report
from bot.report.page import image_facts
from bot.report.page.limit_places import LimitPlace, PlaceKind, find_place
from bot.report.page.limit_values import (
    Entry,
    Values,
    find_value,
    format_budget,
    format_values,
    list_entries,
    merge_values,
    share_values,
)
from bot.report.page.limit_words import is_about_pull
from bot.report.page.own_bases import join_names
from bot.report.page.page_model import Phrase, Untrusted, join_phrases

# More images than these have one limit at the top level of the file, or their limits in a list.
_MAX_ENTRIES, _MAX_EXCEPTIONS = 4, 2
_LAYERS_TEXT = {MAX_WASTE: "the waste", MAX_LAYERS: "the number of layers"}
# The values in one place.
_Part = tuple[LimitPlace, list[Entry]]


def describe_ways(report: Report, images: Sequence[ImageReport]) -> list[Phrase]:
    """Return sentences with what lets all images pass as they are: a label, or limits."""
    images = [image for image in images if _list_limits(image)] or images[:1]
    checks = [check for image in images for check in _list_limits(image)]
    condition = f"if {describe_intention(images)} is intended, "
    limits = _describe_limits(report, images)
    if report.approval_label and all(check.can_be_approved for check in checks):
        return [(condition, *_describe_label(report)), ("or ", *limits)]
    return [(condition, *limits)]


def describe_intention(images: Sequence[ImageReport]) -> str:
    """Return what may be intended: a growth, a size, a waste, layers, or several of these."""
    limits = [check for image in images for check in _list_limits(image)]
    if all(check.is_about_growth for check in limits):
        return "the download" if all(map(is_about_pull, limits)) else "the growth"
    names = {check.name for check in limits if check.is_about_layers}
    if not names:
        return "the size"
    is_one = len(names) == 1 and all(check.is_about_layers for check in limits)
    return _LAYERS_TEXT[names.pop()] if is_one else "this"


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
    return (*words, " (needs write access; if no run starts then, re-run the job)")


def _describe_limits(report: Report, images: Sequence[ImageReport]) -> Phrase:
    """Return what to write where; limits of one place are written together."""
    phrases = [_describe_place(where, entries) for where, entries in _list_parts(report, images)]
    return join_phrases(phrases, ", ", " and ")


def list_file_entries(report: Report, images: Sequence[ImageReport]) -> list[_Part]:
    """Return the limits in files that are too many for a sentence."""
    images = [image for image in images if _list_limits(image)]
    parts = [(where, list_entries(entries)) for where, entries in _list_parts(report, images)]
    return [
        (where, entries)
        for where, entries in parts
        if where.kind is PlaceKind.FILE and len(entries) > _MAX_ENTRIES
        if _share_budget(entries) is None
    ]


def _list_parts(report: Report, images: Sequence[ImageReport]) -> list[_Part]:
    parts: dict[LimitPlace, list[Entry]] = {}
    for image in images:
        for where, values in _list_values(report, image).items():
            parts.setdefault(where, []).append((image, values))
    return list(parts.items())


def _list_values(report: Report, image: ImageReport) -> dict[LimitPlace, Values]:
    """Return what lets one image pass, by the place where it is written."""
    parts: dict[LimitPlace, Values] = {}
    for check in _list_limits(image):
        where = find_place(report, image, check)
        # There may be two of one name, such as those of base and head: the larger holds both.
        own = {check.name: find_value(image, check)}
        parts[where] = merge_values([parts.get(where, {}), own])
    return parts


def _describe_place(where: LimitPlace, parts: Sequence[Entry]) -> Phrase:
    """Return what to write in one place: an option or input is one limit for all images."""
    if where.kind is PlaceKind.FILE:
        return _describe_file(where, list_entries(parts))
    values = format_values(merge_values(values for _, values in parts))
    if where.kind is PlaceKind.OPTION:
        options = [(Untrusted(f"--{name} {value}"),) for name, value in values.items()]
        return ("pass ", *join_phrases([*options], " "))
    inputs = [(Untrusted(f"{name}: {value}"),) for name, value in values.items()]
    return ("set ", *join_phrases([*inputs], ", ", " and "), *where.location)


def _describe_file(where: LimitPlace, entries: Sequence[Entry]) -> Phrase:
    """Return the budgets to set in a file: one for all images, or one for each."""
    if len(entries) <= _MAX_ENTRIES:
        return ("set ", *_join_budgets(entries), *where.location)
    shared = _share_budget(entries)
    if shared is None:
        return ("set the listed limits (see the details)", *where.location)
    values, others = shared
    whole: Phrase = ("set ", Untrusted(format_budget(values)), " at the top level")
    if others:
        return (*whole, ", and ", *_join_budgets(others), ",", *where.location)
    preposition, *name = where.location
    return (*whole, str(preposition).replace(" in ", " of ", 1), *name)


def _share_budget(entries: Sequence[Entry]) -> tuple[Values, list[Entry]] | None:
    """Return the budget for all images, and the few exceptions; None for too many of these."""
    shared = share_values(entries)
    return shared if shared and len(shared[1]) <= _MAX_EXCEPTIONS else None


def _join_budgets(entries: Sequence[Entry]) -> Phrase:
    return join_phrases(list(map(_describe_budget, _unite(entries))), ", and ", ", and ")


def _describe_budget(group: Sequence[Entry]) -> Phrase:
    names = [image_facts.name_entry(image) for image, _ in group]
    return (Untrusted(format_budget(group[0][1])), " for ", *join_names(names, len(names)))


def _unite(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Unite the images with the same values, the largest group first."""
    groups: dict[str, list[Entry]] = {}
    for image, values in entries:
        groups.setdefault(format_budget(values), []).append((image, values))
    return sorted(groups.values(), key=lambda group: -len(group))
