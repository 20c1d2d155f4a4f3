"""Changes by owner: packages with their versions, or else directories.

A row of the attribution says which line grew; its owners say what grew in it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.compare.directory_rollup import find_representatives
from bot.model.comparison import Owner
from bot.model.files import DIRECTORY_KIND
from bot.model.image import Layer

OwnerName = tuple[str, str]  # kind and name
PackageVersions = Mapping[OwnerName, str]


def compare_owners(
    old: Sequence[Layer],
    new: Sequence[Layer],
    base_versions: PackageVersions,
    head_versions: PackageVersions,
) -> tuple[Owner, ...]:
    """Return the difference by owner, the largest first; the parts add up to the whole.

    A package that a row's layers lack on one side may still be elsewhere in that side's image:
    `base_versions` and `head_versions` hold its version there.
    """
    # A row's own layers win over the rest of the image, where another layer may have another
    # version.
    before = {**base_versions, **collect_versions(old)}
    after = {**head_versions, **collect_versions(new)}
    owners = [
        Owner(*name, size, before.get(name), after.get(name))
        for name, size in _group_directories(_sum_owner_deltas(old, new)).items()
    ]
    changed = [owner for owner in owners if owner.delta_bytes or _has_version_change(owner)]
    return tuple(sorted(changed, key=_sort_key))


def _sort_key(owner: Owner) -> tuple[int, str, str]:
    return -abs(owner.delta_bytes), owner.name, owner.kind


def collect_versions(layers: Iterable[Layer]) -> dict[OwnerName, str]:
    """Return the version of each package, as the topmost layer that holds it has it.

    Several versions in one layer are listed together, as npm installs them.
    """
    versions: dict[OwnerName, str] = {}
    for layer in layers:
        layer_versions: dict[OwnerName, list[str]] = {}
        for kind, name, version in layer.owners:
            if version is not None:
                layer_versions.setdefault((kind, name), []).append(version)
        versions |= {
            name: ", ".join(sorted(package_versions, key=_natural_sort_key))
            for name, package_versions in layer_versions.items()
        }
    return versions


def _sum_owner_deltas(old: Iterable[Layer], new: Iterable[Layer]) -> Counter[OwnerName]:
    delta: Counter[OwnerName] = Counter()
    for sign, layers in ((-1, old), (1, new)):
        for layer in layers:
            for (kind, name, _), size in layer.owners.items():
                delta[kind, name] += sign * size
    return delta


def _group_directories(delta: Mapping[OwnerName, int]) -> Counter[OwnerName]:
    """Replace the directories by the few that represent them."""
    # Growth and loss in one folder are both worth its name, so they do not cancel out here.
    weights = {name: abs(size) for (kind, name), size in delta.items() if kind == DIRECTORY_KIND}
    representatives = find_representatives(
        {name: weight for name, weight in weights.items() if weight}
    )
    grouped: Counter[OwnerName] = Counter()
    for (kind, name), size in delta.items():
        grouped[kind, representatives.get(name, name) if kind == DIRECTORY_KIND else name] += size
    return grouped


def _has_version_change(owner: Owner) -> bool:
    """Return True if the owner has another version, whatever its size."""
    old, new = owner.base_version, owner.head_version
    return old is not None and new is not None and old != new


def _natural_sort_key(version: str) -> list[tuple[int, str]]:
    """Return a key that sorts 1.9 before 1.10."""
    # Numbers by their lengths, then their digits: int() refuses those of a hostile version.
    return [
        (len(number.lstrip("0")), number.lstrip("0") or word)
        for number, word in re.findall(r"(\d+)|(\D+)", version)
    ]
