"""Stacks of layers by name, valid and hostile: every source has to give the same sizes for them."""

import random
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.support.tar_world import Item, file, folder, hardlink, layer_tar, symlink

FORMATS = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
RANDOM = 45

Layer = Sequence[Item]


@dataclass(frozen=True)
class Stack:
    """Layers, the lowest first, as the tars that hold them."""

    name: str
    layers: tuple[bytes, ...]


def device(name: str) -> Item:
    return Item(name, type=tarfile.CHRTYPE)


NAMED: Mapping[str, Sequence[Layer]] = {
    "one-file": [[file("a", 5)]],
    "two-layers": [[file("a", 5)], [file("b", 7)]],
    "overwritten": [[file("a", 5)], [file("a", 7)]],
    "the-same-again": [[file("a", 5)], [file("a", 5, mode=0o600)]],
    "removed": [[file("a", 5), file("b", 1)], [file(".wh.a")]],
    "removed-and-back": [[file("a", 5)], [file(".wh.a")], [file("a", 3)]],
    "directory-removed": [[folder("d"), file("d/a", 5), file("b", 1)], [file(".wh.d")]],
    "opaque-first": [[folder("d"), file("d/a", 5)], [folder("d"), file("d/.wh..wh..opq"), file("d/b", 2)]],
    "opaque-last": [[folder("d"), file("d/a", 5)], [folder("d"), file("d/b", 2), file("d/.wh..wh..opq")]],
    "opaque-anew": [[folder("d"), file("d/a", 5)], [folder("d"), file("d/.wh..wh..opq"), file("d/a", 9)]],
    "hard-link": [[file("a", 5), hardlink("b", "a"), hardlink("c", "a")]],
    "hard-link-outlives": [[file("a", 5), hardlink("b", "a")], [file(".wh.a")]],
    "hard-link-broken": [[file("a", 5), hardlink("b", "a")], [file("a", 3)]],
    "own-link-followed": [[folder("usr"), folder("usr/lib"), symlink("lib", "usr/lib"), file("lib/a", 7)]],
    "lower-link-gives-way": [[folder("usr"), folder("usr/lib"), symlink("lib", "usr/lib"), file("usr/lib/a", 5)], [folder("lib"), file("lib/b", 7)]],
    "file-becomes-directory": [[file("d", 2)], [folder("d"), file("d/a", 5)]],
    "directory-becomes-file": [[folder("d"), file("d/a", 5)], [file("d", 2)]],
    "and-back": [[folder("d"), file("d/a", 5)], [file("d", 2)], [folder("d"), file("d/a", 6)]],
    "directory-becomes-link": [[folder("d"), file("d/a", 5), file("e", 1)], [symlink("d", "e")]],
    "long-names": [[file("n" * 200, 5), folder("d" * 120), file("d" * 120 + "/" + "x" * 130, 6)]],
    "strange-names": [[file("caf\udce9", 5), file("ü", 6), file("spa ce", 7), file("new\nline", 8)]],
    "dots": [[folder("./x"), file("./x/a", 5), file("./b", 6)]],
    "modes": [[file("s", 5, mode=0o4755), file("t", 6, mode=0o1777), file("z", 7, mode=0)]],
    "devices": [[device("null"), Item("pipe", type=tarfile.FIFOTYPE), file("a", 5)]],
    "empty-layer": [[file("a", 5)], [], [file("b", 5)]],
    "only-links": [[file("a", 0), hardlink("b", "a"), symlink("c", "nowhere")]],
    "same-layer-twice": [[file("a", 5)], [file("b", 6)], [file("a", 5)]],
    "whiteout-of-nothing": [[file("a", 5)], [file(".wh.b")]],
    "whiteout-through-own-link": [[folder("r"), file("r/a", 5), file("r/b", 7)], [folder("r"), symlink("via", "r"), file("via/.wh.a")]],
    "whiteout-through-lower-link": [[folder("r"), file("r/a", 5), symlink("via", "r")], [file("via/.wh.a")]],
    "whiteout-through-lower-link-replaced": [[folder("r"), file("r/a", 5), symlink("via", "r")], [folder("via"), file("via/.wh.a")]],
    "whiteout-before-the-link": [[folder("via"), file("via/a", 5)], [file("via/.wh.a"), symlink("w", "r"), file("b", 2)]],
    "whiteout-through-own-link-and-back": [[folder("r"), file("r/a", 5), file("r/b", 6)], [folder("r"), symlink("via", "r"), file("via/.wh.a"), file("r/a", 4)]],
    "opaque-through-own-link": [[folder("r"), file("r/a", 5)], [folder("r"), symlink("via", "r"), file("via/.wh..wh..opq"), file("r/n", 2)]],
    "whiteout-then-directory": [[folder("d"), file("d/a", 5)], [file(".wh.d"), folder("d"), file("d/b", 7)]],
    "whiteout-then-directory-below": [[folder("p"), folder("p/d"), file("p/d/a", 5)], [folder("p"), file("p/.wh.d"), folder("p/d"), file("p/d/b", 7)]],
    "whiteout-of-a-file-then-directory": [[file("d", 5)], [file(".wh.d"), folder("d"), file("d/b", 7)]],
    "whiteout-then-file": [[file("d", 5)], [file(".wh.d"), file("d", 7)]],
    "whiteout-then-link": [[symlink("l", "r"), folder("r"), file("r/a", 5)], [file(".wh.l"), symlink("l", "x"), file("k", 1)]],
    "a-hundred-layers": [[file(f"f{number}", number)] for number in range(100)],
}  # fmt: skip

