"""The stand-in base images, as their Dockerfiles describe themselves.

Each folder in `stand_ins/` is one image. The Dockerfile's head lists its tags and the parts that
it needs from `rootfs.py`; its FROM and COPY --from lines name the stand-ins that it is built on.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.engine import rootfs
from tests.support.engine.cache import hash_parts
from tests.support.engine.closest_stand_in import find_closest
from tests.support.engine.errors import EngineUnavailable

FOLDER = Path(__file__).with_name("stand_ins")
LABEL = "image-size-review.stand-in"
LAYERS_BELOW = re.compile(r"^FROM\s+(\S+)", re.MULTILINE)
NAMED_IMAGE = re.compile(r"^(?:FROM\s+|COPY\s+--from=)(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """One stand-in: its tags, the image it lies on, all it is built from, the parts it needs."""

    name: str
    tags: tuple[str, ...]
    base: str
    built_from: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return FOLDER / self.name


@cache
def read_recipes() -> tuple[Recipe, ...]:
    """Return every stand-in, by name."""
    return tuple(_read(file) for file in sorted(FOLDER.glob("*/Dockerfile")))


def _read(dockerfile: Path) -> Recipe:
    text = dockerfile.read_text()
    return Recipe(
        name=dockerfile.parent.name,
        tags=_read_marked_words("# tags:", text),
        base=LAYERS_BELOW.findall(text)[-1],
        built_from=tuple(dict.fromkeys(NAMED_IMAGE.findall(text))),
        parts=_read_marked_words("# parts:", text),
    )


def _read_marked_words(mark: str, text: str) -> tuple[str, ...]:
    matches = [
        line.removeprefix(mark).split() for line in text.splitlines() if line.startswith(mark)
    ]
    return tuple(word for words in matches for word in words)


def add_default_tag(image: str) -> str:
    """Return the name with its tag by Docker's rules: no tag means `latest`."""
    image = image.removeprefix("docker.io/").removeprefix("library/")
    return image if ":" in image else f"{image}:latest"


def find_recipe(image: str) -> Recipe:
    """Return the stand-in with a tag, or the closest one of the same repository."""
    image_name = add_default_tag(image)
    for recipe in read_recipes():
        if image_name in recipe.tags:
            return recipe
    if near := find_closest(image_name, read_recipes()):
        return near
    raise EngineUnavailable(
        f"There is no stand-in for {image}.",
        "no registry is used here; base images are made from the recipes in tests/support/engine/stand_ins.",
        "use one that `python -m tests.support.engine images` lists, or add a recipe for it.",
    )


def find_recipes(images: Iterable[str]) -> list[Recipe]:
    """Return the stand-ins with the tags, each once; `all` is every one of them."""
    names = list(images)
    if "all" in names:
        return list(read_recipes())
    return list(dict.fromkeys(find_recipe(image) for image in names))


def list_bases(recipe: Recipe) -> list[Recipe]:
    """Return the stand-ins that a stand-in is directly built on."""
    named = (_find_by_tag(image) for image in recipe.built_from)
    return [base for base in named if base]


def find_base(recipe: Recipe) -> Recipe | None:
    """Return the stand-in below a stand-in's own layers; None for one built from scratch."""
    return _find_by_tag(recipe.base)


def add_bases(recipes: Iterable[Recipe]) -> list[Recipe]:
    """Return the recipes and their base images, each after its base."""
    ordered: dict[Recipe, None] = {}
    for recipe in recipes:
        base = find_base(recipe)
        for earlier in (*(add_bases([base]) if base else ()), recipe):
            ordered.setdefault(earlier)
    return list(ordered)


def _find_by_tag(image: str) -> Recipe | None:
    return next((each for each in read_recipes() if add_default_tag(image) in each.tags), None)


def sort_by_dependency(recipes: Iterable[Recipe]) -> list[Recipe]:
    """Return the recipes and all that they are built on, each after its bases."""
    ordered: dict[Recipe, None] = {}
    for recipe in recipes:
        for earlier in (*sort_by_dependency(list_bases(recipe)), recipe):
            ordered.setdefault(earlier)
    return list(ordered)


def hash_recipe(recipe: Recipe) -> str:
    """Return a hash of the recipe's files, its parts and the recipes it is built on."""
    own = (part for file in _files(recipe) for part in (file.name, file.read_bytes()))
    parts = (rootfs.hash_part(name) for name in recipe.parts)
    return hash_parts(
        recipe.name, *own, *parts, *(hash_recipe(base) for base in list_bases(recipe))
    )


def _files(recipe: Recipe) -> Iterator[Path]:
    yield from sorted(path for path in recipe.folder.rglob("*") if path.is_file())
