"""The tree of an image's bytes: layers, folders and files, and the same bytes by package.

Sums have no remainder: what is too small to be named is in a part for the rest, beside the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.image.build_history import normalise_created_by
from bot.model.files import DIRECTORY_KIND, EntryKind, OwnerKey
from bot.model.image import Image, Layer
from bot.model.report import ImageReport, Report
from bot.model.size_parts import PartKind, SizePart, SizeTree

# A smaller part of an image is not named: nobody can tell more parts apart in a picture.
_MAX_PARTS = 400
# The parts of each of many images, of which a page has as many pictures.
MAX_PARTS_OF_MANY = 120
# Deeper folders count as the rest of the one at this depth: nobody reads a page so far down.
_MAX_DEPTH = 60
_NO_PACKAGE = "in no package"
_REST = "smaller"
_HIDDEN = "hidden by later layers"


def add_size_trees(report: Report) -> Report:
    """Return the report with the tree of each image that has its files."""
    return replace(report, images=tuple(map(_add_to_image_report, report.images)))


def make_size_tree(image: Image, max_parts: int = _MAX_PARTS) -> SizeTree:
    """Return the tree of an image; layers without known files have no parts."""
    smallest = max(1, image.unpacked_bytes // max_parts)
    folders = _sum_by_layer(image, smallest)
    layers = tuple(_make_layer(layer, folders, smallest) for layer in image.layers)
    return SizeTree(layers, _make_packages(image.layers, smallest))


def _add_to_image_report(report: ImageReport) -> ImageReport:
    comparison = report.comparison
    base, head = _add_to_image(comparison.base), _add_to_image(comparison.head)
    return replace(report, comparison=replace(comparison, base=base, head=head))


def _add_to_image(image: Image | None) -> Image | None:
    """Return the image with its tree; one whose files are not at hand keeps what it has."""
    if image is None or image.size_tree or (image.files and not image.tree):
        return image
    return replace(image, size_tree=make_size_tree(image))


@dataclass(slots=True)
class _FolderSum:
    """A folder on the way up: its named parts, and the files and bytes of the rest."""

    bytes: int = 0
    files: int = 0
    rest_bytes: int = 0
    rest_files: int = 0
    parts: list[SizePart] = field(default_factory=list)

    def add_part(self, part: SizePart) -> None:
        self.parts.append(part)
        self.bytes += part.bytes
        self.files += part.files

    def add_rest(self, size: int, files: int) -> None:
        self.rest_bytes += size
        self.rest_files += files
        self.bytes += size
        self.files += files


class _FolderTree:
    """The folders of one layer, by path."""

    def __init__(self, smallest: int) -> None:
        self._smallest = smallest
        self._folders: defaultdict[str, _FolderSum] = defaultdict(_FolderSum)

    def add_file(self, path: str, size: int) -> None:
        """Add a file to its folder, with its name if it is large enough."""
        parent, _, name = path.rpartition("/")
        folder = self._folders[parent]
        if size >= self._smallest:
            folder.add_part(SizePart(PartKind.FILE, name, size, 1))
        else:
            folder.add_rest(size, 1)

    def close(self) -> _FolderSum:
        """Add each folder to the one above, the deepest first, and return the root."""
        levels: defaultdict[int, dict[str, _FolderSum]] = defaultdict(dict)
        for path, folder in self._folders.items():
            levels[path.count("/") + 1 if path else 0][path] = folder
        for depth in range(max(levels, default=0), 0, -1):
            for path, folder in levels[depth].items():
                parent, _, name = path.rpartition("/")
                above = levels[depth - 1].setdefault(parent, _FolderSum())
                if folder.bytes >= self._smallest and depth <= _MAX_DEPTH:
                    above.add_part(_make_folder(name, folder))
                else:
                    above.add_rest(folder.bytes, folder.files)
        return levels[0].get("", _FolderSum())


def _make_folder(name: str, folder: _FolderSum) -> SizePart:
    """Return a folder as a part; one with nothing but another folder is named together with it."""
    parts = _close_parts(folder)
    # `usr/lib/python3` is one step for the reader, not three.
    if len(parts) == 1 and parts[0].kind is PartKind.FOLDER:
        return replace(parts[0], name=f"{name}/{parts[0].name}")
    # The rest alone says no more than the folder itself.
    named = any(part.kind is not PartKind.REST for part in parts)
    return SizePart(PartKind.FOLDER, name, folder.bytes, folder.files, parts if named else ())


def _close_parts(folder: _FolderSum) -> tuple[SizePart, ...]:
    """Return the parts of a folder, the largest first, and the rest last."""
    parts = sorted(folder.parts, key=lambda part: (-part.bytes, part.name))
    if folder.rest_bytes:
        parts.append(SizePart(PartKind.REST, _REST, folder.rest_bytes, folder.rest_files))
    return tuple(parts)


def _sum_by_layer(image: Image, smallest: int) -> Mapping[tuple[int, bool], _FolderSum]:
    """Sum up the files of each layer by folder, visible ones and hidden ones apart."""
    trees: defaultdict[tuple[int, bool], _FolderTree] = defaultdict(lambda: _FolderTree(smallest))
    layer_by_path = image.layer_by_path
    # Hard links have no size in a tree but for the first, so no byte is counted twice.
    for path, entry in image.tree.items():
        layer = layer_by_path.get(path)
        if entry.kind is EntryKind.FILE and entry.size and layer is not None:
            trees[layer, False].add_file(path, entry.size)
    for waste in image.wasted_files:
        if waste.size:
            trees[waste.shipping_layer, True].add_file(waste.path, waste.size)
    return {key: tree.close() for key, tree in trees.items()}


def _make_layer(
    layer: Layer, folders: Mapping[tuple[int, bool], _FolderSum], smallest: int
) -> SizePart:
    """Return a layer with its folders, and what later layers hide of it as one more part."""
    root = folders.get((layer.index, False)) or _FolderSum()
    hidden = folders.get((layer.index, True))
    if hidden is not None and hidden.bytes >= smallest:
        parts = _close_parts(hidden)
        root.add_part(SizePart(PartKind.HIDDEN, _HIDDEN, hidden.bytes, hidden.files, parts))
    elif hidden is not None:
        root.add_rest(hidden.bytes, hidden.files)
    # Nothing is explained by files that are more than the layer, or not known at all.
    is_whole = 0 < root.bytes <= layer.unpacked_bytes
    if is_whole and root.bytes < layer.unpacked_bytes:
        root.add_rest(layer.unpacked_bytes - root.bytes, 0)
    return SizePart(
        PartKind.LAYER,
        _name_layer(layer),
        layer.unpacked_bytes,
        layer.files,
        _close_parts(root) if is_whole else (),
        layer.index,
    )


def _name_layer(layer: Layer) -> str:
    # All layers of a base image have its `FROM`; what made each of them tells them apart.
    if layer.instruction is None or layer.from_base_image:
        return normalise_created_by(layer.created_by)
    return layer.instruction.text


def _make_packages(layers: Iterable[Layer], smallest: int) -> tuple[SizePart, ...]:
    """Return the packages of all layers by kind, and the folders of files in no package."""
    sizes: Counter[OwnerKey] = Counter()
    for layer in layers:
        for owner, size in layer.owners.items():
            sizes[owner] += size
    groups: defaultdict[str, _FolderSum] = defaultdict(_FolderSum)
    for owner, size in sizes.items():
        if size >= smallest:
            groups[owner.kind].add_part(_make_owner(owner, size))
        elif size:
            groups[owner.kind].add_rest(size, 0)
    parts = (_make_kind(kind, group) for kind, group in groups.items())
    return tuple(sorted(parts, key=lambda part: (-part.bytes, part.name)))


def _make_owner(owner: OwnerKey, size: int) -> SizePart:
    if owner.kind == DIRECTORY_KIND:
        return SizePart(PartKind.FOLDER, owner.name.lstrip("/") or "/", size)
    name = f"{owner.name} {owner.version}" if owner.version else owner.name
    return SizePart(PartKind.PACKAGE, name, size)


def _make_kind(kind: str, group: _FolderSum) -> SizePart:
    name = _NO_PACKAGE if kind == DIRECTORY_KIND else kind
    return SizePart(PartKind.PACKAGES, name, group.bytes, 0, _close_parts(group))
