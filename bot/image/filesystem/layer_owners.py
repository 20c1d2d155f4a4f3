"""Whose bytes a layer's are: a package's, else the directory's that holds them.

A package's claim counts for the layer that tells of it and for those above. On the same file the
system's packages (deb, apk, rpm) come first, then those of a language by file, then by directory, the
deepest; last what a file says of itself (a jar, a program), which holds for that layer alone.
"""

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.image.filesystem.whiteouts import deletions
from bot.image.layers.layer_index import LayerIndex
from bot.image.packages import python
from bot.image.packages.package import BINARIES, SYSTEMS, Package
from bot.model.files import Entry, Kind, OwnerKey

Claims = dict[str, OwnerKey]


class _Place(NamedTuple):
    """What the files of one directory have in common.

    `owner` has those that nobody claims by name; `twin` is another name of the directory, through a
    link; `sources` is where the modules are that were compiled into it.
    """

    owner: OwnerKey
    twin: str | None
    sources: str | None


def by_owner(layers: Sequence[LayerIndex]) -> list[Mapping[OwnerKey, int]]:
    """For each layer of a stack, the lowest first, its bytes by owner; they sum to its size."""
    stack = _Stack()
    return [stack.weigh(layer) for layer in layers]


class _Stack:
    """Who owns what, as of the layers seen so far."""

    def __init__(self) -> None:
        self._system: Claims = {}
        # A system's claims name no version: it may say later which one, and not list the files again.
        self._versions: dict[OwnerKey, OwnerKey] = {}
        self._files: Claims = {}
        self._directories: Claims = {}
        self._twins: dict[str, str] = {}
        # Of the present layer alone:
        self._binaries: Claims = {}
        self._shares: dict[str, list[tuple[OwnerKey, int]]] = {}
        self._places: dict[str, _Place] = {}
        self._links: dict[str, str] = {}

    def weigh(self, layer: LayerIndex) -> Mapping[OwnerKey, int]:
        """The bytes of one more layer on top, by owner."""
        self._forget(layer.entries)
        self._learn(layer.packages)
        sizes: defaultdict[OwnerKey, int] = defaultdict(int)
        claimed = self._system.get
        for entry in layer.entries:
            if entry.size:
                owner = claimed(entry.path) or self._owner(entry.path)
                if entry.path in self._shares:
                    self._divide(entry, owner, sizes)
                else:
                    sizes[owner] += entry.size
        return self._dated(sizes)

    def _forget(self, entries: Sequence[Entry]) -> None:
        """What was removed is claimed no more; a directory that a link names has two names."""
        self._places, self._links, self._binaries, self._shares = {}, {}, {}, {}
        for entry in entries:
            if entry.kind is Kind.SYMLINK:
                if entry.path.count("/") < 2:
                    self._twins[_target(entry)] = entry.path
            elif entry.kind is Kind.HARDLINK:
                self._links.setdefault(entry.link, entry.path)
        for folder, name in deletions(entries):
            path = posixpath.join(folder, name)
            self._files.pop(path, None)
            self._directories.pop(path, None)

    def _learn(self, packages: Sequence[Package]) -> None:
        """What a layer's packages claim, those of the system once they are all known."""
        for package in packages:
            owner = OwnerKey(package.kind, package.name, package.version)
            if package.kind in SYSTEMS:
                undated = owner._replace(version=None)
                self._system.update(dict.fromkeys(package.files, undated))
                self._versions[undated] = owner
            elif package.kind in BINARIES:
                self._binaries.update(dict.fromkeys(package.files, owner))
                for path, size in package.shares.items():
                    self._shares.setdefault(path, []).append((owner, size))
            else:
                self._files.update(dict.fromkeys(package.files, owner))
                self._directories.update(dict.fromkeys(package.directories, owner))
        self._uninstall(packages)

    def _uninstall(self, packages: Sequence[Package]) -> None:
        """A system's database names all there is: what it no longer names is gone."""
        named = {OwnerKey(x.kind, x.name) for x in packages if x.kind in SYSTEMS and x.version}
        kinds = {owner.kind for owner in named}
        gone = {x for x in self._versions if x.kind in kinds and x not in named}
        if gone:
            self._system = {path: x for path, x in self._system.items() if x not in gone}
            self._versions = {x: dated for x, dated in self._versions.items() if x not in gone}

    def _owner(self, path: str) -> OwnerKey:
        """Who has a file that no system's package claims under this very path."""
        folder, _, name = path.rpartition("/")
        place = self._places.get(folder) or self._find(folder)
        return (
            (place.twin is not None and self._system.get(f"{place.twin}/{name}"))
            or self._files.get(path)
            or (place.sources is not None and self._owner_of_source(place, name))
            or (place.owner.kind == "directory" and self._binaries.get(path))
            or (path in self._links and self._owner_of_link(place, self._links[path]))
            or place.owner
        )

    def _owner_of_link(self, place: _Place, other: str) -> OwnerKey | None:
        """A store such as pnpm's has the bytes; the package has another name of the same file."""
        if place.owner.kind != "directory":
            return None
        linked = self._find(other.rpartition("/")[0]).owner
        named = self._system.get(other) or self._files.get(other)
        return named or (linked if linked.kind != "directory" else None)

    def _owner_of_source(self, place: _Place, compiled: str) -> OwnerKey | None:
        path = f"{place.sources}/{python.source(compiled)}"
        return self._system.get(path) or self._files.get(path)

    def _find(self, folder: str) -> _Place:
        """The place of a directory, and on the way those of all the ones above it."""
        missing, above = list[str](), folder
        while above and above not in self._places:
            missing.append(above)
            above = above.rpartition("/")[0]
        place = self._places.get(above) or _Place(OwnerKey("directory", "/"), None, None)
        for below in reversed(missing):
            place = self._places[below] = self._below(place, below)
        return place

    def _below(self, above: _Place, folder: str) -> _Place:
        """The place of a directory, given its parent's."""
        twin = self._twins.get(folder)
        if twin is None and above.twin is not None:
            twin = f"{above.twin}/{folder.rpartition('/')[2]}"
        owner = self._directories.get(folder)
        if owner is None:
            ours = above.owner.kind == "directory"
            owner = OwnerKey("directory", f"/{folder}") if ours else above.owner
        return _Place(owner, twin, python.compiled_from(folder))

    def _divide(self, entry: Entry, owner: OwnerKey, sizes: defaultdict[OwnerKey, int]) -> None:
        """Gives each its share of a file, as far as it goes; the remainder is the owner's. A file
        that was installed as a whole is not divided."""
        left = entry.size
        if owner.kind in BINARIES or owner.kind == "directory":
            for inner, size in self._shares[entry.path]:
                share = max(0, min(size, left))
                sizes[inner] += share
                left -= share
        sizes[owner] += left

    def _dated(self, sizes: Mapping[OwnerKey, int]) -> Mapping[OwnerKey, int]:
        """The sizes under the versions that the packages have as of this layer."""
        return {self._versions.get(owner, owner): size for owner, size in sizes.items() if size}


def _target(link: Entry) -> str:
    """The directory that a symbolic link names, relative to the root."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(link.path), link.link))[1:]
