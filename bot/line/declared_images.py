"""The images that a revision declares, and the configuration that declares them.

The caller's inputs name the only image. Else they are those that the configuration lists, and all
that are discovered beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import InputError
from bot.line.config_location import choose_config_path, find_config_file
from bot.line.contexts import ContextFinder
from bot.line.exclude_rules import ExcludeRules
from bot.line.fingerprints import Fingerprints
from bot.line.found_images import FoundImages, find_images, select_image
from bot.line.ports import Git
from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.config_file import CONFIG_PATHS, ProjectConfig, parse_config
from bot.project.dropped_images import find_dropped_spec, move_spec
from bot.project.git_tree import GitTree
from bot.project.image_pairing import identify_image
from bot.project.image_plan import (
    DeclaredImages,
    PlannedImage,
    has_build_files,
    has_dockerfile_name,
)
from bot.project.listed_images import list_unlisted, unite_images
from bot.project.overrides import Overrides
from bot.project.trusted_needs import drop_needs


@dataclass(frozen=True, slots=True)
class ConfigSources:
    """The source of the configuration: the repository, or a file of the caller.

    `config_path` is a file of the repository, read in each revision; `config_text` (of the file
    `config_name`) holds for all revisions.
    """

    config_path: str | None = None
    config_text: str | None = None
    config_name: str = ""


@dataclass(frozen=True, slots=True)
class RevisionConfigs:
    """The configuration of both revisions.

    `base` is None if there is no base, or none with a valid file: it has no rules of its own then.
    `base_mistake` says what is wrong with its file. `path` is that of the file in the repository,
    empty if the caller has another.
    """

    head: ProjectConfig
    base: ProjectConfig | None = None
    base_mistake: str = ""
    path: str = ""


def read_configs(
    git: Git, sources: ConfigSources, head: str, base: str | None = None
) -> RevisionConfigs:
    """Read the configuration of two commits.

    InputError if the head's file is broken, or if the caller names a file that the head does not
    have.
    """
    path = "" if sources.config_text is not None else _find_path(git, sources, head)
    head_config = _read_config(git, head, sources, path)
    if head_config is None and sources.config_path:
        raise InputError(
            f"There is no configuration file {sources.config_path!r} in {head[:12]}.",
            fix="check the path, which is relative to the repository",
        )
    configs = RevisionConfigs(head_config or ProjectConfig(), path=path)
    if base is None:
        return configs
    try:
        base_path = path and _find_path(git, sources, base)
        base_config = _read_config(git, base, sources, base_path)
    except InputError as problem:
        mistake = " ".join(f"{problem.what} {problem.why}".split())
        return replace(configs, base_mistake=mistake)
    # A file that is only in base is the one that head has lost.
    used_path = path if head_config or not base_config else base_path
    return replace(configs, base=base_config, path=used_path)


def declare_images(
    git: Git, sha: str, config: ProjectConfig, overrides: Overrides, contexts: ContextFinder
) -> DeclaredImages:
    """Return the images of one revision, each with the fingerprint of its build's inputs."""
    tree = git.list_files(sha)
    selection = _list_declared(git, sha, config, overrides, contexts)
    specs = contexts.add_contexts(sha, tree, overrides.apply_to_specs(selection.images))
    return _add_bases(_add_fingerprints(git, sha, specs, tree), sha, selection, contexts)


def declare_base_images(
    git: Git,
    sha: str,
    configs: RevisionConfigs,
    overrides: Overrides,
    contexts: ContextFinder,
    *,
    with_discovered: bool,
) -> DeclaredImages:
    """Return the images of the base, by its own configuration if it has one.

    Without one, they are those that head's configuration lists, so that a change that adds the file
    renames none; `with_discovered` adds those that were discovered without the file.
    """
    config = configs.base
    if config is None and configs.head == ProjectConfig():
        config = configs.head  # without settings, it says nothing of the base either
    if config is not None:
        return declare_images(git, sha, config, overrides, contexts)
    tree = git.list_files(sha)
    # Secrets and commands that head's file alone names are nothing that base has agreed to.
    selection = _list_declared(git, sha, drop_needs(configs.head), overrides, contexts)
    listed = contexts.add_contexts(sha, tree, selection.images)
    declared = [spec for spec in listed if has_build_files(spec, tree)]
    # A file that is added with one image in it must not take the others out of the review.
    if with_discovered and not overrides.declares_image:
        usual = find_images(git, sha, ProjectConfig(), contexts.build_files)
        declared += list_unlisted(declared, usual.images, usual.excluded)
        selection = replace(selection, excluded=(*selection.excluded, *usual.excluded))
    specs = contexts.add_contexts(sha, tree, overrides.apply_to_specs(tuple(declared)))
    return _add_bases(_add_fingerprints(git, sha, specs, tree), sha, selection, contexts)


