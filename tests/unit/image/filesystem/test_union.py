"""The union of layers: whiteouts, opaque directories, links, and wasted files."""

import io
import tracemalloc

import pytest

from bot.image.filesystem.union import FileSystem, LayerUnion
from bot.image.layer_analysis import LayerAnalysis
from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_scanner import scan_layer
from bot.model.files import Entry, EntryKind
from tests.support.tar_world import Item, file, folder, hardlink, layer_tar, symlink


def stack(*layers: tuple[Item, ...]) -> FileSystem:
    indexes = [scan_layer(io.BytesIO(layer_tar(*layer))) for layer in layers]
    return LayerAnalysis().complete(indexes).filesystem


@pytest.mark.parametrize(
    ("layers", "visible_bytes", "wasted_bytes"),
    [
        pytest.param([(file("a", 5), file("b", 7))], 12, (0,), id="two files"),
        pytest.param([(file("a", 5),), (file("a", 7),)], 7, (5, 0), id="overwritten"),
        pytest.param([(file("a", 5),), (file(".wh.a"),)], 0, (5, 0), id="removed"),
        pytest.param([(file("d/a", 5),), (file(".wh.d"),)], 0, (5, 0), id="a removed directory"),
        pytest.param([(file("d/a", 5),), (file("d/.wh..wh..opq"), file("d/b", 2))], 2, (5, 0), id="opaque"),
        pytest.param([(file("d/a", 5),), (file("d/b", 2), file("d/.wh..wh..opq"))], 2, (5, 0), id="opaque, late"),
        pytest.param([(file("a", 5),), (file("a", 6), file(".wh.a"))], 6, (5, 0), id="a whiteout of what is below only"),
        pytest.param([(file("a", 5), hardlink("b", "a"))], 5, (0,), id="a hard link"),
        pytest.param([(file("a", 5), hardlink("b", "a")), (file(".wh.a"),)], 5, (0, 0), id="its other name lives"),
        pytest.param([(file("a", 5),), (hardlink("b", "a"),), (file(".wh.a"),)], 5, (0, 0, 0), id="linked across layers"),
        pytest.param([(file("a", 5), hardlink("b", "a")), (file("a", 3),)], 8, (0, 0), id="a broken link"),
        pytest.param([(file("a", 5), file("a", 6))], 6, (5,), id="twice in one tar"),
        pytest.param([(folder("d"), file("d/a", 5)), (file("d", 2),)], 2, (5, 0), id="a directory becomes a file"),
        pytest.param([(file("d", 2),), (folder("d"), file("d/a", 5))], 5, (2, 0), id="a file becomes a directory"),
        pytest.param([(file("d/a", 5),), (folder("d"),)], 5, (0, 0), id="a directory again"),
        pytest.param([(folder("usr/lib"), symlink("lib", "usr/lib"), file("usr/lib/a", 5)), (file("lib/a", 7),)], 12, (0, 0), id="a lower link gives way"),
        pytest.param([(file("usr/lib/a", 5),), (symlink("lib", "usr/lib"), file("lib/a", 7))], 7, (5, 0), id="through a link of its own"),
        pytest.param([(symlink("a", "b"), symlink("b", "a"), file("a/x", 5))], 5, (0,), id="links in a circle"),
        pytest.param([(hardlink("a", "nowhere"),)], 0, (0,), id="a link to nothing"),
        pytest.param([(file(".wh.nothing"), file("x/.wh..wh..opq"))], 0, (0,), id="nothing to hide"),
        pytest.param([(), ()], 0, (0, 0), id="empty layers"),
    ],
)  # fmt: skip
def test_whiteouts_remove_files(
    layers: list[tuple[Item, ...]], visible_bytes: int, wasted_bytes: tuple[int, ...]
) -> None:
    filesystem = stack(*layers)
    assert (filesystem.filesystem_bytes, filesystem.wasted_bytes) == (visible_bytes, wasted_bytes)


def test_files_are_counted_once_whatever_their_names() -> None:
    assert (
        stack((file("a", 5), hardlink("b", "a"), file("c", 1), symlink("d", "a"))).file_count == 2
    )


def test_a_hard_link_that_names_a_path_below_itself_hides_no_file() -> None:
    system = stack((hardlink("a", "a/b"), file("a/c", 5)), (file("a/d", 7),))
    assert (sorted(system.tree), system.filesystem_bytes) == (["a/c", "a/d"], 12)


def test_directories_have_the_mode_and_owner_of_the_topmost_layer() -> None:
    system = stack(
        (folder("data", mode=0o755), file("data/x", 1)),
        (folder("data", mode=0o750), file("a/b", 1)),
    )
    assert {path: (x.mode, y) for path, (x, y) in system.directories.items()} == {
        "data": (0o750, 1)
    }


def test_directories_of_long_paths_are_bounded() -> None:
    """Each path of 2,000 directories takes 4 MB; the entry itself is small."""
    paths = tuple(file(f"{number}/" + "d/" * 1990 + "f") for number in range(100))
    with pytest.raises(Unreadable, match="300,000,000 characters"):
        stack(paths)
    assert stack(paths[:10]).file_count == 10


def test_links_with_long_targets_are_bounded() -> None:
    links = (symlink(f"l{number}", "./" * 2000 + f"l{number + 1}") for number in range(35))
    files = (file(f"l0/{number}/f") for number in range(800))
    with pytest.raises(Unreadable, match="links"):
        stack((*links, *files))


def test_a_union_keeps_no_directory_once_its_files_are_listed() -> None:
    """The nodes of a large image must be gone before its files take as much memory."""
    entries = [Entry(f"{number}/f", EntryKind.FILE, 1) for number in range(10_000)]
    tracemalloc.start()
    union = LayerUnion()
    union.apply_layer(entries)
    with_nodes, _ = tracemalloc.get_traced_memory()
    union.build_filesystem()
    without_nodes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert union
    assert without_nodes < with_nodes / 20
