"""The choice of the closest stand-in for a tag that no recipe has.

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


TaggedType = TypeVar("TaggedType", bound=Tagged)


def find_closest(image: str, recipes: Sequence[TaggedType]) -> TaggedType | None:
    """Return the recipe of the image's repository with the most similar tag, or None."""
    repository = image.partition(":")[0]
    candidates = [
        (rank_similarity(image, tag), recipe)
        for recipe in recipes
        for tag in recipe.tags
        if tag.partition(":")[0] == repository
    ]
    return max(candidates, key=lambda pair: pair[0])[1] if candidates else None


def rank_similarity(first: str, second: str) -> tuple[int, int]:
    """Return a sort key, higher if more similar: shared flavours, then version words."""
    flavours, other_flavours = select_flavours(first), select_flavours(second)
    same_words = split_tag(first) & split_tag(second)
    shared, different = flavours & other_flavours, flavours ^ other_flavours
    return len(shared) * 2 - len(different), len(same_words)


def split_tag(image: str) -> set[str]:
    return set(image.partition(":")[2].split("-"))


def select_flavours(image: str) -> set[str]:
    """Return the words that describe an image's contents; Alpine's images are slim ones."""
    non_distributions = {word for word in split_tag(image) if not DISTRIBUTION.fullmatch(word)}
    alpine = any(word.startswith("alpine") for word in split_tag(image))
    named_flavours = {
        word for word in non_distributions if not VERSION.fullmatch(word) and word != "alpine"
    }
    return named_flavours | ({"slim"} if alpine else set())
