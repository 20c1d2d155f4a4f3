"""Whose bytes a layer's are: a package's, else the directory's that holds them.

A package's claim counts for the layer that tells of it and for those above. On the same file the
system's packages (deb, apk, rpm) come first, then those of a language by file, then by directory, the
deepest; last what a file says of itself (a jar, a program), which holds for that layer alone.
"""

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.image.filesystem.whiteouts import resolve_whiteouts
from bot.image.layers.layer_index import LayerIndex
from bot.image.packages import python
from bot.image.packages.package import BINARY_KINDS, SYSTEM_KINDS, Package
from bot.model.files import Entry, EntryKind, OwnerKey

Claims = dict[str, OwnerKey]


class _DirectoryOwnership(NamedTuple):
    """What the files of one directory have in common.

    `owner` has those that nobody claims by name; `twin` is another name of the directory, through a
    link; `sources` is where the modules are that were compiled into it.
    """

    owner: OwnerKey
    alias: str | None
    source_folder: str | None


def sum_bytes_by_owner(layers: Sequence[LayerIndex]) -> list[Mapping[OwnerKey, int]]:
    """For each layer of a stack, the lowest first, its bytes by owner; they sum to its size."""
    stack = _OwnershipTracker()
    return [stack.add_layer(layer) for layer in layers]


