"""The images that are found in a revision: its Dockerfiles, built as its own files declare it."""

from dataclasses import replace

from bot.line.bake_files import BuildFileReader, RevisionBuilds
from bot.line.discovery import discover_dockerfiles
from bot.line.exclude_rules import ExcludeRules
from bot.line.ports import Git
from bot.model.spec import ContextSource, ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.declared_builds import DeclaredBuild, merge_images
from bot.project.image_plan import discover_images


def find_images(
    git: Git, sha: str, config: ProjectConfig, files: BuildFileReader
) -> tuple[ImageSpec, ...]:
    """Return the images of a commit that no configuration lists."""
    budget = config.defaults.spec.budget
    discovered = discover_images(discover_dockerfiles(git, sha, config).dockerfiles, budget)
    builds = _exclude(read_builds(git, sha, config, files).builds, config)
    return tuple(replace(spec, budget=budget) for spec in merge_images(discovered, builds))


def read_builds(
    git: Git, sha: str, config: ProjectConfig, files: BuildFileReader
) -> RevisionBuilds:
    """Return what the compose and bake files of a commit declare.

    Without discovery only those count that the configuration names.
    """
    default = None if config.discovers else ()
    compose = default if config.compose is None else config.compose
    bake = default if config.bake is None else config.bake
    return files.read(sha, git.list_files(sha), compose, bake)


def _exclude(builds: tuple[DeclaredBuild, ...], config: ProjectConfig) -> tuple[DeclaredBuild, ...]:
    """Return the builds of Dockerfiles that are not excluded.

    What is excluded by default is built if the configuration names the file that declares it.
    """
    rules = ExcludeRules(config)
    named = {
        source
        for source, files in (
            (ContextSource.COMPOSE, config.compose),
            (ContextSource.BAKE, config.bake),
        )
        if files is not None and config.exclude is None
    }
    return tuple(
        build
        for build in builds
        if build.file.source in named or rules.explain(build.spec.dockerfile) is None
    )
