"""Which stand-in takes the place of a tag that none bears.

Real Dockerfiles name more tags than there are recipes. A tag's words are versions (`3.12`, `lts`),
distributions (`bookworm`) and flavours (`slim`, `jre`); two tags that share flavours and version
hold nearly the same things, whatever the distribution.
"""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

VERSION = re.compile(r"v?(?:openjdk|jdk)?-?[\d.]+\w*|lts|latest|current|stable|mainline|edge")
DISTRIBUTION = re.compile(
    r"bookworm|bullseye|buster|trixie|stretch|jammy|noble|focal|ubi\d|alpine[\d.]+"
)


class Tagged(Protocol):
    @property
    def tags(self) -> tuple[str, ...]: ...


Stand = TypeVar("Stand", bound=Tagged)


def nearest_of(image: str, recipes: Sequence[Stand]) -> Stand | None:
    """The recipe of the image's repository with the most alike tag; none where no recipe has it."""
    repository = image.partition(":")[0]
    known = [
        (likeness(image, tag), recipe)
        for recipe in recipes
        for tag in recipe.tags
        if tag.partition(":")[0] == repository
    ]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def likeness(one: str, other: str) -> tuple[int, int]:
    """More is more alike: flavours in common less those that differ, then words of the version."""
    ours, theirs = flavours(one), flavours(other)
    same_words = words(one) & words(other)
    return len(ours & theirs) * 2 - len(ours ^ theirs), len(same_words)


def words(image: str) -> set[str]:
    return set(image.partition(":")[2].split("-"))


def flavours(image: str) -> set[str]:
    """The words that say what an image holds; Alpine's images are slim ones."""
    found = {word for word in words(image) if not DISTRIBUTION.fullmatch(word)}
    alpine = any(word.startswith("alpine") for word in words(image))
    kept = {word for word in found if not VERSION.fullmatch(word) and word != "alpine"}
    return kept | ({"slim"} if alpine else set())
