"""The plan of what the last stage copies: what runs, in few lines and without residue.

What changes seldom comes first, so that a change of a source leaves the layers of dependencies.
"""

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.model.files import Entry, EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.context_copies import MovedCopies
from bot.rewrite.copy_choice import CopyChoice, CopyItem, choose_copies
from bot.rewrite.file_selection import (
    DEPENDENCY_NAMES,
    IN_DEPENDENCIES,
    REPOSITORY_PATHS,
    SYSTEM_PATHS,
    FileSelection,
)
from bot.rewrite.project_residue import came_from_context

# Folders that packages share: their contents are copied one by one. In /usr/src and /opt, too, each
# application has a folder of its own.
SHARED_FOLDERS = (
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
_DEPENDENCY_FOLDERS = re.compile(rf"{DEPENDENCY_NAMES}$")
NOTHING_MOVED = MovedCopies()
_MAX_NAMED_OUTPUTS = 3  # files that a COPY names of a folder that a build writes


@dataclass(frozen=True)
class CopyPlan:
    """The items to copy, and the sizes of the Dockerfile's own files that they leave out.

    `removed_paths` are below items that are copied whole: the build stage removes them at its end.
    `context_sizes` are of the files that the last stage copies from the context.
    """

    items: tuple[CopyItem, ...]
    dropped_sizes: Mapping[str, int]
    removed_paths: tuple[str, ...] = ()
    context_sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def copied_bytes(self) -> int:
        """The bytes of all that the last stage copies."""
        return sum(item.size for item in self.items) + sum(self.context_sizes.values())


@dataclass
class _FolderTotals:
    """The sums of a folder and all below it: files and bytes that are selected or dropped.

    `context_files` are the selected files that came from the build context; `base_files` belong to
    the base image; `dependency_files` are the selected files of installed dependencies. `has_moved`
    if the last stage copies files into it from the context.
    """

    selected_files: int = 0
    context_files: int = 0
    dependency_files: int = 0
    selected_bytes: int = 0
    dropped_files: int = 0
    dropped_bytes: int = 0
    base_files: int = 0
    has_repository: bool = False
    has_moved: bool = False
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)

    def add(self, other: "_FolderTotals") -> None:
        """Add the sums of a file below the folder; its names are not added."""
        self.selected_files += other.selected_files
        self.context_files += other.context_files
        self.dependency_files += other.dependency_files
        self.selected_bytes += other.selected_bytes
        self.dropped_files += other.dropped_files
        self.dropped_bytes += other.dropped_bytes
        self.base_files += other.base_files
        self.has_repository |= other.has_repository


def build_copy_plan(
    selection: FileSelection, extra_paths: Iterable[str] = (), moved: MovedCopies = NOTHING_MOVED
) -> CopyPlan:
    """Plan the copies; `extra_paths` were missed in a failed attempt."""
    facts = selection.facts
    selected = (selection.selected_paths | frozenset(extra_paths)) - moved.shipped_paths
    folders = _sum_folders(facts, selected, moved.absent_paths)
    planner = _Planner(facts, folders, selected, selection.ecosystem.ships_sources)
    choice = planner.plan_contents("")
    # One expression each, not a loop over all items for each file of the image.
    covered, removed = _match_any(x.path for x in choice.items), _match_any(choice.removed_paths)
    # Only what the new image really lacks, since the verifier excuses these paths: files that come
    # along with their folder are not among them.
    dropped = {
        entry.path: entry.size
        for entry in facts.built.own_files.values()
        if entry.path not in moved.shipped_paths
        and (not covered.match(entry.path) or removed.match(entry.path))
    }
    items = _sort_items(facts, choice.items, selected)
    sizes = {path: facts.built.tree[path].size for path in moved.shipped_paths}
    return CopyPlan(tuple(items), dropped, choice.removed_paths, sizes)


def _match_any(paths: Iterable[str]) -> re.Pattern[str]:
    names = [re.escape(path) for path in paths]
    return re.compile(f"(?:{'|'.join(names)})(?:/|$)" if names else r"(?!)")


