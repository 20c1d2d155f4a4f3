"""Adds layers up to the file system that a container sees.

Whiteouts and opaque directories hide what *lower* layers brought, wherever they stand in their own
tar (OCI image specification, layer.md), so each layer's deletions are applied before its additions.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.image.scan import OPAQUE, WHITEOUT, Entry, Kind, ScannedLayer, is_whiteout

_MAX_LINKS = 40  # as many as the kernel follows before it says ELOOP


@dataclass(frozen=True, slots=True, eq=False)
class _Inode:
    """A regular file's bytes and the layer that ships them; two names of one file share it."""

    layer: int
    size: int


@dataclass(frozen=True, slots=True)
class _Symlink:
    target: str


@dataclass(frozen=True, slots=True)
class _Other:
    """A device, a FIFO: there, but without bytes."""


class _Directory(dict[str, "_Node"]):
    """A directory's names."""


_Node = _Directory | _Inode | _Symlink | _Other


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What is left to see; `wasted_bytes` by layer: shipped in it, and seen by nobody."""

    filesystem_bytes: int
    files: int
    wasted_bytes: tuple[int, ...]


def add_up(layers: Sequence[ScannedLayer]) -> FileSystem:
    """The file system of a stack of layers, the lowest first."""
    root = _Directory()
    for index, layer in enumerate(layers):
        for entry in layer.entries:
            if is_whiteout(entry.path):
                _hide(root, entry.path)
        for entry in layer.entries:
            if not is_whiteout(entry.path):
                _add(root, entry, index)
    alive = {id(inode): inode for inode in _inodes(root)}.values()
    seen = [0] * len(layers)
    for inode in alive:
        seen[inode.layer] += inode.size
    wasted = tuple(
        layer.unpacked_bytes - bytes_ for layer, bytes_ in zip(layers, seen, strict=True)
    )
    return FileSystem(sum(seen), len(alive), wasted)


def _hide(root: _Directory, path: str) -> None:
    parent, name = posixpath.split(path)
    directory = _find(root, parent)
    if not isinstance(directory, _Directory):
        return
    if name == OPAQUE:
        directory.clear()
    else:
        directory.pop(name.removeprefix(WHITEOUT), None)


def _add(root: _Directory, entry: Entry, layer: int) -> None:
    parent, name = posixpath.split(entry.path)
    if not name:
        return
    directory = _make(root, parent)
    if entry.kind is Kind.DIRECTORY:
        if not isinstance(directory.get(name), _Directory):
            directory[name] = _Directory()
    elif entry.kind is Kind.FILE:
        directory[name] = _Inode(layer, entry.size)
    elif entry.kind is Kind.SYMLINK:
        directory[name] = _Symlink(entry.link)
    elif entry.kind is Kind.HARDLINK:
        directory[name] = _find(root, entry.link) or _Other()
    else:
        directory[name] = _Other()


def _find(root: _Directory, path: str) -> _Node | None:
    """The node of a path, links in its parents followed, its own not."""
    node: _Node | None = root
    for step in _steps(root, path):
        node = node.get(step) if isinstance(node, _Directory) else None
    return node


def _make(root: _Directory, path: str) -> _Directory:
    """The directory of a path; what is missing, or is no directory, becomes one."""
    node = root
    for step in _steps(root, path, through_last=True):
        child = node.get(step)
        if not isinstance(child, _Directory):
            child = node[step] = _Directory()
        node = child
    return node


def _steps(root: _Directory, path: str, *, through_last: bool = False) -> list[str]:
    """The names to walk from the root once symlinks to directories are followed."""
    done: list[str] = []
    left = [step for step in path.split("/") if step]
    followed = 0
    while left:
        step = left.pop(0)
        if step == "..":
            done = done[:-1]
            continue
        node = _walk(root, [*done, step])
        if isinstance(node, _Symlink) and (left or through_last) and followed < _MAX_LINKS:
            followed += 1
            done = [] if node.target.startswith("/") else done
            left = [part for part in node.target.split("/") if part not in ("", ".")] + left
        else:
            done.append(step)
    return done


def _walk(root: _Directory, steps: Sequence[str]) -> _Node | None:
    node: _Node | None = root
    for step in steps:
        node = node.get(step) if isinstance(node, _Directory) else None
    return node


def _inodes(directory: _Directory) -> Iterator[_Inode]:
    left = [directory]
    while left:
        for node in left.pop().values():
            if isinstance(node, _Directory):
                left.append(node)
            elif isinstance(node, _Inode):
                yield node
