"""The plan of a review: the images of both revisions, and the ones that need a build.

Pure functions of git trees, so that nothing is checked out to find that nothing has changed.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath

from bot.model.image_identity import ImageIdentity
from bot.model.named_contexts import find_context_folder
from bot.model.report import ImageState
from bot.model.spec import Budget, ImageSpec
from bot.project.conversions import list_conversions
from bot.project.dockerfile_kinds import is_other_kind
from bot.project.file_tree import FileTree, index_tree
from bot.project.git_tree import GitTree
from bot.project.image_chains import ChainedImage, ProviderChange

_DOCKERFILE_NAME = re.compile(
    r"(?:[Dd]ockerfile|[Cc]ontainerfile)(?:\..+)?|.+\.(?:[Dd]ockerfile|[Cc]ontainerfile)"
)
_NAME_WORD = "erfile"  # is in every name
_MAX_KEPT_PATHS = 4096  # each step of a plan asks for the same ones
# Where npm, Composer, Go, Bazel and virtual environments put copies of other people's projects.
_VENDORED_FOLDERS = frozenset({"node_modules", "vendor", "third_party", ".git", ".venv", "venv"})


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """An image on both sides; at least one of them declares it.

    `base_budget` is that of base's rules, if they hold. An image that `is_dropped` is declared by
    base alone, and built of both revisions as base declares it; if its Dockerfile is `moved_to`
    where none can be, it is built no more. `renamed_from` is set if the sides have different names
    or platforms, `removed_beside` if a new image may be a removed one that was not recognised,
    `has_older_dockerfile` if base has its Dockerfile and declares no such image. The chains have
    the images of the repository that each side is built on; `base_doubts` say what is not known of
    them, and `provider_changes` which names other images than in base provide. `possible_bases`
    are images that may build what nobody declares, if it is not known who has that.
    """

    base: ImageSpec | None
    head: ImageSpec | None
    state: ImageState
    base_budget: Budget | None = None
    is_dropped: bool = False
    moved_to: str = ""
    renamed_from: ImageIdentity | None = None
    removed_beside: tuple[str, ...] = ()
    has_older_dockerfile: bool = False
    base_chain: ChainedImage | None = None
    head_chain: ChainedImage | None = None
    base_doubts: tuple[str, ...] = ()
    possible_bases: tuple[ImageSpec, ...] = ()
    provider_changes: tuple[ProviderChange, ...] = ()

    @property
    def spec(self) -> ImageSpec:
        """The head's declaration, or the base's of a removed image."""
        spec = self.head or self.base
        assert spec is not None, "an image that neither side declares is never planned"  # noqa: S101
        return spec


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that the build of an image can read: equal ones are built of the same.

    `settings` come first, for `content`, what the context sends, may take a walk to compare.
    """

    settings: tuple[object, ...]
    content: object


@dataclass(frozen=True, slots=True)
class DeclaredImages:
    """The images of one revision, each with a fingerprint of its build inputs.

    An image without a Dockerfile in the revision has no fingerprint. `tree` has the files of the
    revision. `siblings` and `excluded` are not reviewed, and only built for what is built on them:
    the former would be, if the caller named no other image.
    """

    specs: tuple[ImageSpec, ...]
    fingerprints: Mapping[tuple[str, str | None], Fingerprint]
    tree: GitTree = field(default_factory=dict)
    siblings: tuple[ImageSpec, ...] = ()
    excluded: tuple[ImageSpec, ...] = ()


def is_dockerfile(path: str) -> bool:
    """Return True for the name of a Dockerfile outside of vendored folders."""
    return has_dockerfile_name(path) and find_vendored_folder(path) is None


def find_vendored_folder(path: str) -> str | None:
    """Return the name of the folder of other people's files that a path is in, if it is in one."""
    return next((name for name in path.split("/")[:-1] if name in _VENDORED_FOLDERS), None)


@lru_cache(_MAX_KEPT_PATHS)
def has_dockerfile_name(path: str) -> bool:
    """Return True for the name of a Dockerfile in any folder."""
    # Many files are asked: most have other names, and need not be taken apart.
    if _NAME_WORD not in path:
        return False
    name = path.rpartition("/")[2]
    return bool(_DOCKERFILE_NAME.fullmatch(name)) and not is_other_kind(name)


