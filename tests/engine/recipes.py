"""The stand-in base images, as their Dockerfiles describe themselves.

Each folder in `stand_ins/` is one image. The Dockerfile's head says which tags it bears and
which parts it needs from `rootfs.py`; its FROM and COPY --from lines say on which other
stand-ins it is built.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.engine import rootfs
from tests.engine.cache import key_of
from tests.engine.errors import EngineUnavailable

FOLDER = Path(__file__).with_name("stand_ins")
LABEL = "image-size-review.stand-in"
NAMED_IMAGE = re.compile(r"^(?:FROM\s+|COPY\s+--from=)(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """One stand-in: every tag it bears, the images it is built from, the parts it needs."""

    name: str
    tags: tuple[str, ...]
    built_from: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return FOLDER / self.name


@cache
def all_recipes() -> tuple[Recipe, ...]:
    """Every stand-in there is, by name."""
    return tuple(_read(file) for file in sorted(FOLDER.glob("*/Dockerfile")))


def _read(dockerfile: Path) -> Recipe:
    text = dockerfile.read_text()
    return Recipe(
        name=dockerfile.parent.name,
        tags=_words_after("# tags:", text),
        built_from=tuple(dict.fromkeys(NAMED_IMAGE.findall(text))),
        parts=_words_after("# parts:", text),
    )


def _words_after(mark: str, text: str) -> tuple[str, ...]:
    found = [line.removeprefix(mark).split() for line in text.splitlines() if line.startswith(mark)]
    return tuple(word for words in found for word in words)


def full_name(image: str) -> str:
    """Docker's own rule: no tag means `latest`."""
    return image if ":" in image else f"{image}:latest"


def recipe_for(image: str) -> Recipe:
    """The stand-in that bears a tag."""
    for recipe in all_recipes():
        if full_name(image) in recipe.tags:
            return recipe
    raise EngineUnavailable(
        f"There is no stand-in for {image}.",
        "no registry is used here; base images are made from the recipes in tests/engine/stand_ins.",
        "use one that `python -m tests.engine images` lists, or add a recipe for it.",
    )


def recipes_for(images: Iterable[str]) -> list[Recipe]:
    """The stand-ins that bear the tags, each once; `all` is every one of them."""
    wanted = list(images)
    if "all" in wanted:
        return list(all_recipes())
    return list(dict.fromkeys(recipe_for(image) for image in wanted))


def bases_of(recipe: Recipe) -> list[Recipe]:
    """The stand-ins that a stand-in is directly built on."""
    known = {tag: other for other in all_recipes() for tag in other.tags}
    named = (known.get(full_name(image)) for image in recipe.built_from)
    return [base for base in named if base]


def in_order(wanted: Iterable[Recipe]) -> list[Recipe]:
    """The wanted and all they are built on, each after its bases."""
    ordered: dict[Recipe, None] = {}
    for recipe in wanted:
        for earlier in (*in_order(bases_of(recipe)), recipe):
            ordered.setdefault(earlier)
    return list(ordered)


def key_for(recipe: Recipe) -> str:
    """Changes with the recipe's files, its parts and whatever it is built on."""
    own = (part for file in _files(recipe) for part in (file.name, file.read_bytes()))
    parts = (rootfs.recipe_key(name) for name in recipe.parts)
    return key_of(recipe.name, *own, *parts, *(key_for(base) for base in bases_of(recipe)))


def _files(recipe: Recipe) -> Iterator[Path]:
    yield from sorted(path for path in recipe.folder.rglob("*") if path.is_file())
