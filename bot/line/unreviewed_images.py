"""The Dockerfiles and builds of a revision that are no images of it, by name."""

from bot.line.bake_files import BuildFileReader
from bot.line.discovery import discover_dockerfiles
from bot.line.found_images import read_builds
from bot.line.ports import Git
from bot.project.config_file import ProjectConfig
from bot.project.image_selector import list_path_selectors
from bot.project.unknown_images import UnreviewedImage


def list_unreviewed_images(
    git: Git, sha: str, config: ProjectConfig, files: BuildFileReader
) -> tuple[UnreviewedImage, ...]:
    """Return the Dockerfiles and builds of a commit that are not reviewed, with the reasons."""
    left_out = discover_dockerfiles(git, sha, config).left_out
    dockerfiles = (
        UnreviewedImage(path, f"{path}: {reason}", frozenset(list_path_selectors(path)))
        for path, reason in left_out.items()
    )
    builds = (
        UnreviewedImage(
            "", f"{build.name} of {build.file}: {build.reason}", frozenset({build.name})
        )
        for build in read_builds(git, sha, config, files).skipped
    )
    return (*dockerfiles, *builds)
