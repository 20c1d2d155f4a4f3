"""The changes of the gate between two revisions, found in the files of both."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.image.archives.platforms import detect_host_platform
from bot.line.config_location import find_config_file
from bot.line.contexts import ContextFinder
from bot.line.found_images import find_images
from bot.line.moved_images import RenameFinder
from bot.line.ports import Git
from bot.line.review_request import ReviewRequest
from bot.model.report import GateChange, GateKind, Outcome
from bot.model.spec import ImageSpec
from bot.project.config_changes import ConfigPair, list_config_changes
from bot.project.config_file import ProjectConfig
from bot.project.declaration_changes import (
    DeclarationFacts,
    list_renamed_dockerfiles,
    list_replaced_folders,
)
from bot.project.file_tree import index_tree
from bot.project.git_tree import GitTree
from bot.project.image_plan import PlannedImage
from bot.project.provider_changes import list_provider_changes
from bot.project.renames import find_moved_folders
from bot.project.workflow_changes import (
    CODE_OWNER_FILES,
    list_owner_changes,
    list_workflow_changes,
)
from bot.project.workflow_file import is_workflow_file

_YAML_SUFFIXES = (".yml", ".yaml")


def list_gate_changes(
    git: Git,
    request: ReviewRequest,
    images: Sequence[PlannedImage],
    contexts: ContextFinder,
) -> tuple[GateChange, ...]:
    """Return what the change alters in its own rules, what may loosen them first.

    Of a change that is accepted already nothing is a warning: there is nobody left to warn.
    """
    if request.base is None:
        return ()
    base_sha, head_sha = request.base.commit.sha, request.head.commit.sha
    trees = git.list_files(base_sha), git.list_files(head_sha)
    path = _find_config_path(git, request)
    changed = index_tree(trees[0]).list_changes(index_tree(trees[1]))
    changes = (
        *(_list_config_file_changes(git, request, trees) if path else ()),
        *_list_config_changes(git, request, images, trees, contexts),
        *list_provider_changes(images, _find_added_file(request), path, changed),
        *_list_file_changes(git, (base_sha, head_sha), trees, request.configs.base),
    )
    if not request.has_base_rules:
        changes = tuple(replace(change, result=Outcome.PASS) for change in changes)
    return tuple(sorted(changes, key=lambda change: change.result is not Outcome.WARN))


def _find_config_path(git: Git, request: ReviewRequest) -> str:
    """Return the path of the configuration file; empty if neither revision has one."""
    path, revisions = request.configs.path, (request.head, request.base)
    shas = [revision.commit.sha for revision in revisions if revision and path]
    return path if any(find_config_file(git, sha, path) is not None for sha in shas) else ""


def _find_added_file(request: ReviewRequest) -> ProjectConfig | None:
    """Return head's configuration if base has no file, so that nothing in it is base's."""
    configs = request.configs
    return configs.head if configs.base is None and not configs.base_mistake else None


def _list_config_changes(
    git: Git,
    request: ReviewRequest,
    images: Sequence[PlannedImage],
    trees: tuple[GitTree, GitTree],
    contexts: ContextFinder,
) -> tuple[GateChange, ...]:
    configs = request.configs
    pair = ConfigPair(_find_config_path(git, request), configs.base, configs.head)
    base_sha = request.base.commit.sha if request.base else ""
    finder = RenameFinder(git, base_sha, request.head.commit.sha)
    facts = DeclarationFacts(
        detect_host_platform(),
        finder.find_moved(trees, list_renamed_dockerfiles(images)),
        find_moved_folders(trees, list_replaced_folders(images)),
        index_tree(trees[0]).list_changes(index_tree(trees[1])),
        _discover_base_images(git, request, base_sha, contexts),
    )
    return list_config_changes(pair, request.overrides, images, facts)


def _discover_base_images(
    git: Git, request: ReviewRequest, sha: str, contexts: ContextFinder
) -> dict[str, ImageSpec]:
    """Return the images that base reviews without a file, by their Dockerfiles.

    With a file that cannot be read, nobody knows what base reviews.
    """
    configs, overrides = request.configs, request.overrides
    has_base_file = configs.base is not None or configs.base_mistake
    is_listed = configs.head.images and not overrides.declares_image
    if has_base_file or not is_listed:
        return {}
    # The answer is by Dockerfile: one platform of an image says as much as all of them.
    own = replace(overrides, platforms=overrides.platforms[:1])
    selection = find_images(git, sha, ProjectConfig(), contexts.build_files)
    specs = own.apply_to_specs(selection.images)
    specs = contexts.add_contexts(sha, git.list_files(sha), specs)
    # The last stage of a Dockerfile is the first of its images.
    return {spec.dockerfile: spec for spec in reversed(specs)}


def _list_config_file_changes(
    git: Git, request: ReviewRequest, trees: tuple[GitTree, GitTree]
) -> tuple[GateChange, ...]:
    """Return what became of the configuration file as a whole."""
    path, mistake = request.configs.path, request.configs.base_mistake
    subject, result = f"the configuration file {path}", Outcome.WARN
    had_file = request.configs.base is not None
    has_file = find_config_file(git, request.head.commit.sha, path) is not None
    if mistake:
        after = f"cannot be read in the base, so this change's own rules hold alone: {mistake}"
    elif had_file and not has_file:
        after = _describe_removal(git, request, trees)
    elif has_file and not had_file:
        # It cannot loosen anything: the defaults and the caller's limits hold for base as well.
        after, result = "added", Outcome.PASS
    else:
        return ()
    return (GateChange(GateKind.CONFIGURATION, subject, None, after, result, path),)


def _describe_removal(git: Git, request: ReviewRequest, trees: tuple[GitTree, GitTree]) -> str:
    base_tree, head_tree = trees
    path, base, head = request.configs.path, request.base, request.head
    # Git compares each pair of files, and a change may add thousands.
    added = [name for name in head_tree if name not in base_tree and name.endswith(_YAML_SUFFIXES)]
    shas = (base.commit.sha if base else "", head.commit.sha)
    renames = git.find_renames(*shas, [path, *added]) if base and added else ()
    new = next((rename.new for rename in renames if rename.old == path), None)
    return f"renamed to {new}, where it is not read" if new else "deleted"


def _list_file_changes(
    git: Git, shas: tuple[str, str], trees: tuple[GitTree, GitTree], base: ProjectConfig | None
) -> tuple[GateChange, ...]:
    """Return what changed in the workflows of this review and in the code owners."""
    workflows = _read_changed(git, shas, trees, is_workflow_file)
    owners = _read_changed(git, shas, trees, lambda path: path in CODE_OWNER_FILES)
    budgets = (base.budget, *(image.budget for image in base.images or ())) if base else ()
    return (*list_workflow_changes(*workflows, budgets), *list_owner_changes(*owners))


def _read_changed(
    git: Git,
    shas: tuple[str, str],
    trees: tuple[GitTree, GitTree],
    is_read: Callable[[str], bool],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of some files of both revisions; none where they are all the same."""
    base, head = map(index_tree, trees)
    # Most changes touch none of them. If one differs all are read, as a workflow may call another
    # one.
    if not any(map(is_read, base.list_changes(head))):
        return {}, {}
    base_texts, head_texts = (
        _read_texts(git, sha, filter(is_read, tree.paths))
        for sha, tree in zip(shas, (base, head), strict=True)
    )
    return base_texts, head_texts


def _read_texts(git: Git, sha: str, paths: Iterable[str]) -> dict[str, str]:
    # What is no UTF-8 is replaced: no text of a pull request may end its review.
    contents = {path: git.read_file(sha, path) or b"" for path in paths}
    return {path: content.decode(errors="replace") for path, content in contents.items()}
