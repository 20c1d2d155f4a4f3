"""File contents that several images store apart, where a common layer would store them once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from bot.model.audit import RepeatedFiles, RepeatedGroup
from bot.model.files import EntryKind, HashAlgorithm
from bot.model.image import Image
from bot.model.image_identity import ImageIdentity

# As for the duplicates of one image: smaller files are many, and weigh little.
_MIN_FILE_BYTES = 4_000
_MAX_GROUPS = 20
_Content = tuple[int, HashAlgorithm, str]
_Copies = dict[int, str]  # a path by the number of its layer


class RepeatedFileFinder:
    """A collector of the files of images, one image after another.

    It keeps no file trees: those of two hundred images do not fit into memory.
    """

    def __init__(self) -> None:
        """Create a finder without images."""
        self._numbers: dict[str, int] = {}
        self._users: defaultdict[int, dict[ImageIdentity, None]] = defaultdict(dict)
        self._copies: defaultdict[_Content, _Copies] = defaultdict(dict)

    def add(self, identity: ImageIdentity, image: Image) -> None:
        """Add the files that a container of an image sees."""
        numbers = [
            self._numbers.setdefault(layer.diff_id, len(self._numbers)) for layer in image.layers
        ]
        for number in numbers:
            self._users[number][identity] = None
        for path, entry in image.tree.items():
            index = image.layer_by_path.get(path)
            is_large = entry.kind is EntryKind.FILE and entry.size >= _MIN_FILE_BYTES
            if is_large and entry.content_hash and index is not None and index < len(numbers):
                content = (entry.size, image.hash_algorithm, entry.content_hash)
                # Copies within one layer are duplicates of its image, and count once here.
                self._copies[content].setdefault(numbers[index], path)

    def find(self) -> RepeatedFiles:
        """Return the contents that are in several layers, and in no image so often."""
        by_layers: defaultdict[tuple[int, ...], dict[_Content, _Copies]] = defaultdict(dict)
        for content, copies in self._copies.items():
            if len(copies) > 1:
                by_layers[tuple(sorted(copies))][content] = copies
        groups = [
            self._make_group(layers, contents)
            for layers, contents in by_layers.items()
            if not self._is_within_one_image(layers)
        ]
        groups.sort(key=lambda group: (-group.bytes, group.path))
        contents = sum(group.files for group in groups)
        total = sum(group.bytes for group in groups)
        return RepeatedFiles(contents, total, tuple(groups[:_MAX_GROUPS]))

    def _is_within_one_image(self, layers: Sequence[int]) -> bool:
        """Return True if one image has all the copies: they are its own duplicates."""
        first, *others = (self._users[number].keys() for number in layers)
        return any(all(identity in users for users in others) for identity in first)

    def _make_group(
        self, layers: Sequence[int], contents: Mapping[_Content, _Copies]
    ) -> RepeatedGroup:
        users = dict.fromkeys(chain.from_iterable(self._users[number] for number in layers))
        return RepeatedGroup(
            path=_find_common_path([copies[layers[0]] for copies in contents.values()]),
            files=len(contents),
            size=sum(content[0] for content in contents),
            copies=len(layers),
            images=tuple(users),
        )


def _find_common_path(paths: Sequence[str]) -> str:
    """Return the one path, or the deepest folder of all of them, with a leading slash."""
    if len(paths) == 1:
        return f"/{paths[0]}"
    folders = [path.split("/")[:-1] for path in paths]
    # What the first and the last in order have in common, all of them have.
    shortest, longest = min(folders), max(folders)
    common = 0
    while common < len(shortest) and shortest[common] == longest[common]:
        common += 1
    return "/" + "/".join(shortest[:common])
