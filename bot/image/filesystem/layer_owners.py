"""The owner of each byte of a layer: a package, else the directory that holds it.

A package owns its files in the layer that has its database entry, and in those above. If several
claim a file, the system's packages (deb, apk, rpm) come first, then language packages by file, then
by directory, the deepest; last what a file says of itself (a jar, a program), for that layer alone.
"""

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

from bot.image.filesystem.whiteouts import resolve_whiteouts
from bot.image.layers.layer_index import LayerIndex
from bot.image.packages import python
from bot.image.packages.package import BINARY_KINDS, SYSTEM_KINDS, Package
from bot.model.files import DIRECTORY_KIND, Entry, EntryKind, OwnerKey

Claims = dict[str, OwnerKey]


class _DirectoryOwnership(NamedTuple):
    """The ownership that the files of one directory share.

    `owner` has those that nobody claims by name; `alias` is another path of the directory, through
    a symbolic link; `source_folder` holds the modules that were compiled into it.
    """

    owner: OwnerKey
    alias: str | None
    source_folder: str | None


class OwnershipTracker:
    """The claims of all packages, as of the layers added so far."""

    def __init__(self) -> None:
        self._system_claims: Claims = {}
        # System claims name no version: an upgrade in a later layer changes it without listing
        # all files again.
        self._versioned_owners: dict[OwnerKey, OwnerKey] = {}
        self._file_claims: Claims = {}
        self._directory_claims: Claims = {}
        self._directory_aliases: dict[str, str] = {}
        # Of the current layer alone:
        self._binary_claims: Claims = {}
        self._embedded_packages: dict[str, list[tuple[OwnerKey, int]]] = {}
        self._ownership_by_directory: dict[str, _DirectoryOwnership] = {}
        self._hard_links: dict[str, str] = {}

    def copy(self) -> "OwnershipTracker":
        """Return a tracker to which other layers can be added than to this one."""
        duplicate = copy(self)
        duplicate._system_claims = self._system_claims.copy()
        duplicate._versioned_owners = self._versioned_owners.copy()
        duplicate._file_claims = self._file_claims.copy()
        duplicate._directory_claims = self._directory_claims.copy()
        duplicate._directory_aliases = self._directory_aliases.copy()
        return duplicate

    def add_layer(self, layer: LayerIndex) -> Mapping[OwnerKey, int]:
        """Add a layer on top and return its bytes by owner, which sum to its size."""
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
        """Drop the claims of removed files, and note the layer's links."""
        self._ownership_by_directory, self._hard_links = {}, {}
        self._binary_claims, self._embedded_packages = {}, {}
        for entry in entries:
            if entry.kind is EntryKind.SYMLINK:
                # Links near the root, such as `lib -> usr/lib` of usrmerge.
                if entry.path.count("/") < 2:
                    self._directory_aliases[_resolve_link_target(entry)] = entry.path
            elif entry.kind is EntryKind.HARDLINK:
                self._hard_links.setdefault(entry.link, entry.path)
        for folder, name in resolve_whiteouts(entries):
            path = posixpath.join(folder, name)
            self._file_claims.pop(path, None)
            self._directory_claims.pop(path, None)

    def _add_claims(self, packages: Sequence[Package]) -> None:
        """Add the claims of a layer's packages."""
        for package in packages:
            owner = OwnerKey(package.kind, package.name, package.version)
            if package.kind in SYSTEM_KINDS:
                unversioned = owner._replace(version=None)
                self._system_claims.update(dict.fromkeys(package.files, unversioned))
                self._versioned_owners[unversioned] = owner
            elif package.kind in BINARY_KINDS:
                self._binary_claims.update(dict.fromkeys(package.files, owner))
                for path, size in package.embedded_bytes.items():
                    self._embedded_packages.setdefault(path, []).append((owner, size))
            else:
                self._file_claims.update(dict.fromkeys(package.files, owner))
                self._directory_claims.update(dict.fromkeys(package.directories, owner))
        self._drop_uninstalled(packages)

    def _drop_uninstalled(self, packages: Sequence[Package]) -> None:
        """Drop the claims of packages that the system's database no longer names.

        A database lists everything that is installed, so a package that is missing was removed.
        """
        system_packages = [package for package in packages if package.kind in SYSTEM_KINDS]
        installed = {OwnerKey(x.kind, x.name) for x in system_packages if x.version}
        # A package without a version is named by dpkg's file lists only, not by its status file.
        kinds = {owner.kind for owner in installed}
        removed = {x for x in self._versioned_owners if x.kind in kinds and x not in installed}
        if removed:
            claims, versioned_owners = self._system_claims.items(), self._versioned_owners.items()
            self._system_claims = {path: key for path, key in claims if key not in removed}
            self._versioned_owners = {k: owner for k, owner in versioned_owners if k not in removed}

    def _find_owner(self, path: str) -> OwnerKey:
        """Return the owner of a file that no system package claims by this path."""
        # The order of the module's docstring; the caller has asked for a system claim to this very
        # path.
        folder, _, name = path.rpartition("/")
        directory = self._ownership_by_directory.get(folder) or self._get_directory(folder)
        return (
            (directory.alias is not None and self._system_claims.get(f"{directory.alias}/{name}"))
            or self._file_claims.get(path)
            or (directory.source_folder is not None and self._find_source_owner(directory, name))
            or (directory.owner.kind == DIRECTORY_KIND and self._binary_claims.get(path))
            or (
                path in self._hard_links
                and self._find_hard_link_owner(directory, self._hard_links[path])
            )
            or directory.owner
        )

    def _find_hard_link_owner(
        self, directory: _DirectoryOwnership, linked_path: str
    ) -> OwnerKey | None:
        """Return the package that has another hard link to a file.

        A store such as pnpm's has the bytes, and the package's directory another name of the same
        file.
        """
        if directory.owner.kind != DIRECTORY_KIND:
            return None
        directory_owner = self._get_directory(linked_path.rpartition("/")[0]).owner
        owner = self._system_claims.get(linked_path) or self._file_claims.get(linked_path)
        return owner or (directory_owner if directory_owner.kind != DIRECTORY_KIND else None)

    def _find_source_owner(
        self, directory: _DirectoryOwnership, compiled_name: str
    ) -> OwnerKey | None:
        path = f"{directory.source_folder}/{python.get_source_name(compiled_name)}"
        return self._system_claims.get(path) or self._file_claims.get(path)

    def _get_directory(self, folder: str) -> _DirectoryOwnership:
        """Return the ownership of a directory, and compute that of its ancestors."""
        missing, ancestor = list[str](), folder
        while ancestor and ancestor not in self._ownership_by_directory:
            missing.append(ancestor)
            ancestor = ancestor.rpartition("/")[0]
        directory = self._ownership_by_directory.get(ancestor) or _DirectoryOwnership(
            OwnerKey(DIRECTORY_KIND, "/"), None, None
        )
        for path in reversed(missing):
            directory = self._ownership_by_directory[path] = self._derive_directory(directory, path)
        return directory

    def _derive_directory(self, parent: _DirectoryOwnership, folder: str) -> _DirectoryOwnership:
        """Compute the ownership of a directory from its parent's."""
        alias = self._directory_aliases.get(folder)
        if alias is None and parent.alias is not None:
            alias = f"{parent.alias}/{folder.rpartition('/')[2]}"
        owner = self._directory_claims.get(folder)
        if owner is None:
            is_unclaimed = parent.owner.kind == DIRECTORY_KIND
            owner = OwnerKey(DIRECTORY_KIND, f"/{folder}") if is_unclaimed else parent.owner
        return _DirectoryOwnership(owner, alias, python.find_source_folder(folder))

    def _divide_file(
        self, entry: Entry, owner: OwnerKey, sizes: defaultdict[OwnerKey, int]
    ) -> None:
        """Divide a file among the packages inside it; the remainder is the owner's.

        A file that a package installed as a whole is not divided.
        """
        remaining = entry.size
        if owner.kind in BINARY_KINDS or owner.kind == DIRECTORY_KIND:
            for package, size in self._embedded_packages[entry.path]:
                embedded = max(0, min(size, remaining))
                sizes[package] += embedded
                remaining -= embedded
        sizes[owner] += remaining

    def _add_versions(self, sizes: Mapping[OwnerKey, int]) -> Mapping[OwnerKey, int]:
        """Return the sizes by owners with their versions as of this layer."""
        return {
            self._versioned_owners.get(owner, owner): size for owner, size in sizes.items() if size
        }


def _resolve_link_target(link: Entry) -> str:
    """Return the path that a symbolic link names, relative to the root."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(link.path), link.link))[1:]
