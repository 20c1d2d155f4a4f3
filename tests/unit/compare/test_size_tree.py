"""The tree of an image's bytes: no byte is lost, and what is small is counted, not named."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.size_tree import make_size_tree
from bot.model.files import Entry, EntryKind, OwnerKey, WasteCause, WastedFile
from bot.model.image import Image, Layer
from bot.model.size_parts import PartKind, SizePart
from tests.support.image_world import image

_WORLD = "FROM a 100MB (deb gcc 12 80MB, /etc 20MB) / RUN x 40MB (/opt 40MB) / RUN rm 0B removes 10MB of 2 in /opt/old"
_TREE = "usr/lib/gcc/cc1 60MB @1, usr/lib/gcc/as 20MB @1, etc/small 1kB @1, opt/data 30MB @2"


def _names(parts: Iterable[SizePart]) -> dict[str, object]:
    return {part.name: _names(part.parts) or part.bytes for part in parts}


def test_layers_have_their_folders_and_files() -> None:
    first, second, _ = make_size_tree(image(_WORLD, tree=_TREE), max_parts=20).layers
    assert (first.kind, first.index, first.bytes) == (PartKind.LAYER, 0, 100_000_000)
    assert _names(first.parts) == {
        "usr/lib/gcc": {"cc1": 60_000_000, "as": 20_000_000},
        "smaller": 20_000_000,
    }
    assert _names([second])["RUN x"] == {
        "opt": {"data": 30_000_000},
        "hidden by later layers": {"opt/old": {"file": 10_000_000}},
    }


def test_packages_are_added_up_by_kind() -> None:
    tree = make_size_tree(image(_WORLD, tree=_TREE), max_parts=20)
    assert _names(tree.packages) == {
        "deb": {"gcc 12": 80_000_000},
        "in no package": {"opt": 40_000_000, "etc": 20_000_000},
    }


def test_a_layer_of_unknown_files_has_no_parts() -> None:
    assert [layer.parts for layer in make_size_tree(image("FROM a 9MB")).layers] == [()]


def test_folders_that_are_too_deep_are_counted_in_the_one_above() -> None:
    path = "/".join(["a"] * 5000)
    tree = make_size_tree(_build({path: 7, "b": 3}, (), {}))
    assert max(_depth(layer) for layer in tree.layers) < 100
    assert all(_is_sum(part) for layer in tree.layers for part in layer.walk())


_PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map("/".join)
_SIZES = st.integers(min_value=0, max_value=10_000)


@given(
    st.dictionaries(_PATHS, _SIZES, max_size=40),
    st.lists(st.tuples(_PATHS, _SIZES), max_size=10),
    st.dictionaries(st.sampled_from("vwxyz"), _SIZES, max_size=5),
    st.integers(min_value=1, max_value=500),
)
def test_every_part_is_the_sum_of_its_parts(
    files: dict[str, int], hidden: list[tuple[str, int]], owners: dict[str, int], parts: int
) -> None:
    measured = _build(files, hidden, owners)
    tree = make_size_tree(measured, parts)
    assert [layer.bytes for layer in tree.layers] == [
        layer.unpacked_bytes for layer in measured.layers
    ]
    assert sum(part.bytes for part in tree.packages) == sum(owners.values())
    assert all(_is_sum(part) for top in (*tree.layers, *tree.packages) for part in top.walk())
    smallest = max(1, measured.unpacked_bytes // parts)
    named = [part for top in tree.layers for below in top.parts for part in below.walk()]
    assert all(part.bytes >= smallest for part in named if part.kind is not PartKind.REST)


def _build(
    files: dict[str, int], hidden: Iterable[tuple[str, int]], owners: dict[str, int]
) -> Image:
    """Build an image of two layers: what a container sees, and what the second one hides."""
    waste = tuple(WastedFile(path, size, 0, 1, WasteCause.REMOVED) for path, size in hidden)
    visible, wasted = sum(files.values()), sum(item.size for item in waste)
    layers = (
        Layer(0, "a", wasted, wasted, len(waste), "RUN a", wasted_bytes=wasted),
        Layer(
            1,
            "b",
            visible,
            visible,
            len(files),
            "RUN b",
            owners={OwnerKey("deb", x): y for x, y in owners.items()},
        ),
    )
    tree = {path: Entry(path, EntryKind.FILE, size) for path, size in files.items()}
    return Image(
        *("x", "x", "linux/amd64", layers, True, visible, len(files)),
        tree=tree,
        layer_by_path=dict.fromkeys(tree, 1),
        wasted_files=waste,
    )


def _is_sum(part: SizePart) -> bool:
    return not part.parts or sum(child.bytes for child in part.parts) == part.bytes


def _depth(part: SizePart) -> int:
    return 1 + max(map(_depth, part.parts), default=0)


def test_layers_of_a_base_image_are_told_apart_by_their_own_commands() -> None:
    layers = tuple(
        replace(layer, created_by=command, from_base_image=True)
        for layer, command in zip(
            image("FROM debian 5MB / FROM debian 3MB").layers,
            ("ADD rootfs.tar /", "RUN apt-get install git"),
            strict=True,
        )
    )
    tree = make_size_tree(replace(image("FROM debian 8MB"), layers=layers))
    assert [part.name for part in tree.layers] == ["ADD rootfs.tar /", "RUN apt-get install git"]
