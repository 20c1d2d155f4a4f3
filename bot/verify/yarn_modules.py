"""Modules of Node that Yarn installed for development alone: its lock does not say which they are.

They are those that no dependency of package.json leads to, as Node looks for modules. See
https://nodejs.org/api/modules.html#loading-from-node_modules-folders
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.image.open_image import OpenImage

# What Yarn 1 and Yarn 2 leave in the folder of modules.
_MARKS = (".yarn-integrity", ".yarn-state.yml")
_MAX_MANIFEST_BYTES = 1_000_000
# The folder of the innermost module that has a file.
_MODULE_FOLDER = re.compile(r"(?P<folder>.*(?:^|/)node_modules/(?:@[^/]+/)?[^/@.][^/]*)/")
_REQUIRED = "dependencies"
_FURTHER = ("optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True)
class YarnModules:
    """The folders of installed modules, and of those that the program's dependencies lead to."""

    installed: frozenset[str]
    reached: frozenset[str]

    def is_development(self, path: str) -> bool:
        """Return True for a file of a module that only development dependencies lead to."""
        match = _MODULE_FOLDER.match(path)
        folder = match["folder"] if match else ""
        return folder in self.installed and folder not in self.reached


NO_MODULES = YarnModules(frozenset(), frozenset())


def read_yarn_modules(image: OpenImage, root: str) -> YarnModules:
    """Read the modules of a project's folder, which ends with a slash or is empty.

    There are none if another package manager installed them, the project has workspaces, or a
    dependency is not found or cannot be read: then nothing is known of the others.
    """
    top = f"{root}node_modules"
    project = _parse(image.read_text(f"{root}package.json"))
    is_yarn = any(f"{top}/{mark}" in image.tree for mark in _MARKS)
    if not is_yarn or not project or "workspaces" in project:
        return NO_MODULES
    modules = _read_manifests(image, top)
    reached = _follow(modules, project, root.rstrip("/"))
    return NO_MODULES if reached is None else YarnModules(frozenset(modules), reached)


def _read_manifests(image: OpenImage, top: str) -> dict[str, Mapping[str, Any]]:
    """Read what each module declares, by its folder."""
    texts = image.files.read_below(
        top, lambda path, size: path.endswith("/package.json") and size <= _MAX_MANIFEST_BYTES
    )
    folders = ((posixpath.dirname(path), content) for path, content in texts)
    return {
        folder: _parse(content.decode(errors="replace"))
        for folder, content in folders
        if (match := _MODULE_FOLDER.match(f"{folder}/")) and match["folder"] == folder
    }


def _follow(
    modules: Mapping[str, Mapping[str, Any]], project: Mapping[str, Any], root: str
) -> frozenset[str] | None:
    """Return the folders that dependencies lead to; None if one that is required is not found."""
    reached: set[str] = set()
    waiting = [(root, project)]
    while waiting:
        folder, manifest = waiting.pop()
        required = [_find(modules, folder, name) for name in _list_names(manifest, _REQUIRED)]
        if not manifest or None in required:
            return None
        others = (name for key in _FURTHER for name in _list_names(manifest, key))
        loaded = (*required, *(_find(modules, folder, name) for name in others))
        targets = {target for target in loaded if target is not None} - reached
        reached |= targets
        waiting += [(target, modules[target]) for target in targets]
    return frozenset(reached)


def _find(modules: Mapping[str, object], folder: str, name: str) -> str | None:
    """Return the folder of a module as one in another folder loads it; None if there is none."""
    while True:
        candidate = posixpath.join(folder, "node_modules", name)
        if candidate in modules:
            return candidate
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _list_names(manifest: Mapping[str, Any], key: str) -> Iterator[str]:
    declared = manifest.get(key)
    yield from declared if isinstance(declared, dict) else ()


def _parse(text: str) -> Mapping[str, Any]:
    """Return what a package.json declares; empty if it cannot be read."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
