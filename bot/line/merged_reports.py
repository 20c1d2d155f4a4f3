"""One report out of several of the same two revisions, each with a part of the images.

What is about the whole repository, and not about an image, each part has: it is there once. An
image that the plan expects and no part has is a row with an error, never left out.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TypeVar

from bot.errors import InputError
from bot.line.discovery import describe_not_reviewed, is_about_dockerfiles
from bot.line.reported_bases import list_users
from bot.model.comparison import Comparison
from bot.model.image_identity import ImageIdentity
from bot.model.image_list import ExpectedImage
from bot.model.report import ImageReport, ImageState, Mode, NotReviewed, Outcome, Report, Revision
from bot.model.sizes import format_names
from bot.model.spec import ImageSpec
from bot.project.image_plan import has_dockerfile_name

_MISSING = "no report has it: its job failed, was cancelled, or did not upload its report"
_NOTHING_PLANNED = "The plan has no images: nothing that goes into one differs."
_MAX_NAMES = 3
_SELECTION = "--image"
_FIX_COMMITS = "pass the reports of one run; if the base has moved since, run all jobs again"

_Item = TypeVar("_Item")


def merge_reports(parts: Sequence[Report], expected: Sequence[ExpectedImage]) -> Report:
    """Return the report on all images of the plan.

    InputError if the parts are not reviews of the same two commits, or differ about an image.
    """
    if not parts and not expected:
        return Report(Mode.REVIEW, (), notes=(_NOTHING_PLANNED,))
    _check_revisions(parts)
    images = _order_images(_collect_images(parts), expected)
    # What one part leaves out, another one may have reviewed.
    not_reviewed = _intersect(part.not_reviewed for part in parts)
    first = parts[0] if parts else Report(Mode.REVIEW, ())
    return replace(
        first,
        images=list_users(images),
        reproduce_command=_drop_selection(first.reproduce_command),
        notes=_merge_notes(parts, not_reviewed),
        approval=next((part.approval for part in parts if part.approval), None),
        gate_changes=_unite(part.gate_changes for part in parts),
        approval_label=next((part.approval_label for part in parts if part.approval_label), ""),
        limit_options=_unite(part.limit_options for part in parts),
        not_reviewed=not_reviewed,
    )


def list_missing(report: Report) -> tuple[ImageReport, ...]:
    """Return the images of a merged report that no part had."""
    return tuple(image for image in report.images if _is_missing(image))


def _is_missing(image: ImageReport) -> bool:
    return image.state is ImageState.MEASURE_FAILED and image.reason == _MISSING


def _check_revisions(parts: Sequence[Report]) -> None:
    if any(part.mode is not Mode.REVIEW for part in parts):
        fix = "pass reports that `review` made"
        raise InputError("Only reviews of two revisions can be merged.", fix=fix)
    for side in ("base", "head"):
        commits = {revision.sha if revision else "" for revision in _list_side(parts, side)}
        if len(commits) > 1:
            names = format_names(sorted(sha[:12] or "none" for sha in commits), _MAX_NAMES)
            what = f"The reports are about several commits as {side}: {names}."
            raise InputError(what, fix=_FIX_COMMITS)
    if len({part.config_path for part in parts}) > 1:
        fix = "run all jobs with the same `config`"
        raise InputError("The reports were made with several configuration files.", fix=fix)


def _list_side(parts: Sequence[Report], side: str) -> list[Revision | None]:
    return [part.base if side == "base" else part.head for part in parts]


def _collect_images(parts: Sequence[Report]) -> dict[ImageIdentity, ImageReport]:
    """Return the images of all parts; several parts may have the same image, with one result."""
    images: dict[ImageIdentity, ImageReport] = {}
    # Only some of the users of an image may be in its part: they are listed anew.
    for image in (replace(image, base_of=()) for part in parts for image in part.images):
        # None of them is chosen: one may be of an earlier attempt of its job.
        if images.setdefault(image.identity, image) != image:
            raise InputError(
                f"Two reports have the image {image.spec.name}, with different results.",
                fix="pass only the last report of each job",
            )
    return images


def _order_images(
    images: dict[ImageIdentity, ImageReport], expected: Sequence[ExpectedImage]
) -> Iterator[ImageReport]:
    """Yield the images in the order of the plan, and after them those that it does not have."""
    for image in expected:
        present = image.identity in images
        yield images.pop(image.identity) if present else _report_absent(image)
    yield from images.values()


def _report_absent(image: ExpectedImage) -> ImageReport:
    spec = ImageSpec(
        name=image.identity.name,
        dockerfile=image.identity.dockerfile,
        context=image.context,
        target=image.target,
        platform=image.identity.platform,
        title=image.title,
    )
    nothing = Comparison(None, None)
    if image.may_be_absent:
        return ImageReport(spec, ImageState.UNCHANGED, Outcome.PASS, nothing)
    return ImageReport(spec, ImageState.MEASURE_FAILED, Outcome.ERROR, nothing, reason=_MISSING)


def _merge_notes(parts: Sequence[Report], not_reviewed: Sequence[NotReviewed]) -> tuple[str, ...]:
    """Return the notes of all parts; the Dockerfiles that are left out are counted anew."""
    notes = _unite(part.notes for part in parts)
    counted = describe_not_reviewed([x for x in not_reviewed if has_dockerfile_name(x.path)])
    before = list(takewhile(lambda note: not is_about_dockerfiles(note), notes))
    after = [note for note in notes[len(before) :] if not is_about_dockerfiles(note)]
    return (*before, *counted, *after)


def _drop_selection(command: str) -> str:
    """Return a command without the options that select images; empty if a shell cannot read it."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    # The command of one job selects its image: without that it makes the whole report.
    pairs = zip(words, ["", *words], strict=False)
    return shlex.join(word for word, before in pairs if _SELECTION not in (word, before))


def _unite(groups: Iterable[Iterable[_Item]]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _intersect(groups: Iterable[Sequence[_Item]]) -> tuple[_Item, ...]:
    """Return what all groups have, in the order of the first."""
    first, *others = list(groups) or [()]
    return tuple(item for item in first if all(item in other for other in others))
