"""Whose bytes came and went: packages with their versions, else the most telling directories."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.compare.directory_rollup import find_representatives
from bot.model.comparison import Owner
from bot.model.image import Layer

OwnerName = tuple[str, str]  # kind and name
PackageVersions = Mapping[OwnerName, str]

_DIRECTORY_KIND = "directory"


def compare_owners(
    old: Sequence[Layer],
    new: Sequence[Layer],
    base_versions: PackageVersions,
    head_versions: PackageVersions,
) -> tuple[Owner, ...]:
    """The difference by owner, the largest first; the parts add up to the whole.

    A package that a row's layers do not have on one side may still be elsewhere in that side's
    image: its version there is in `in_base` and `in_head`.
    """
    before, after = (
        {**base_versions, **collect_versions(old)},
        {**head_versions, **collect_versions(new)},
    )
    found = [
        Owner(*name, size, before.get(name), after.get(name))
        for name, size in _group_directories(_sum_owner_deltas(old, new)).items()
    ]
    told = [owner for owner in found if owner.delta_bytes or _has_version_change(owner)]
    return tuple(sorted(told, key=lambda owner: (-abs(owner.delta_bytes), owner.name, owner.kind)))


def collect_versions(layers: Iterable[Layer]) -> dict[OwnerName, str]:
    """The version of each package as the topmost layer that holds it has it; several are listed."""
    found: dict[OwnerName, str] = {}
    for layer in layers:
        here: dict[OwnerName, list[str]] = {}
        for kind, name, version in layer.owners:
            if version is not None:
                here.setdefault((kind, name), []).append(version)
        found |= {
            name: ", ".join(sorted(held, key=_natural_sort_key)) for name, held in here.items()
        }
    return found


def _sum_owner_deltas(old: Iterable[Layer], new: Iterable[Layer]) -> Counter[OwnerName]:
    delta: Counter[OwnerName] = Counter()
    for sign, layers in ((-1, old), (1, new)):
        for layer in layers:
            for (kind, name, _), size in layer.owners.items():
                delta[kind, name] += sign * size
    return delta


def _group_directories(delta: Mapping[OwnerName, int]) -> Counter[OwnerName]:
    """The same difference with a handful of directories in place of all of them."""
    weights = {name: abs(size) for (kind, name), size in delta.items() if kind == _DIRECTORY_KIND}
    spoken = find_representatives({name: weight for name, weight in weights.items() if weight})
    told: Counter[OwnerName] = Counter()
    for (kind, name), size in delta.items():
        told[kind, spoken.get(name, name) if kind == _DIRECTORY_KIND else name] += size
    return told


def _has_version_change(owner: Owner) -> bool:
    """Whether it has another version, if not another size."""
    old, new = owner.base_version, owner.head_version
    return old is not None and new is not None and old != new


def _natural_sort_key(version: str) -> list[tuple[int, str]]:
    """A key that puts 1.9 before 1.10."""
    return [(int(number or 0), word) for number, word in re.findall(r"(\d+)|(\D+)", version)]