class _OwnershipTracker:
    """Who owns what, as of the layers seen so far."""

    def __init__(self) -> None:
        self._system_claims: Claims = {}
        # A system's claims name no version: it may say later which one, and not list the files again.
        self._versioned_owners: dict[OwnerKey, OwnerKey] = {}
        self._file_claims: Claims = {}
        self._directory_claims: Claims = {}
        self._directory_aliases: dict[str, str] = {}
        # Of the present layer alone:
        self._binary_claims: Claims = {}
        self._embedded_packages: dict[str, list[tuple[OwnerKey, int]]] = {}
        self._ownership_by_directory: dict[str, _DirectoryOwnership] = {}
        self._hard_links: dict[str, str] = {}

    def add_layer(self, layer: LayerIndex) -> Mapping[OwnerKey, int]:
        """The bytes of one more layer on top, by owner."""
        self._start_layer(layer.entries)
        self._add_claims(layer.packages)
        sizes: defaultdict[OwnerKey, int] = defaultdict(int)
        claimed = self._system_claims.get
        for entry in layer.entries:
            if entry.size:
                owner = claimed(entry.path) or self._find_owner(entry.path)
                if entry.path in self._embedded_packages:
                    self._divide_file(entry, owner, sizes)
                else:
                    sizes[owner] += entry.size
        return self._add_versions(sizes)

    def _start_layer(self, entries: Sequence[Entry]) -> None:
        """What was removed is claimed no more; a directory that a link names has two names."""
        (
            self._ownership_by_directory,
            self._hard_links,
            self._binary_claims,
            self._embedded_packages,
        ) = {}, {}, {}, {}
        for entry in entries:
            if entry.kind is EntryKind.SYMLINK:
                if entry.path.count("/") < 2:
                    self._directory_aliases[_resolve_link_target(entry)] = entry.path
            elif entry.kind is EntryKind.HARDLINK:
                self._hard_links.setdefault(entry.link, entry.path)
        for folder, name in resolve_whiteouts(entries):
            path = posixpath.join(folder, name)
            self._file_claims.pop(path, None)
            self._directory_claims.pop(path, None)

    def _add_claims(self, packages: Sequence[Package]) -> None:
        """What a layer's packages claim, those of the system once they are all known."""
        for package in packages:
            owner = OwnerKey(package.kind, package.name, package.version)
            if package.kind in SYSTEM_KINDS:
                undated = owner._replace(version=None)
                self._system_claims.update(dict.fromkeys(package.files, undated))
                self._versioned_owners[undated] = owner
            elif package.kind in BINARY_KINDS:
                self._binary_claims.update(dict.fromkeys(package.files, owner))
                for path, size in package.embedded_bytes.items():
                    self._embedded_packages.setdefault(path, []).append((owner, size))
            else:
                self._file_claims.update(dict.fromkeys(package.files, owner))
                self._directory_claims.update(dict.fromkeys(package.directories, owner))
        self._drop_uninstalled(packages)

    def _drop_uninstalled(self, packages: Sequence[Package]) -> None:
        """A system's database names all there is: what it no longer names is gone."""
        named = {OwnerKey(x.kind, x.name) for x in packages if x.kind in SYSTEM_KINDS and x.version}
        kinds = {owner.kind for owner in named}
        gone = {x for x in self._versioned_owners if x.kind in kinds and x not in named}
        if gone:
            self._system_claims = {
                path: x for path, x in self._system_claims.items() if x not in gone
            }
            self._versioned_owners = {
                x: dated for x, dated in self._versioned_owners.items() if x not in gone
            }

    def _find_owner(self, path: str) -> OwnerKey:
        """Who has a file that no system's package claims under this very path."""
        folder, _, name = path.rpartition("/")
        place = self._ownership_by_directory.get(folder) or self._get_directory(folder)
        return (
            (place.alias is not None and self._system_claims.get(f"{place.alias}/{name}"))
            or self._file_claims.get(path)
            or (place.source_folder is not None and self._find_source_owner(place, name))
            or (place.owner.kind == "directory" and self._binary_claims.get(path))
            or (
                path in self._hard_links
                and self._find_hard_link_owner(place, self._hard_links[path])
            )
            or place.owner
        )

    def _find_hard_link_owner(
        self, directory: _DirectoryOwnership, linked_path: str
    ) -> OwnerKey | None:
        """A store such as pnpm's has the bytes; the package has another name of the same file."""
        if directory.owner.kind != "directory":
            return None
        linked = self._get_directory(linked_path.rpartition("/")[0]).owner
        named = self._system_claims.get(linked_path) or self._file_claims.get(linked_path)
        return named or (linked if linked.kind != "directory" else None)

    def _find_source_owner(
        self, directory: _DirectoryOwnership, compiled_name: str
    ) -> OwnerKey | None:
        path = f"{directory.source_folder}/{python.get_source_name(compiled_name)}"
        return self._system_claims.get(path) or self._file_claims.get(path)

    def _get_directory(self, folder: str) -> _DirectoryOwnership:
        """The place of a directory, and on the way those of all the ones above it."""
        missing, above = list[str](), folder
        while above and above not in self._ownership_by_directory:
            missing.append(above)
            above = above.rpartition("/")[0]
        place = self._ownership_by_directory.get(above) or _DirectoryOwnership(
            OwnerKey("directory", "/"), None, None
        )
        for below in reversed(missing):
            place = self._ownership_by_directory[below] = self._derive_directory(place, below)
        return place

    def _derive_directory(self, parent: _DirectoryOwnership, folder: str) -> _DirectoryOwnership:
        """The place of a directory, given its parent's."""
        twin = self._directory_aliases.get(folder)
        if twin is None and parent.alias is not None:
            twin = f"{parent.alias}/{folder.rpartition('/')[2]}"
        owner = self._directory_claims.get(folder)
        if owner is None:
            ours = parent.owner.kind == "directory"
            owner = OwnerKey("directory", f"/{folder}") if ours else parent.owner
        return _DirectoryOwnership(owner, twin, python.find_source_folder(folder))

    def _divide_file(
        self, entry: Entry, owner: OwnerKey, sizes: defaultdict[OwnerKey, int]
    ) -> None:
        """Gives each its share of a file, as far as it goes; the remainder is the owner's. A file
        that was installed as a whole is not divided."""
        left = entry.size
        if owner.kind in BINARY_KINDS or owner.kind == "directory":
            for inner, size in self._embedded_packages[entry.path]:
                share = max(0, min(size, left))
                sizes[inner] += share
                left -= share
        sizes[owner] += left

    def _add_versions(self, sizes: Mapping[OwnerKey, int]) -> Mapping[OwnerKey, int]:
        """The sizes under the versions that the packages have as of this layer."""
        return {
            self._versioned_owners.get(owner, owner): size for owner, size in sizes.items() if size
        }


def _resolve_link_target(link: Entry) -> str:
    """The directory that a symbolic link names, relative to the root."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(link.path), link.link))[1:]
