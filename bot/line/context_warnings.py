"""Warnings about contexts that nobody declares: guesses, and guesses that are wrong."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from bot.line.discovery import NOTHING_FOUND
from bot.line.warning_checks import add_warning
from bot.model.check_names import CONTEXT_CHECK, IGNORED_FILES_CHECK
from bot.model.copied_path import MissingSource
from bot.model.report import ImageReport
from bot.model.sizes import format_names
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage

_MAX_NAMES = 5
_MAX_SOURCES = 3


def note_plan(planned: Sequence[PlannedImage]) -> tuple[str, ...]:
    """Return the notes on a plan: that there is no image, or which contexts are guesses."""
    return note_open_contexts(planned) if planned else (NOTHING_FOUND,)


def note_open_contexts(planned: Sequence[PlannedImage]) -> tuple[str, ...]:
    """Return notes that name the images with a context that several folders could be, or none."""
    images = [image.head for image in planned if image.head and image.head.is_context_open]
    several = [spec.name for spec in images if not spec.missing_sources]
    lacking = [spec.name for spec in images if spec.missing_sources]
    notes = (
        (several, "what the Dockerfile copies is in several folders. The nearest one was taken"),
        (lacking, "no folder above the Dockerfile has all that it copies"),
    )
    return tuple(_note_guesses(names, reason) for names, reason in notes if names)


def _note_guesses(names: Sequence[str], reason: str) -> str:
    listed = format_names(names, _MAX_NAMES)
    is_one = len(names) == 1
    subject = f"The build context{'' if is_one else 's'} of {listed} "
    subject += "is a guess: no file declares it" if is_one else "are guesses: no file declares them"
    return f"{subject}, and {reason}; `context` in .github/image-size.yml declares another."


def add_context_check(report: ImageReport) -> ImageReport:
    """Return the report of an image that was not built with a warning if its build cannot work.

    A context that is wrong hides what changes: it is no reason to call an image unchanged.
    """
    reason = explain_missing_sources(report.spec)
    if not reason:
        return report
    # Files that git ignores are in no context: a step before the build makes them.
    is_ignored = all(source.ignore_rule for source in report.spec.missing_sources)
    return add_warning(report, IGNORED_FILES_CHECK if is_ignored else CONTEXT_CHECK, reason)


def explain_missing_sources(spec: ImageSpec) -> str:
    """Say which missing files would fail the build of an image; empty if there are none."""
    # Commands that run before a build may make what git does not have.
    if not spec.missing_sources or spec.needs.preparation:
        return ""
    texts = [describe_missing(x, spec.context) for x in spec.missing_sources[:_MAX_SOURCES]]
    return f"its build would fail: {'; '.join(texts)}"


def describe_missing(source: MissingSource, context: str) -> str:
    """Say that a path is not in a context, and where it is."""
    if source.ignore_rule:
        path = PurePosixPath(context, source.path)
        return f"git ignores {path} ({source.ignore_rule}), so it is not in the commit"
    if source.folder:
        return (
            f"{source.path} is not in the build context {name_folder(context)}, but in "
            f"{name_folder(source.folder)}"
        )
    return (
        f"{source.path} is not in the build context {name_folder(context)}, nor in any other "
        "folder of the commit"
    )


def name_folder(folder: str) -> str:
    """Return a folder as a sentence shows it: the root has no name."""
    return "`.` (the root)" if folder == "." else folder
