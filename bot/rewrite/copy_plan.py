"""The plan of what the last stage copies: the files that it needs, as few and as large folders."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.path_patterns import compile_path_patterns
from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.file_selection import (
    REPOSITORY_PATHS,
    SYSTEM_PATHS,
    FileSelection,
    came_from_context,
)

# Folders that packages share: their contents are copied one by one.
_SHARED_FOLDERS = (
    "bin",
    "etc",
    "home",
    "lib",
    "opt",
    "root",
    "sbin",
    "srv",
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/local",
    "usr/local/bin",
    "usr/local/sbin",
    "usr/sbin",
    "usr/share",
    "usr/src",
    "var",
    "var/lib",
    "usr/local/share",
)
# Folders of installed dependencies stay whole: parts of them are loaded by name.
_INDIVISIBLE_FOLDERS = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|\.venv|venv|node_modules|vendor|bundle)$"
)
_MAX_EXTRA_BYTES = 300_000  # bytes of what nobody needs that come along before a folder is split up
_MAX_EXTRA_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class CopyItem:
    """A file or a whole folder to copy, without a leading slash.

    `link_target` is set for a symbolic link, which is created anew.
    """

    path: str
    is_folder: bool
    size: int
    link_target: str = ""


@dataclass(frozen=True)
class CopyPlan:
    """The items to copy, and the sizes of the Dockerfile's own files that they leave out."""

    items: tuple[CopyItem, ...]
    dropped_sizes: Mapping[str, int]


@dataclass
class _FolderTotals:
    """The sums of a folder and all below it: files and bytes that are selected or dropped.

    `context_files` are the selected files that came from the build context; `base_files` belong to
    the base image.
    """

    selected_files: int = 0
    context_files: int = 0
    selected_bytes: int = 0
    dropped_bytes: int = 0
    base_files: int = 0
    has_repository: bool = False
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def build_copy_plan(selection: FileSelection, extra_paths: Iterable[str] = ()) -> CopyPlan:
    """Plan the copies; `extra_paths` were missed in a failed attempt."""
    facts, selected = selection.facts, selection.selected_paths | frozenset(extra_paths)
    folders = _sum_folders(facts, selected)
    items = tuple(_build_items(facts, folders, selected, ""))
    covered = compile_path_patterns(f"/{x.path}" for x in items) if items else re.compile(r"(?!)")
    dropped = {x.path: x.size for x in facts.built.own_files.values() if not covered.match(x.path)}
    return CopyPlan(items, dropped)


def _sum_folders(facts: BuildFacts, selected: frozenset[str]) -> Mapping[str, _FolderTotals]:
    totals: defaultdict[str, _FolderTotals] = defaultdict(_FolderTotals)
    for path, entry in facts.built.tree.items():
        is_own = path in facts.built.own_files
        name = path
        while name:
            above = posixpath.dirname(name)
            folder = totals[above]
            if name == path:
                folder.files.append(path)
            else:
                folder.folders.add(name)
            folder.selected_files += path in selected
            folder.context_files += path in selected and came_from_context(facts, path)
            folder.selected_bytes += entry.size if path in selected else 0
            folder.dropped_bytes += entry.size if is_own and path not in selected else 0
            folder.base_files += not is_own
            folder.has_repository |= path not in selected and bool(REPOSITORY_PATHS.search(path))
            name = above
    return totals


def _build_items(
    facts: BuildFacts, folders: Mapping[str, _FolderTotals], selected: frozenset[str], parent: str
) -> Iterator[CopyItem]:
    """Yield the items below a folder."""
    folder = folders[parent]
    for name in sorted(folder.folders):
        below = folders[name]
        if below.selected_files:
            # A folder of the context stays one: more may come into it, as templates and pages do.
            is_from_context = (
                below.context_files == below.selected_files and not SYSTEM_PATHS.match(f"{name}/")
            )
            is_large_enough = below.selected_files > 1 or is_from_context
            is_whole = (
                is_large_enough and name not in _SHARED_FOLDERS and _is_copied_whole(name, below)
            )
            yield from (
                [CopyItem(name, is_folder=True, size=below.selected_bytes)]
                if is_whole
                else _build_items(facts, folders, selected, name)
            )
    for name in sorted(folder.files):
        if name in selected:
            entry = facts.built.tree[name]
            link = entry.link if entry.kind is EntryKind.SYMLINK else ""
            yield CopyItem(name, is_folder=False, size=entry.size, link_target=link)


def _is_copied_whole(path: str, totals: _FolderTotals) -> bool:
    """Return True if a folder may be copied as a whole."""
    if totals.has_repository:
        return False
    if _INDIVISIBLE_FOLDERS.search(path):
        return not totals.base_files or not path.endswith("node_modules")
    if totals.base_files:
        return False
    return totals.dropped_bytes <= max(_MAX_EXTRA_BYTES, _MAX_EXTRA_SHARE * totals.selected_bytes)
