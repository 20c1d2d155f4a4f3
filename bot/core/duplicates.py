"""Contents that a container sees more than once."""

from collections import defaultdict

from bot.core.entries import Kind
from bot.core.findings import DuplicateGroup, Duplicates
from bot.core.model import Image

_WORTH_IT = 4_000
_LARGEST = 20
_PATHS = 5


def find_duplicates(image: Image) -> Duplicates:
    """Files of the same content, hard links not counted, and what their copies weigh."""
    paths: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for path, entry in image.tree.items():
        if entry.size >= _WORTH_IT and entry.content and entry.kind is Kind.FILE:
            paths[entry.size, entry.content].append(path)
    groups = [_group(image, size, held) for (size, _), held in paths.items() if len(held) > 1]
    groups.sort(key=lambda group: (-group.bytes, group.paths))
    total = sum(group.bytes for group in groups)
    return Duplicates(len(groups), total, tuple(groups[:_LARGEST]))


def _group(image: Image, size: int, paths: list[str]) -> DuplicateGroup:
    layers = {image.origins[path] for path in paths if path in image.origins}
    shown = tuple(f"/{path}" for path in sorted(paths)[:_PATHS])
    return DuplicateGroup(size, len(paths), shown, tuple(sorted(layers)))
