"""Compose and bake files of folders that build other images than a review is about.

A review reads such files at the top alone. A folder's own file that says no more than its
Dockerfile does is none to speak of, and neither is one that starts what others have built.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.line.bake_files import BuildFileReader
from bot.line.exclude_rules import ExcludeRules
from bot.line.found_images import read_builds
from bot.line.ports import Git
from bot.line.review_request import ReviewRequest
from bot.model.report import NotReviewed
from bot.model.sizes import format_names
from bot.model.spec import ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.git_tree import SYMLINK_MODE_PREFIX
from bot.project.nested_files import (
    NestedBuild,
    is_bake_file,
    is_reviewed,
    list_nested_files,
    read_nested_builds,
)

_MAX_NAMED = 5
_MAX_READ_FILES = 300
_MAX_FILE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class UnreadFiles:
    """The files of folders that are not read, and those of the same kind that are."""

    key: str
    paths: tuple[str, ...]
    read_paths: tuple[str, ...]

    def list_items(self) -> Iterator[NotReviewed]:
        """Yield each file with the reason."""
        reason = f"not at the top, and not named by `{self.key}` in the configuration"
        return (NotReviewed(path, reason) for path in self.paths)

    def describe(self) -> str:
        """Return a sentence with the files, the first few of them by name, and what to write."""
        subject = format_names(self.paths, _MAX_NAMED)
        named = [*self.read_paths, *self.paths]
        rest = ", …" if len(named) > _MAX_NAMED else ""
        is_one = len(self.paths) == 1
        they, build = ("It", "builds") if is_one else ("They", "build")
        return (
            f"Not read: {subject}. {they} {build} other images, or {build} them in another way, "
            f"and only {self.key} files at the top are read by default. If that matters, write "
            f"`{self.key}: [{', '.join(named[:_MAX_NAMED])}{rest}]` in the configuration."
        )


def list_unread_files(
    git: Git, request: ReviewRequest, images: Sequence[ImageSpec], reader: BuildFileReader
) -> tuple[UnreadFiles, ...]:
    """Return the files of folders by which images would be others, or built in another way.

    `images` are all that are reviewed. A list of files is a choice that somebody has made.
    """
    sha, config = request.head.commit.sha, request.configs.head
    if request.overrides.images or not config.discovers:
        return ()
    builds = read_builds(git, sha, config, reader)
    finder = _UnreadFileFinder(git, sha, config, reader)
    nested = [path for path in list_nested_files(git.list_files(sha)) if path not in builds.paths]
    choices = {"compose": config.compose, "bake": config.bake}
    groups = []
    for key in (key for key, choice in choices.items() if choice is None):
        files = [path for path in nested if is_bake_file(path) is (key == "bake")]
        paths = tuple(path for path in files if finder.is_open(path, images))
        read = [path for x in builds.builds if x.file.source.value == key for path in x.file.paths]
        if paths:
            groups.append(UnreadFiles(key, paths, tuple(dict.fromkeys(read))))
    return tuple(groups)


class _UnreadFileFinder:
    def __init__(self, git: Git, sha: str, config: ProjectConfig, builds: BuildFileReader) -> None:
        self._git, self._sha, self._reader = git, sha, builds
        self._tree, self._rules = git.list_files(sha), ExcludeRules(config)
        self._remaining = _MAX_READ_FILES

    def is_open(self, path: str, images: Sequence[ImageSpec]) -> bool:
        """Return True for a file with a build that is none of some images."""
        if self._tree[path].startswith(SYMLINK_MODE_PREFIX) or self._rules.explain(path):
            return False
        if is_bake_file(path):
            return True  # its builds are for bake to tell
        self._remaining -= 1
        text = None
        if self._remaining >= 0:
            text = self._git.read_plain_file(self._sha, path, _MAX_FILE_BYTES)
        # Beyond the bounds, or converted by a filter of git: in doubt it says something.
        if text is None:
            return True
        builds = read_nested_builds(text.decode(errors="replace"), path)
        return any(build is None or self._is_open_build(build, images) for build in builds)

    def _is_open_build(self, build: NestedBuild, images: Sequence[ImageSpec]) -> bool:
        if build.dockerfile not in self._tree or self._rules.explain(build.dockerfile):
            return False  # there is nothing to review, or the Dockerfile is said to be left out
        last_stage = self._reader.name_last_stage(self._sha, self._tree, build.dockerfile)
        if build.target is not None and build.target.lower() in last_stage:
            build = replace(build, target=None)
        return not is_reviewed(build, images)