def _sum_folders(
    facts: BuildFacts, selected: frozenset[str], absent: frozenset[str]
) -> Mapping[str, _FolderTotals]:
    """Return the sums of all folders; files that are absent from the build stage do not count."""
    totals: defaultdict[str, _FolderTotals] = defaultdict(_FolderTotals)
    for path, entry in facts.built.tree.items():
        if path in absent:
            # What is added to this folder comes with the copy from the context: the folder need
            # not come whole for it.
            _mark_moved(totals, path)
            continue
        counts = _count_file(facts, entry, is_selected=path in selected)
        totals[posixpath.dirname(path)].files.append(path)
        name = path
        while name:
            above = posixpath.dirname(name)
            totals[above].add(counts)
            if name != path:
                totals[above].folders.add(name)
            name = above
    return totals


def _count_file(facts: BuildFacts, entry: Entry, *, is_selected: bool) -> _FolderTotals:
    """Return what one file adds to the folders above it."""
    path, size = entry.path, entry.size
    is_own = path in facts.built.own_files
    is_dropped = is_own and not is_selected
    is_dependency = is_selected and bool(IN_DEPENDENCIES.search(posixpath.dirname(path)))
    return _FolderTotals(
        selected_files=int(is_selected),
        context_files=int(is_selected and came_from_context(facts, path)),
        dependency_files=int(is_dependency),
        selected_bytes=size if is_selected else 0,
        dropped_files=int(is_dropped),
        dropped_bytes=size if is_dropped else 0,
        base_files=int(not is_own),
        has_repository=not is_selected and bool(REPOSITORY_PATHS.search(path)),
    )


def _mark_moved(totals: Mapping[str, _FolderTotals], path: str) -> None:
    above = posixpath.dirname(path)
    # The root is its own parent: the loop ends there at the latest.
    while not totals[above].has_moved:
        totals[above].has_moved = True
        above = posixpath.dirname(above)


@dataclass(frozen=True)
class _Planner:
    """Chooses folder by folder whether it is copied whole or in parts."""

    facts: BuildFacts
    folders: Mapping[str, _FolderTotals]
    selected: frozenset[str]
    ships_sources: bool

    def plan_contents(self, parent: str) -> CopyChoice:
        """Plan what is below a folder, one by one."""
        folder = self.folders[parent]
        parts = [
            self._plan_folder(name)
            for name in sorted(folder.folders)
            if self.folders[name].selected_files
        ]
        files = [self._make_file(name) for name in sorted(folder.files) if name in self.selected]
        items = [*(item for part in parts for item in part.items), *files]
        removed = tuple(path for part in parts for path in part.removed_paths)
        return CopyChoice(tuple(items), removed)

    def _make_file(self, path: str) -> CopyItem:
        entry = self.facts.built.tree[path]
        link = entry.link if entry.kind is EntryKind.SYMLINK else ""
        return CopyItem(path, is_folder=False, size=entry.size, link_target=link)

    def _plan_folder(self, name: str) -> CopyChoice:
        totals = self.folders[name]
        item = CopyItem(name, is_folder=True, size=totals.selected_bytes)
        # site-packages also holds pip of the base image: it comes along, unless the build stage
        # uninstalls it (list_repeated_distributions).
        if IN_DEPENDENCIES.search(name) and self._is_whole_dependency(name):
            return CopyChoice((item,))
        # A COPY of a folder with files of the old base would put those over files of the new one.
        if not self._may_be_whole(name) or totals.base_files:
            return self.plan_contents(name)
        holds_dependencies = 0 < totals.dependency_files < totals.selected_files
        if not totals.dropped_files and not holds_dependencies:
            return CopyChoice((item,))
        return choose_copies(
            CopyChoice((item,), tuple(self._list_removed(name))),
            self.plan_contents(name),
            is_source_tree=self.ships_sources
            and (totals.context_files > 0 or self._has_many_outputs(name)),
            holds_dependencies=holds_dependencies,
            dropped_bytes=None if totals.has_repository else totals.dropped_bytes,
        )

    def _may_be_whole(self, name: str) -> bool:
        """Return True unless others have files there, or it holds only one file."""
        totals = self.folders[name]
        # npm of the base image is in /usr/local/lib/node_modules: there, modules come one by one.
        if name in SHARED_FOLDERS or (totals.base_files and name.endswith("node_modules")):
            return False
        # A folder of the context stays one: more may come into it, as templates and pages do.
        is_from_context = totals.context_files == totals.selected_files and not totals.has_moved
        is_application = not SYSTEM_PATHS.match(f"{name}/")
        if totals.selected_files > 1 or (is_from_context and is_application):
            return True
        return self.ships_sources and self._is_output(name)

    def _is_output(self, name: str) -> bool:
        """Return True for a folder that a build may write one file more of each new source to."""
        if self.folders[name].has_moved or SYSTEM_PATHS.match(f"{name}/"):
            return False
        return name.startswith(posixpath.join(self.facts.workdir, ""))

    def _has_many_outputs(self, name: str) -> bool:
        """Return True for an output folder with more files than a COPY should name."""
        selected_files = [path for path in self.folders[name].files if path in self.selected]
        return self._is_output(name) and len(selected_files) > _MAX_NAMED_OUTPUTS

    def _is_whole_dependency(self, name: str) -> bool:
        """Return True for installed dependencies, which come with all that they have."""
        if _DEPENDENCY_FOLDERS.search(name):
            return not (self.folders[name].base_files and name.endswith("node_modules"))
        return self._may_be_whole(name) and not self.folders[name].base_files

    def _list_removed(self, parent: str) -> Iterator[str]:
        """Yield what is not needed below a folder: whole folders where nothing in them is."""
        folder = self.folders[parent]
        for name in sorted(folder.folders):
            below = self.folders[name]
            if not below.selected_files:
                yield name
            # In dependencies nothing is removed by path: their tools know what belongs together.
            elif not _DEPENDENCY_FOLDERS.search(name):
                yield from self._list_removed(name)
        yield from (name for name in sorted(folder.files) if name not in self.selected)