def declare_dropped_images(
    git: Git,
    head: str,
    base: DeclaredImages,
    planned: Sequence[PlannedImage],
    moves: Mapping[str, str],
    *,
    contexts: ContextFinder,
) -> tuple[PlannedImage, ...]:
    """Return the plan with the images that base reviews, and head no longer does.

    Head has their Dockerfiles, stages and contexts, so that they can be reviewed as base declares
    them.
    `moves` has the new paths of Dockerfiles that were moved.
    """
    tree = git.list_files(head)
    built = {image.head.dockerfile for image in planned if image.head}
    plan: list[PlannedImage] = []
    for image in planned:
        new_path = None if image.head else moves.get(image.spec.dockerfile)
        # No review finds a Dockerfile of such a name, so that the image would be gone without a
        # word.
        if new_path and not has_dockerfile_name(new_path):
            plan.append(replace(image, is_dropped=True, moved_to=new_path))
            continue
        spec = find_dropped_spec(image, built, tree, new_path)
        # The stage itself was removed: nothing is left to be built.
        if spec is not None and contexts.stages.is_missing(head, spec):
            spec = None
        if spec is None or image.head is not None:
            plan.append(image)
        if spec is not None and image.base is not None:
            spec = contexts.add_contexts(head, tree, (spec,))[0]
            state = _compare_dropped(git, head, base, (image.base, spec), tree)
            renamed_from = identify_image(image.base) if new_path else None
            plan.append(
                PlannedImage(image.base, spec, state, is_dropped=True, renamed_from=renamed_from)
            )
    return tuple(plan)


def declare_origins(
    git: Git,
    sha: str,
    revisions: tuple[DeclaredImages, DeclaredImages],
    planned: Sequence[PlannedImage],
    origins: Mapping[str, str],
    *,
    contexts: ContextFinder,
) -> tuple[PlannedImage, ...]:
    """Return the plan with new images that have an older Dockerfile compared with that.

    `sha` is base's. `origins` has the paths there of Dockerfiles of head; base declares no such
    image, or has rewritten it.
    """

    def add_origin(image: PlannedImage) -> PlannedImage:
        path, (base, head) = origins.get(image.spec.dockerfile), revisions
        if image.state is not ImageState.NEW or path is None:
            return image
        moved = move_spec(image.spec, path, base.tree)
        old = contexts.add_contexts(sha, base.tree, (moved,))[0]
        if not has_build_files(old, base.tree):
            return image
        fingerprint = Fingerprints(git, sha, base.tree).compute(old)
        same = fingerprint == head.fingerprints.get(image.spec.key)
        state = ImageState.UNCHANGED if same else ImageState.CHANGED
        origin = identify_image(old)
        return replace(image, base=old, state=state, renamed_from=origin, has_older_dockerfile=True)

    return tuple(add_origin(image) for image in planned)


def _list_declared(
    git: Git, sha: str, config: ProjectConfig, overrides: Overrides, contexts: ContextFinder
) -> FoundImages:
    selection = find_images(git, sha, config, contexts.build_files)
    listed = config.images or ()
    images = unite_images(
        listed, selection.images, config.defaults, selection.excluded if config.discovers else ()
    )
    excluded = list_unlisted(listed, selection.excluded, selection.images)
    selection = replace(selection, images=images, excluded=excluded)
    declared = overrides.declare_image(config.defaults.spec.budget)
    if not declared:
        return selection
    selection = select_image(selection, declared[0], overrides.target)
    completed = tuple(
        image for spec in selection.images for image in config.defaults.complete(spec)
    )
    return replace(selection, images=completed)


def _add_bases(
    declared: DeclaredImages, sha: str, selection: FoundImages, contexts: ContextFinder
) -> DeclaredImages:
    """Return the images with those that are only built for others, where these have files."""
    siblings, excluded = (
        tuple(
            spec
            for spec in contexts.add_contexts(sha, declared.tree, specs)
            if has_build_files(spec, declared.tree)
        )
        for specs in (selection.siblings, selection.excluded)
    )
    return replace(declared, siblings=siblings, excluded=excluded)


def _add_fingerprints(
    git: Git, sha: str, specs: tuple[ImageSpec, ...], tree: GitTree
) -> DeclaredImages:
    fingerprints = Fingerprints(git, sha, tree)
    return DeclaredImages(
        specs=specs,
        fingerprints={
            spec.key: fingerprints.compute(spec) for spec in specs if has_build_files(spec, tree)
        },
        tree=tree,
    )


def _compare_dropped(
    git: Git, head: str, base: DeclaredImages, image: tuple[ImageSpec, ImageSpec], tree: GitTree
) -> ImageState:
    """Return the state of a dropped image, declared the same in both revisions."""
    old, new = image
    same = base.fingerprints.get(old.key) == Fingerprints(git, head, tree).compute(new)
    return ImageState.UNCHANGED if same else ImageState.CHANGED


def _find_path(git: Git, sources: ConfigSources, sha: str) -> str:
    """Return the path of the configuration file in a commit, which may not be there."""
    return sources.config_path or choose_config_path(git, sha, CONFIG_PATHS)


def _read_config(git: Git, sha: str, sources: ConfigSources, path: str) -> ProjectConfig | None:
    if sources.config_text is not None:
        return _parse_config(sources.config_text, sources.config_name)
    file = find_config_file(git, sha, path)
    text = git.read_file(sha, file) if file else None
    return None if text is None else _parse_config(text.decode(errors="replace"), path)


def _parse_config(text: str, source: str) -> ProjectConfig:
    config = parse_config(text, source)
    ExcludeRules(config)  # a pattern that is none is a mistake like any other
    return config