def list_named_dockerfiles(tree: FileTree) -> Sequence[str]:
    """Return the paths of a tree with the name of a Dockerfile, in any folder, sorted."""
    return tree.select(has_dockerfile_name, (_NAME_WORD,))


def list_dockerfiles(paths: Iterable[str]) -> Sequence[str]:
    """Return those of some paths that are Dockerfiles, sorted."""
    if isinstance(paths, FileTree):
        paths = list_named_dockerfiles(paths)
    return sorted(filter(is_dockerfile, paths))


def discover_images(paths: Iterable[str], budget: Budget) -> tuple[ImageSpec, ...]:
    """Return an image for each Dockerfile: its path the name, its folder the context."""
    return tuple(
        ImageSpec(
            name=path, dockerfile=path, context=str(PurePosixPath(path).parent), budget=budget
        )
        for path in list_dockerfiles(paths)
    )


def name_stage(dockerfile: str, target: str | None) -> str:
    """Return the name of an image that nobody has named."""
    return f"{dockerfile}:{target}" if target else dockerfile


def has_build_files(spec: ImageSpec, tree: GitTree) -> bool:
    """Return True if a tree has the Dockerfile and the context.

    Git has no empty folders, so a context without files does not exist. Behind a symbolic link
    both may exist, as each may in a submodule, and a context may be prepared before the build.
    """
    if is_behind_symlink(spec, tree):
        return True
    files = index_tree(tree)
    has_dockerfile = spec.dockerfile in tree or _is_below_any(spec.dockerfile, files.submodules)
    has_context = files.has_folder(spec.context) or _is_below_any(spec.context, files.submodules)
    return has_dockerfile and (has_context or bool(spec.needs.preparation))


def list_build_settings(spec: ImageSpec, tree: GitTree) -> tuple[object, ...]:
    """Return the Dockerfile's content, the options of the build, and what converts its files."""
    arguments = tuple(sorted(spec.build_args.items()))
    # The commands of a preparation run in all of the checkout and may copy any file to the context.
    folders = ("." if spec.needs.preparation else spec.context, *list_context_folders(spec))
    conversions = tuple(list_conversions(tree, spec.dockerfile, folder) for folder in folders)
    contexts = tuple(sorted(spec.build_contexts.items()))
    own = (tree.get(spec.dockerfile), spec.target, arguments, spec.platform, conversions, contexts)
    return (*own, spec.needs.preparation)


def list_context_folders(spec: ImageSpec) -> tuple[str, ...]:
    """Return the folders of the repository that are named contexts, in the order of the names."""
    folders = (find_context_folder(value) for _, value in sorted(spec.build_contexts.items()))
    return tuple(folder for folder in folders if folder is not None)


def is_behind_symlink(spec: ImageSpec, tree: GitTree) -> bool:
    """Return True if the Dockerfile or a context is reached through a symbolic link."""
    links = index_tree(tree).links
    return any(_is_below_any(path, links) for path in _list_build_paths(spec))


def is_out_of_tree(spec: ImageSpec, tree: GitTree) -> bool:
    """Return True if the Dockerfile or a context is behind a symbolic link or in a submodule.

    The tree does not show which files are there.
    """
    submodules = index_tree(tree).submodules
    in_submodule = any(_is_below_any(path, submodules) for path in _list_build_paths(spec))
    return in_submodule or is_behind_symlink(spec, tree)


def _list_build_paths(spec: ImageSpec) -> tuple[str, ...]:
    return (spec.dockerfile, spec.context, *list_context_folders(spec))


def _is_below_any(path: str, others: Collection[str]) -> bool:
    """Return True for a path that is one of some others, or below one."""
    # Most trees have neither links nor submodules, and every image is asked for.
    return bool(others) and any(prefix in others for prefix in list_prefixes(path))


@lru_cache(_MAX_KEPT_PATHS)
def list_prefixes(path: str) -> tuple[str, ...]:
    """Return a path and the folders above it."""
    posix = PurePosixPath(path)
    return tuple(map(str, (posix, *posix.parents)))


def expand_platforms(spec: ImageSpec, platforms: Sequence[str]) -> tuple[ImageSpec, ...]:
    """Return an image for each platform; without platforms, one for the machine's own."""
    return tuple(replace(spec, platform=platform) for platform in platforms) or (spec,)