def _sort_items(
    facts: BuildFacts, items: Iterable[CopyItem], selected: frozenset[str]
) -> list[CopyItem]:
    """Return the items in the order of change: dependencies first, then as the old file has them.

    An item belongs to the layer that brought most of its bytes.
    """
    items = tuple(items)
    layers = _find_main_layers(facts, items, selected)
    # `pip install --upgrade pip` is an earlier RUN than the one that brings the other packages.
    origins = facts.built.image.layer_by_path
    dependency_layers = {layers[x.path] for x in items if IN_DEPENDENCIES.search(x.path)} | {
        origins[path]
        for path in selected & origins.keys()
        if IN_DEPENDENCIES.search(path) and not came_from_context(facts, path)
    }

    def build_key(item: CopyItem) -> tuple[bool, int, str]:
        layer = layers[item.path]
        # `pip install` writes scripts to /usr/local/bin in the same RUN as site-packages: they
        # change together, and are copied next to each other.
        is_dependency = bool(IN_DEPENDENCIES.search(item.path)) or (
            layer in dependency_layers and not item.path.startswith(facts.workdir or "/")
        )
        return not is_dependency, layer, item.path

    return [replace(x, order=build_key(x)[:2]) for x in sorted(items, key=build_key)]


def _find_main_layers(
    facts: BuildFacts, items: Iterable[CopyItem], selected: frozenset[str]
) -> Mapping[str, int]:
    """Return the index of the layer that brought most of each item."""
    bytes_by_layer = {item.path: Counter[int]() for item in items}
    origins = facts.built.image.layer_by_path
    for path in selected:
        name = path
        while name and name not in bytes_by_layer:
            name = posixpath.dirname(name)
        if name and path in origins:
            # One byte more, so that empty files count: __init__.py may be all that an item has.
            bytes_by_layer[name][origins[path]] += facts.built.tree[path].size + 1
    # Of equal layers the later one counts: an item changes as often as what changes most in it.
    return {
        path: max(counts, key=lambda layer: (counts[layer], layer), default=0)
        for path, counts in bytes_by_layer.items()
    }