# What engines refuse to unpack, and archives may hold all the same.
REFUSED: Mapping[str, Sequence[Layer]] = {
    "directory-then-whiteout": [
        [folder("d"), file("d/a", 5)],
        [folder("d"), file("d/b", 7), file(".wh.d")],
    ],
    "whiteout-where-a-link-leads-nowhere": [
        [folder("r"), file("r/a", 5)],
        [symlink("via", "/r"), file("via/.wh.a")],
    ],
    "twice-in-one-tar": [[file("a", 5), file("a", 6)]],
    "link-across-layers": [[file("a", 5)], [hardlink("b", "a")]],
    "outside": [[file("../../a", 5), file("/b", 6)]],
    "links-in-a-circle": [[symlink("a", "b"), symlink("b", "a"), file("a/x", 5)]],
}


def stacks() -> list[Stack]:
    """Return all stacks that an engine can store."""
    named = [_stack(name, layers) for name, layers in NAMED.items()]
    return [*named, *(_stack(f"random-{seed}", _random(seed)) for seed in range(RANDOM))]


def refused() -> list[Stack]:
    return [_stack(name, layers) for name, layers in REFUSED.items()]


def _stack(name: str, layers: Sequence[Layer]) -> Stack:
    form = FORMATS[len(name) % len(FORMATS)]
    return Stack(name, tuple(layer_tar(*layer, form=form) for layer in layers))


def _random(seed: int) -> list[Layer]:
    """Return random layers over a few paths, so that they overlap.

    Within one layer every path has one kind of entry.
    """
    chance = random.Random(seed)
    return [list(_random_layer(chance)) for _ in range(chance.randint(2, 6))]


def _random_layer(chance: random.Random) -> Iterator[Item]:
    files: list[str] = []
    for top in chance.sample("abcd", chance.randint(1, 4)):
        kind = chance.choice(("file", "folder", "folder", "folder", "whiteout", "link"))
        if kind == "file":
            yield _file(chance, top)
            files.append(top)
        elif kind == "whiteout":
            yield file(f".wh.{top}")
        elif kind == "link":
            yield symlink(top, chance.choice("abcd"))
        else:
            yield from _random_folder(chance, top, files)
    if files and chance.random() < 0.5:
        yield hardlink("z", chance.choice(files))


def _random_folder(chance: random.Random, top: str, files: list[str]) -> Iterator[Item]:
    yield folder(top)
    if chance.random() < 0.3:
        yield file(f"{top}/.wh..wh..opq")
    for name in chance.sample("pqrs", chance.randint(0, 4)):
        path = f"{top}/{name}"
        if chance.random() < 0.25:
            yield file(f"{top}/.wh.{name}")
        else:
            yield _file(chance, path)
            files.append(path)


def _file(chance: random.Random, path: str) -> Item:
    content = bytes([chance.randrange(4)]) * chance.choice((0, 1, 511, 512, 513, 4000))
    return Item(path, content, mode=chance.choice((0o644, 0o755)))
