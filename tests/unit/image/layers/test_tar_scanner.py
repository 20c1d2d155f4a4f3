"""The scan of a layer: sizes as tarfile sums them, and a content ID."""

import io
import random
import tarfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.layers.gzip_estimate import GzipSizeEstimator
from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import TarMember
from bot.image.layers.tar_scanner import MAX_ENTRIES, EntryList, scan_layer
from bot.model.files import Entry, EntryKind
from tests.support.tar_world import Item, digest, file, folder, hardlink, layer_tar, symlink


def scan(*items: Item, form: int = tarfile.PAX_FORMAT) -> LayerIndex:
    return scan_layer(io.BytesIO(layer_tar(*items, form=form)))


def test_regular_files_count_and_nothing_else() -> None:
    index = scan(
        folder("a"), file("a/b", 100), hardlink("c", "a/b"), symlink("d", "a/b"), file(".wh.e")
    )
    assert (index.unpacked_bytes, index.file_count) == (100, 1)
    kinds = [entry.kind for entry in index.entries]
    assert kinds == [
        EntryKind.DIRECTORY,
        EntryKind.FILE,
        EntryKind.HARDLINK,
        EntryKind.SYMLINK,
        EntryKind.FILE,
    ]


def test_the_diff_id_is_the_digest_of_the_whole_tar() -> None:
    data = layer_tar(file("a", 10)) + b"\0" * 4096
    assert scan_layer(io.BytesIO(data)).diff_id == digest(data)


def test_the_content_id_ignores_times_and_order() -> None:
    first = scan(file("a", 1, mtime=1), file("b", 2, mtime=2))
    second = scan(file("b", 2), file("a", 1))
    assert first.diff_id != second.diff_id
    assert first.content_id == second.content_id


@pytest.mark.parametrize(
    "changed",
    [
        (file("a", 1), file("b", 3)),
        (file("a", 1), file("c", 2)),
        (file("a", 1), file("b", 2, mode=0o755)),
        (file("a", 1), Item("b", b"yy")),
        (file("a", 1), symlink("b", "a")),
    ],
)
def test_every_other_change_changes_the_content_id(changed: tuple[Item, ...]) -> None:
    assert scan(file("a", 1), file("b", 2)).content_id != scan(*changed).content_id


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_and_strange_names(form: int) -> None:
    names = ["n" * 300, "d/" * 60 + "x", "spa ce", "ü", "caf\udce9"]
    index = scan(*(file(name, 1) for name in names), form=form)
    assert [entry.path for entry in index.entries] == names


@pytest.mark.parametrize("name", ["./a/b", "/a/b", "a//b", "a/./b", "x/../a/b", "../a/b"])
def test_a_path_is_relative_to_the_root_however_it_is_written(name: str) -> None:
    assert scan(file(name, 1)).entries[0].path == "a/b"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2000)), max_size=20))
def test_sizes_are_what_tarfile_sums(files: list[tuple[str, int]]) -> None:
    data = layer_tar(*(file(f"d/{name}", size) for name, size in files))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        expected = sum(member.size for member in tar if member.isreg())
    index = scan_layer(io.BytesIO(data))
    assert index.unpacked_bytes == expected


@pytest.mark.parametrize("cut", [1, 511, 513, 700])
def test_a_truncated_layer_is_unreadable(cut: int) -> None:
    data = layer_tar(file("a", 1000))[: 512 + cut]
    with pytest.raises(Unreadable):
        scan_layer(io.BytesIO(data[: len(data) - 1]))


def test_other_bytes_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        scan_layer(io.BytesIO(b"no tar at all" * 100))


@pytest.mark.parametrize("unit", [b"the same words again and again. ", bytes(range(256))])
def test_the_estimate_of_a_gzip_is_near_the_real_one(unit: bytes) -> None:
    noise = random.Random(1)
    data = b"".join(unit * noise.randint(1, 9) + noise.randbytes(40) for _ in range(40_000))
    estimator = GzipSizeEstimator()
    for start in range(0, len(data), 70_000):
        estimator.feed(data[start : start + 70_000])
    size, _ = estimator.estimate_size()
    assert size == pytest.approx(len(zlib.compress(data, 6)), rel=0.1)


def test_as_many_entries_as_are_allowed_are_kept_and_no_more() -> None:
    entries = EntryList()
    entries.extend([Entry("a", EntryKind.FILE, 0)] * 1_100_000)
    entries.extend([Entry("a", EntryKind.FILE, 0)] * (MAX_ENTRIES - 1_100_000))
    assert len(entries.to_tuple()) == MAX_ENTRIES
    with pytest.raises(Unreadable, match="1,500,000 entries"):
        entries.extend([Entry("a", EntryKind.FILE, 0)])


def test_the_names_of_a_layer_are_bounded_together() -> None:
    entries = EntryList()
    member = TarMember("n" * 4000, EntryKind.FILE, 0, 0, 0, 0, 0, "")
    for _ in range(75_000):
        entries.add(member, "")
    with pytest.raises(Unreadable, match="300,000,000 characters"):
        entries.add(member, "")
