"""Compose and bake files below the top of a repository, which nothing reads by itself."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.model.spec import ContextSource, ImageSpec
from bot.project.build_file_groups import BAKE_NAMES, COMPOSE_NAMES
from bot.project.compose_file import BuildFileMistake, reduce_compose_file, resolve_path
from bot.project.file_tree import FileTree
from bot.project.image_plan import find_vendored_folder

# One of them is in every usual name.
_NAME_WORDS = ("compose.y", "docker-bake.")
_WORDS_OF_BUILDS = ("build", "include", "extends")
_LOCATION_KEYS = frozenset({"context", "dockerfile", "target", "tags"})
_DECLARED = (ContextSource.CONFIGURED, ContextSource.COMPOSE, ContextSource.BAKE)


@dataclass(frozen=True, slots=True)
class NestedBuild:
    """A build of a compose file: what it is built of, and whether it `has_options` besides."""

    dockerfile: str
    context: str
    target: str | None = None
    has_options: bool = False


def list_nested_files(tree: FileTree) -> Sequence[str]:
    """Return the compose and bake files of folders by their usual names, sorted.

    Those among other people's files are left out.
    """
    return tree.select(_is_nested, _NAME_WORDS)


def is_bake_file(path: str) -> bool:
    """Return True for a bake file, False for a compose file, of those with a usual name."""
    return PurePosixPath(path).name in BAKE_NAMES


def read_nested_builds(text: str, path: str) -> Iterator[NestedBuild | None]:
    """Yield the builds of a compose file with paths of the repository.

    None stands for builds that only docker compose can tell, or that nobody can.
    """
    # Most of these files only start published images: YAML is not parsed for nothing.
    if not any(word in text for word in _WORDS_OF_BUILDS):
        return
    try:
        reduced = reduce_compose_file(text, path)
        content = json.loads(reduced.content) if reduced.has_builds else {}
    except (BuildFileMistake, ValueError):
        yield None  # broken, or with the tags of a file that changes another one
        return
    if content.get("include"):
        yield None
    for service in content.get("services", {}).values():
        if "extends" in service:
            yield None
        elif "build" in service:
            yield from _read_build(service["build"], str(PurePosixPath(path).parent))


def is_reviewed(build: NestedBuild, images: Iterable[ImageSpec]) -> bool:
    """Return True if an image is what a build makes, or is built as another declaration says."""
    return any(
        image.dockerfile == build.dockerfile
        and image.target == build.target
        and (
            image.context_source in _DECLARED
            or (image.context == build.context and not build.has_options)
        )
        for image in images
    )


def _read_build(declared: Any, folder: str) -> Iterator[NestedBuild | None]:
    """Yield a build; None if a value is not plain text, nothing if it is not in the repository."""
    build = declared if isinstance(declared, Mapping) else {"context": declared}
    texts = [build.get("context", "."), build.get("dockerfile", "Dockerfile"), build.get("target")]
    if "dockerfile_inline" in build or not all(_is_plain(text) for text in texts):
        yield None
        return
    context = None if "://" in texts[0] else resolve_path(folder, texts[0])
    dockerfile = resolve_path(context, texts[1]) if context is not None else None
    if context is not None and dockerfile is not None:
        has_options = not build.keys() <= _LOCATION_KEYS
        yield NestedBuild(dockerfile, context, texts[2] or None, has_options)


def _is_plain(text: object) -> bool:
    return text is None or (isinstance(text, str) and "$" not in text)


def _is_nested(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    is_usual = name in COMPOSE_NAMES or name in BAKE_NAMES
    return bool(folder) and is_usual and find_vendored_folder(path) is None
