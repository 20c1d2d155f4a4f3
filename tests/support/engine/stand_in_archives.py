"""Stand-in images: built once, kept as archives, loaded into any engine.

They are built in a separate engine, and every other engine loads the same archive: so both image
stores hold the very same layers, and a base image never carries a build cache.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from tests.support.engine import rootfs
from tests.support.engine.archives import copy_without_layers, read_layers
from tests.support.engine.builds import build_image
from tests.support.engine.cache import create_once, remove
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.progress import print_progress
from tests.support.engine.recipes import (
    LABEL,
    Recipe,
    add_bases,
    find_base,
    hash_recipe,
    list_bases,
    sort_by_dependency,
)

WORKERS = 4


class Engine(Protocol):
    """The engine operations that stand-ins need."""

    build_network: str

    def docker(self, *arguments: str, folder: Path | None = None) -> str: ...


def archive_path(recipe: Recipe, cache: Path) -> Path:
    """Return a stand-in's archive; a changed recipe has another file."""
    return cache / "stand-ins" / f"{recipe.name}-{hash_recipe(recipe)}.tar"


def is_current(recipe: Recipe, cache: Path) -> bool:
    """Return True if a stand-in's archive is there, and its base image is the one in the cache.

    A base that was built anew has other layers: times and packages differ.
    """
    archive = archive_path(recipe, cache)
    if not archive.exists():
        return False
    base = find_base(recipe)
    if base is None:
        return True
    below = read_layers(archive_path(base, cache)) if is_current(base, cache) else None
    return below is not None and read_layers(archive)[: len(below)] == below


def is_loaded(engine: Engine, recipe: Recipe, cache: Path) -> bool:
    """Return True if every tag of the engine is the image of the archive.

    A test may have given a tag to another image, and an archive may be newer than the engine's image.
    """
    form = f'{{{{index .Config.Labels "{LABEL}"}}}} {{{{json .RootFS.Layers}}}}'
    try:
        lines = engine.docker("image", "inspect", "--format", form, *recipe.tags).splitlines()
    except EngineUnavailable:
        return False
    layers = json.dumps(read_layers(archive_path(recipe, cache)), separators=(",", ":"))
    return lines == [f"{hash_recipe(recipe)} {layers}"] * len(recipe.tags)


def load_missing(engine: Engine, recipes: Iterable[Recipe], cache: Path) -> None:
    """Load the missing stand-ins from the cache into an engine, each after its base."""
    for recipe in add_bases(recipes):
        if not is_loaded(engine, recipe, cache):
            print_progress(f"loading {recipe.tags[0]}")
            engine.docker("load", "--quiet", "--input", str(archive_path(recipe, cache)))


def save_archive(engine: Engine, recipe: Recipe, target: Path) -> None:
    """Save a stand-in's own layers and all its tags as an archive."""
    whole = target.with_name(f"{target.name}.whole")
    engine.docker("save", "--output", str(whole), *recipe.tags)
    base = find_base(recipe)
    copy_without_layers(whole, list_layers(engine, base.tags[0]) if base else (), target)
    remove(whole)


def list_layers(engine: Engine, image: str) -> list[str]:
    """Return the diff IDs of an image's layers."""
    output = engine.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", image)
    layers: list[str] = json.loads(output)
    return layers


def list_missing(recipes: Iterable[Recipe], cache: Path) -> list[Recipe]:
    """Return the recipes without a current archive, with their base images."""
    return [recipe for recipe in add_bases(recipes) if not is_current(recipe, cache)]


def build_missing(workshop: Engine, recipes: Iterable[Recipe], cache: Path, programs: Path) -> None:
    """Build missing stand-ins in parallel, each as soon as its bases are ready.

    A waiting one cannot starve its base: bases come first in order, and the pool is first come,
    first served.
    """
    (cache / "stand-ins").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        running: dict[Recipe, Future[None]] = {}
        for recipe in sort_by_dependency(recipes):
            bases = [running[base] for base in list_bases(recipe)]
            running[recipe] = pool.submit(_build_one, workshop, recipe, bases, cache, programs)
        for making in running.values():
            making.result()


def _build_one(
    workshop: Engine, recipe: Recipe, bases: list[Future[None]], cache: Path, programs: Path
) -> None:
    for base in bases:
        base.result()
    archive = archive_path(recipe, cache)
    if is_current(recipe, cache):
        load_missing(workshop, [recipe], cache)
        return

    def build_and_save(target: Path) -> None:
        build(workshop, recipe, cache, programs)
        save_archive(workshop, recipe, target)

    create_once(
        archive,
        f"the stand-in for {recipe.tags[0]}",
        build_and_save,
        lambda _: is_current(recipe, cache),
    )


def build(workshop: Engine, recipe: Recipe, cache: Path, programs: Path) -> None:
    """Build in a copy of the recipe's folder, with the required parts beside it."""
    with tempfile.TemporaryDirectory(prefix=".context-", dir=cache) as name:
        context = Path(name)
        shutil.copytree(recipe.folder, context, dirs_exist_ok=True)
        for part in recipe.parts:
            rootfs.add_part(part, context, cache, programs)
        label = f"{LABEL}={hash_recipe(recipe)}"
        build_image(workshop, recipe.tags, context, "--quiet", "--label", label)
