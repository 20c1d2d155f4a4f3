"""The report's notes on what is not reviewed, or not built as a file declares it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.line.bake_files import BuildFileProblem, BuildFileReader, RevisionBuilds
from bot.line.build_options import describe_unused_options
from bot.line.contexts import ContextFinder
from bot.line.discovery import describe_not_reviewed, list_not_reviewed
from bot.line.found_images import read_builds
from bot.line.ports import Git
from bot.line.review_request import ReviewRequest
from bot.line.unread_files import UnreadFiles, list_unread_files
from bot.model.report import GateChange, GateKind, NotReviewed, Outcome, Report
from bot.model.spec import ImageSpec
from bot.project.build_file_groups import UnreadFile

_MAX_NOTES = 10
_UNREADABLE = "cannot be read, so its images are those that are discovered"


def add_not_reviewed(
    git: Git, report: Report, request: ReviewRequest, contexts: ContextFinder
) -> Report:
    """Return the report with the Dockerfiles that are left out, and a note of how many they are."""
    if request.overrides.declares_image:
        return _note_unread_bases(git, report, request, contexts)
    specs = [image.spec for image in report.images]
    sha, config = request.head.commit.sha, request.configs.head
    items = list_not_reviewed(git, sha, config, {spec.dockerfile for spec in specs})
    builds = read_builds(git, sha, config, contexts.build_files)
    nested = list_unread_files(git, request, specs, contexts.build_files)
    described = _describe_builds(builds, report, request)
    notes = (*report.notes, *describe_not_reviewed(items), *described)
    # A file that this change breaks is among the warnings already.
    warned = {change.subject for change in report.gate_changes}
    notes += tuple(
        f"{problem.name} {_UNREADABLE}: {problem.reason}."
        for problem in builds.problems
        if _name_file(problem) not in warned
    )
    notes += tuple(f"{x.path} is not read: {_explain_unread(x)}." for x in builds.unread)
    notes += tuple(files.describe() for files in nested)
    others = (*_list_skipped(builds), *_list_items(nested))
    return replace(report, not_reviewed=(*items, *others), notes=notes)


def _note_unread_bases(
    git: Git, report: Report, request: ReviewRequest, contexts: ContextFinder
) -> Report:
    """Return the report on a single image with the files that may declare what it is built on."""
    builds = read_builds(git, request.head.commit.sha, request.configs.head, contexts.build_files)
    notes = [
        f"{problem.name} cannot be read, so that it is not known if it declares a base image of "
        f"this image: {problem.reason}."
        for problem in builds.problems
    ]
    return replace(report, notes=(*report.notes, *notes))


def list_broken_files(
    git: Git, request: ReviewRequest, files: BuildFileReader
) -> tuple[GateChange, ...]:
    """Return the compose and bake files that the change breaks, each a warning.

    Those that could not be read before either are a note of the report.
    """
    if request.base is None or not request.has_base_rules or request.overrides.declares_image:
        return ()
    configs, base_sha = request.configs, request.base.commit.sha
    base = read_builds(git, base_sha, configs.base or configs.head, files)
    broken = {path for problem in base.problems for path in problem.paths}
    return tuple(
        GateChange(
            GateKind.SELECTION,
            _name_file(problem),
            None,
            f"{_UNREADABLE}: {problem.reason}",
            Outcome.WARN,
            problem.paths[0],
        )
        for problem in read_builds(git, request.head.commit.sha, configs.head, files).problems
        if not broken.issuperset(problem.paths)
    )


def _name_file(problem: BuildFileProblem) -> str:
    return f"the file {problem.name}"


def list_left_out(
    git: Git, request: ReviewRequest, images: Sequence[ImageSpec], files: BuildFileReader
) -> tuple[NotReviewed, ...]:
    """Return the Dockerfiles and builds of head that are not among the images."""
    sha, config = request.head.commit.sha, request.configs.head
    builds = read_builds(git, sha, config, files)
    broken = (NotReviewed(x.name, f"{_UNREADABLE}: {x.reason}") for x in builds.problems)
    items = list_not_reviewed(git, sha, config, {spec.dockerfile for spec in images})
    nested = list_unread_files(git, request, images, files)
    return (*items, *broken, *_list_skipped(builds), *_list_items(nested))


def _list_items(nested: Iterable[UnreadFiles]) -> Iterator[NotReviewed]:
    return (item for files in nested for item in files.list_items())


def _list_skipped(builds: RevisionBuilds) -> tuple[NotReviewed, ...]:
    """Return the builds of compose and bake files that are not reviewed, and files not read."""
    return (
        *(NotReviewed(x.file, f"{x.name}: {x.reason}") for x in builds.skipped),
        *(NotReviewed(x.path, _explain_unread(x)) for x in builds.unread),
    )


def _explain_unread(file: UnreadFile) -> str:
    return (
        f"docker compose reads {file.read_path} in its place; `compose` in the configuration names "
        "the files to read"
    )


def _describe_builds(
    builds: RevisionBuilds, report: Report, request: ReviewRequest
) -> tuple[str, ...]:
    """Return a sentence for each build that is not as its file declares it."""
    skipped = [f"{x.name} of {x.file} is not reviewed: {x.reason}." for x in builds.skipped]
    specs = [image.spec for image in report.images]
    sentences = [*skipped, *describe_unused_options(builds, specs, request)]
    rest = len(sentences) - _MAX_NOTES
    if rest > 0:
        sentences = [
            *sentences[:_MAX_NOTES],
            f"{rest} more builds differ from what their file says.",
        ]
    return tuple(sentences)
