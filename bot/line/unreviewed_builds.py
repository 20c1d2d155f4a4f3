"""Builds that a change adds where no review looks, which may be what it takes out of the review."""

from collections.abc import Iterator, Mapping, Sequence

from bot.line.bake_files import BuildFileReader
from bot.line.discovery import list_not_reviewed
from bot.line.found_images import read_builds
from bot.line.ports import Git
from bot.line.review_request import ReviewRequest
from bot.model.report import GateChange, GateKind, ImageState, Outcome
from bot.project.dockerfile_kinds import begins_as_dockerfile
from bot.project.image_plan import PlannedImage, has_dockerfile_name
from bot.project.yaml_nodes import shorten

_MAX_READ_FILES = 500
_MAX_FILE_BYTES = 100_000


def list_unreviewed_builds(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage], files: BuildFileReader
) -> tuple[GateChange, ...]:
    """Return a warning for each build that no limit sees, and did not escape it in base."""
    has_limits = request.configs.base is not None or bool(request.overrides.limits.names)
    if not request.has_base_rules or request.overrides.declares_image or not has_limits:
        return ()
    moved = {
        image.base.dockerfile: image.head.dockerfile
        for image in planned
        if image.base and image.head and image.base.dockerfile != image.head.dockerfile
    }
    return (*_list_skipped(git, request, files, moved), *_list_removed(git, request, planned))


def _list_skipped(
    git: Git, request: ReviewRequest, files: BuildFileReader, moved: Mapping[str, str]
) -> Iterator[GateChange]:
    """Yield the builds of compose and bake files that are not reviewed, and new as such.

    `moved` has the Dockerfiles that are reviewed under another path now, which their file does not
    know.
    """
    if request.base is None:
        return
    configs, base_sha = request.configs, request.base.commit.sha
    base = read_builds(git, base_sha, configs.base or configs.head, files)
    head = read_builds(git, request.head.commit.sha, configs.head, files)
    skipped = {(build.file, build.name) for build in base.skipped}
    reviewed = {(build.file.path, build.spec.name): build.spec for build in base.builds}
    for build in head.skipped:
        key = (build.file, build.name)
        if key not in skipped:
            spec = reviewed.get(key)
            path = moved.get(spec.dockerfile) if spec else None
            before = "reviewed" if spec else None
            subject = f"the build {build.name} of {build.file}"
            after = f"not reviewed: {f'its Dockerfile is {path} now' if path else build.reason}"
            yield GateChange(GateKind.SELECTION, subject, before, after, Outcome.WARN, build.file)


def _list_removed(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage]
) -> Iterator[GateChange]:
    """Yield the removed images beside which there are Dockerfiles that are new and left out."""
    removed = [
        image
        for image in planned
        # Dropped and moved ones have a warning of their own.
        if image.state is ImageState.REMOVED and not image.is_dropped and not image.moved_to
    ]
    added = _list_added(git, request, planned) if removed else ()
    if added:
        after = f"removed; new, and not reviewed: {shorten(', '.join(added))}"
        for image in removed:
            yield GateChange(
                GateKind.IMAGE,
                f"the image {image.spec.name}",
                "reviewed",
                after,
                Outcome.WARN,
                image.spec.dockerfile,
            )


def _list_added(
    git: Git, request: ReviewRequest, planned: Sequence[PlannedImage]
) -> tuple[str, ...]:
    """Return the Dockerfiles that only head has, and that are not reviewed."""
    if request.base is None:
        return ()
    base, sha = git.list_files(request.base.commit.sha), request.head.commit.sha
    declared = {image.head.dockerfile for image in planned if image.head}
    left_out = list_not_reviewed(git, sha, request.configs.head, declared)
    named = [item.path for item in left_out if item.path not in base]
    # `docker build --file` takes any name: an image that is removed may be built of such a file
    # now.
    others = [
        path
        for path in git.list_files(sha).list_changes(base)
        if path in git.list_files(sha) and path not in base and path not in declared
        if not has_dockerfile_name(path)
    ]
    odd = [path for path in others[:_MAX_READ_FILES] if _is_dockerfile(git, sha, path)]
    rest = len(others) - _MAX_READ_FILES
    unread = [f"{rest:,} more files, which were not read"] if rest > 0 else []
    return (*named, *odd, *unread)


def _is_dockerfile(git: Git, sha: str, path: str) -> bool:
    """Return True for a file that begins as a Dockerfile does, by whatever name."""
    text = git.read_plain_file(sha, path, _MAX_FILE_BYTES)
    return text is not None and begins_as_dockerfile(text)
