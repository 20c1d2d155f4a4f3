"""The images that are found in a revision: its Dockerfiles, built as its own files declare it."""

from dataclasses import dataclass, replace

from bot.line.bake_files import BuildFileReader, RevisionBuilds
from bot.line.discovery import discover_dockerfiles
from bot.line.exclude_rules import ExcludeRules
from bot.line.ports import Git
from bot.model.named_contexts import TARGET_PREFIX
from bot.model.spec import ContextSource, ImageSpec
from bot.project.build_file_images import merge_images
from bot.project.config_file import ProjectConfig
from bot.project.declared_builds import DeclaredBuild
from bot.project.image_plan import discover_images


@dataclass(frozen=True, slots=True)
class FoundImages:
    """The images of a revision; all but `images` are only built for those that are built on them.

    `siblings` are left out since the caller names another image, `excluded` are builds of compose
    and bake files that the configuration leaves out.
    """

    images: tuple[ImageSpec, ...]
    siblings: tuple[ImageSpec, ...] = ()
    excluded: tuple[ImageSpec, ...] = ()


def find_images(git: Git, sha: str, config: ProjectConfig, files: BuildFileReader) -> FoundImages:
    """Return the images of a commit that no configuration lists."""
    budget = config.defaults.spec.budget
    discovered = discover_images(discover_dockerfiles(git, sha, config).dockerfiles, budget)
    # What nobody reviews may still be a base image.
    builds = read_builds(git, sha, replace(config, discovers=True), files).builds
    reviewed = _select_reviewed(builds, config)
    stages = {build.stage for build in reviewed}
    others = tuple(build for build in builds if build.stage not in stages)
    images = [
        spec if spec.budget == budget else replace(spec, budget=budget)
        for spec in merge_images(discovered, (*reviewed, *others))
    ]
    excluded = {build.stage for build in others}
    return FoundImages(
        tuple(spec for spec in images if (spec.dockerfile, spec.target) not in excluded),
        excluded=tuple(spec for spec in images if (spec.dockerfile, spec.target) in excluded),
    )


def select_image(selection: FoundImages, image: ImageSpec, target: str | None) -> FoundImages:
    """Return the one image that the caller names, and all others for what it is built on.

    Of those, it takes the named contexts that they build.
    """
    same = [
        spec
        for spec in (*selection.images, *selection.excluded)
        if spec.dockerfile == image.dockerfile and spec.target in (target, None)
    ]
    # The build of this very stage before that of the whole Dockerfile.
    same.sort(key=lambda spec: spec.target != target)
    built = {
        name: value
        for spec in same[:1]
        for name, value in spec.build_contexts.items()
        if value.startswith(TARGET_PREFIX)
    }
    own = replace(image, build_contexts={**built, **image.build_contexts})
    stage = (image.dockerfile, target)
    siblings, excluded = (
        tuple(spec for spec in specs if (spec.dockerfile, spec.target) != stage)
        for specs in (selection.images, selection.excluded)
    )
    return FoundImages((own,), siblings, excluded)


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


def _select_reviewed(
    builds: tuple[DeclaredBuild, ...], config: ProjectConfig
) -> tuple[DeclaredBuild, ...]:
    """Return the builds that the configuration does not leave out.

    What is excluded by default is reviewed if the configuration names the file that declares it.
    """
    rules = ExcludeRules(config)
    files = {ContextSource.COMPOSE: config.compose, ContextSource.BAKE: config.bake}
    set_sources = {source for source, names in files.items() if names is not None}
    read_sources = set_sources if not config.discovers else files.keys()
    unfiltered_sources = set_sources if config.exclude is None else ()
    return tuple(
        build
        for build in builds
        if build.file.source in read_sources
        and (
            build.file.source in unfiltered_sources or rules.explain(build.spec.dockerfile) is None
        )
    )
