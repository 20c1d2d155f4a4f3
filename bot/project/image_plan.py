"""From the trees of both revisions to the list of images, and to those of them worth building."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bot.model.report import ImageState
from bot.model.spec import Budget, ImageSpec

# A tree: POSIX path -> mode and object ID, as `git ls-tree -r` prints them.
GitTree = Mapping[str, str]

_DOCKERFILE_NAME = re.compile(
    r"(?:[Dd]ockerfile|[Cc]ontainerfile)(?:\..+)?|.+\.(?:[Dd]ockerfile|[Cc]ontainerfile)"
)
# Endings of files that are made into Dockerfiles, or speak about them, but are none.
_NON_DOCKERFILE_SUFFIXES = frozenset(
    {
        ".dockerignore",
        ".containerignore",
        ".j2",
        ".jinja",
        ".jinja2",
        ".tmpl",
        ".tpl",
        ".template",
        ".in",
    }
    | {
        ".erb",
        ".mustache",
        ".md",
        ".rst",
        ".txt",
        ".bak",
        ".orig",
        ".rej",
        ".swp",
        ".py",
        ".sh",
        ".lock",
    }
)
_SYMLINK_MODE_PREFIX = "120000 "  # the mode by which git knows a symbolic link
_VENDORED_FOLDERS = frozenset({"node_modules", "vendor", "third_party", ".git", ".venv", "venv"})


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One image on the two sides; at least one side has it."""

    base: ImageSpec | None
    head: ImageSpec | None
    state: ImageState

    @property
    def spec(self) -> ImageSpec:
        """The newer of its declarations."""
        spec = self.head or self.base
        assert spec is not None, "an image that neither side declares is never planned"  # noqa: S101
        return spec


@dataclass(frozen=True, slots=True)
class DeclaredImages:
    """The images of one revision with the fingerprint of all that goes into each build.

    An image whose Dockerfile the revision lacks has no fingerprint.
    """

    specs: tuple[ImageSpec, ...]
    fingerprints: Mapping[tuple[str, str | None], str]


def is_dockerfile(path: str) -> bool:
    """Whether a path is named as Dockerfiles are, and is not somebody else's or a template."""
    posix = PurePosixPath(path)
    if _VENDORED_FOLDERS.intersection(posix.parts[:-1]):
        return False
    return (
        bool(_DOCKERFILE_NAME.fullmatch(posix.name))
        and posix.suffix.lower() not in _NON_DOCKERFILE_SUFFIXES
    )


def discover_images(tree: GitTree, budget: Budget) -> tuple[ImageSpec, ...]:
    """Every Dockerfile of a tree as an image named by its path, its folder the context."""
    return tuple(
        ImageSpec(
            name=path, dockerfile=path, context=str(PurePosixPath(path).parent), budget=budget
        )
        for path in sorted(tree)
        if is_dockerfile(path)
    )


def select_images(specs: Sequence[ImageSpec], selectors: Sequence[str]) -> tuple[ImageSpec, ...]:
    """The images that are asked for by name, Dockerfile or folder; all of them if none is named."""
    if not selectors:
        return tuple(specs)
    names = {name.removeprefix("./").rstrip("/") or "." for name in selectors}
    return tuple(spec for spec in specs if names & _list_selectors(spec))


def _list_selectors(spec: ImageSpec) -> set[str]:
    folder = str(PurePosixPath(spec.dockerfile).parent)
    return {spec.name, spec.dockerfile, spec.context, folder}


def has_build_files(spec: ImageSpec, tree: GitTree) -> bool:
    """Whether a tree has the Dockerfile and the context (git knows no empty folders), or may have
    them behind a link.
    """
    if _is_behind_symlink(spec, tree):
        return True
    folder = f"{spec.context}/"
    has_context = spec.context == "." or any(path.startswith(folder) for path in tree)
    return spec.dockerfile in tree and has_context


def compute_fingerprint(spec: ImageSpec, tree: GitTree, is_ignored: Callable[[str], bool]) -> str:
    """A digest of all that a build of `spec` can see. `ignored` takes paths relative to the context."""
    digest = hashlib.sha256(repr(_build_settings(spec, tree)).encode())
    prefix = "" if spec.context == "." else spec.context + "/"
    if _is_behind_symlink(spec, tree):
        # What stands behind a link may be anywhere in the repository: all of it counts.
        prefix, is_ignored = "", lambda path: False
    for path in sorted(tree):
        if path.startswith(prefix) and not is_ignored(path[len(prefix) :]):
            line = f"{path[len(prefix) :]}\0{tree[path]}\0"
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _is_behind_symlink(spec: ImageSpec, tree: GitTree) -> bool:
    """Whether the Dockerfile or the context is reached by a symbolic link."""
    paths = [PurePosixPath(spec.dockerfile), PurePosixPath(spec.context)]
    steps = {str(step) for path in paths for step in (path, *path.parents)}
    return any(tree.get(step, "").startswith(_SYMLINK_MODE_PREFIX) for step in steps)


def _build_settings(spec: ImageSpec, tree: GitTree) -> tuple[object, ...]:
    """What the build is told, the Dockerfile's content among it; where that lies makes no difference."""
    arguments = sorted(spec.build_args.items())
    return tree.get(spec.dockerfile), spec.target, arguments, spec.platform


def pair_images(base: DeclaredImages | None, head: DeclaredImages) -> tuple[PlannedImage, ...]:
    """The images of both sides, paired by name and platform, in the head's order."""
    old = {x.key: x for x in base.specs if x.key in base.fingerprints} if base else {}
    planned = [
        PlannedImage(old.get(spec.key), spec, _planned_state(spec.key, base, head))
        for spec in head.specs
    ]
    new = {spec.key for spec in head.specs}
    removed = [spec for key, spec in old.items() if key not in new]
    return (*planned, *(PlannedImage(spec, None, ImageState.REMOVED) for spec in removed))


def _planned_state(
    key: tuple[str, str | None], base: DeclaredImages | None, head: DeclaredImages
) -> ImageState:
    if base is None:
        return ImageState.NO_BASELINE
    if key not in base.fingerprints:
        return ImageState.NEW
    same = base.fingerprints[key] == head.fingerprints.get(key)
    return ImageState.UNCHANGED if same else ImageState.CHANGED


def expand_platforms(spec: ImageSpec, platforms: Sequence[str]) -> tuple[ImageSpec, ...]:
    """One image for each platform; just the machine's own if none is named."""
    return tuple(replace(spec, platform=platform) for platform in platforms) or (spec,)
