"""Whose bytes came and went: packages with their versions, else the most telling directories."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.compare.directory_rollup import roll_up
from bot.model.comparison import Owner
from bot.model.image import Layer

Name = tuple[str, str]  # kind and name
Versions = Mapping[Name, str]

_DIRECTORY = "directory"


def owners(
    old: Sequence[Layer], new: Sequence[Layer], in_base: Versions, in_head: Versions
) -> tuple[Owner, ...]:
    """The difference by owner, the largest first; the parts add up to the whole.

    A package that a row's layers do not have on one side may still be elsewhere in that side's
    image: its version there is in `in_base` and `in_head`.
    """
    before, after = {**in_base, **versions(old)}, {**in_head, **versions(new)}
    found = [
        Owner(*name, size, before.get(name), after.get(name))
        for name, size in _rolled_up(_difference(old, new)).items()
    ]
    told = [owner for owner in found if owner.delta_bytes or _bumped(owner)]
    return tuple(sorted(told, key=lambda owner: (-abs(owner.delta_bytes), owner.name, owner.kind)))


def versions(layers: Iterable[Layer]) -> dict[Name, str]:
    """The version of each package as the topmost layer that holds it has it; several are listed."""
    found: dict[Name, str] = {}
    for layer in layers:
        here: dict[Name, list[str]] = {}
        for kind, name, version in layer.owners:
            if version is not None:
                here.setdefault((kind, name), []).append(version)
        found |= {name: ", ".join(sorted(held, key=_natural)) for name, held in here.items()}
    return found


def _difference(old: Iterable[Layer], new: Iterable[Layer]) -> Counter[Name]:
    delta: Counter[Name] = Counter()
    for sign, layers in ((-1, old), (1, new)):
        for layer in layers:
            for (kind, name, _), size in layer.owners.items():
                delta[kind, name] += sign * size
    return delta


def _rolled_up(delta: Mapping[Name, int]) -> Counter[Name]:
    """The same difference with a handful of directories in place of all of them."""
    weights = {name: abs(size) for (kind, name), size in delta.items() if kind == _DIRECTORY}
    spoken = roll_up({name: weight for name, weight in weights.items() if weight})
    told: Counter[Name] = Counter()
    for (kind, name), size in delta.items():
        told[kind, spoken.get(name, name) if kind == _DIRECTORY else name] += size
    return told


def _bumped(owner: Owner) -> bool:
    """Whether it has another version, if not another size."""
    old, new = owner.base_version, owner.head_version
    return old is not None and new is not None and old != new


def _natural(version: str) -> list[tuple[int, str]]:
    """A key that puts 1.9 before 1.10."""
    return [(int(number or 0), word) for number, word in re.findall(r"(\d+)|(\D+)", version)]
