"""Tar headers are read as tarfile reads them; broken ones are errors."""

import io
import tarfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES, clean_path
from bot.image.layers.tar_scanner import scan_layer
from bot.model.files import Entry, EntryKind
from tests.support.tar_world import file, layer_tar

KINDS = {
    tarfile.REGTYPE: EntryKind.FILE,
    tarfile.CONTTYPE: EntryKind.FILE,
    tarfile.DIRTYPE: EntryKind.DIRECTORY,
    tarfile.SYMTYPE: EntryKind.SYMLINK,
    tarfile.LNKTYPE: EntryKind.HARDLINK,
    tarfile.CHRTYPE: EntryKind.OTHER,
    tarfile.BLKTYPE: EntryKind.OTHER,
    tarfile.FIFOTYPE: EntryKind.OTHER,
}
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
NAMES = st.one_of(
    TEXT, st.lists(TEXT, max_size=6).map("/".join), st.integers(90, 400).map("n".__mul__)
)
IDS = st.one_of(st.integers(0, 70_000), st.integers(2_097_152, 4_000_000_000))


@st.composite
def members(draw: st.DrawFn) -> tarfile.TarInfo:
    info = tarfile.TarInfo(draw(NAMES.filter(bool)))
    info.type = draw(st.sampled_from(list(KINDS)))
    info.size = draw(st.integers(0, 2000)) if KINDS[info.type] is EntryKind.FILE else 0
    info.mode, info.uid, info.gid = draw(st.integers(0, 0o7777)), draw(IDS), draw(IDS)
    info.devmajor, info.devminor = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    info.linkname = draw(NAMES) if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    info.mtime = draw(st.one_of(st.integers(0, 2**31), st.floats(0, 2e9)))
    return info


def pack_members(infos: list[tarfile.TarInfo], form: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as tar:
        for info in infos:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return buffer.getvalue()


def read_with_tarfile(data: bytes) -> list[Entry]:
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        return [_entry(member) for member in tar]


def _entry(member: tarfile.TarInfo) -> Entry:
    kind = KINDS[member.type]
    link = clean_path(member.linkname) if member.islnk() else member.linkname
    if member.type in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        link = f"{member.devmajor}:{member.devminor}"
    size = member.size if kind is EntryKind.FILE else 0
    return Entry(clean_path(member.name), kind, size, member.mode, member.uid, member.gid, link)


def read_entries(data: bytes) -> list[Entry]:
    entries = scan_layer(io.BytesIO(data)).entries
    return [entry._replace(content_hash="") for entry in entries]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@given(infos=st.lists(members(), max_size=6))
def test_every_entry_is_read_as_tarfile_reads_it(form: int, infos: list[tarfile.TarInfo]) -> None:
    data = pack_members([info for info in infos if ".wh." not in info.name], form)
    assert read_entries(data) == read_with_tarfile(data)


@given(st.lists(st.tuples(st.integers(1, 150), st.integers(0, 90)), max_size=5))
def test_long_names_of_ustar_have_a_prefix(lengths: list[tuple[int, int]]) -> None:
    infos = [tarfile.TarInfo(f"{'p' * prefix}/{'n' * name}x") for prefix, name in lengths]
    data = pack_members(infos, tarfile.USTAR_FORMAT)
    assert read_entries(data) == read_with_tarfile(data)


def test_global_headers_stay_in_force() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", pax_headers={"uid": "77"}) as tar:
        for name in "ab":
            tar.addfile(tarfile.TarInfo(name))
    data = buffer.getvalue()
    assert [entry.uid for entry in read_entries(data)] == [77, 77]


def header(**fields: bytes) -> bytes:
    """Return a header block with some fields overwritten, and the right checksum."""
    fields_by_name = {"size": (124, 12), "type": (156, 1), "more": (482, 1), "real": (483, 12)}
    block = bytearray(layer_tar(file("a"))[:BLOCK_BYTES])
    for name, value in fields.items():
        start, width = fields_by_name[name]
        block[start : start + width] = value.ljust(width, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def test_an_old_sparse_file_has_its_own_size_and_stores_less() -> None:
    data = header(type=b"S", size=b"00000000001", more=b"\1", real=b"00000001000")
    sparse_map = bytes(504) + b"\0" + bytes(7)
    (entry,) = read_entries(data + sparse_map + b"x".ljust(BLOCK_BYTES, b"\0") + bytes(1024))
    assert (entry.kind, entry.size) == (EntryKind.FILE, 512)


def test_a_size_may_be_binary() -> None:
    data = (
        header(size=b"\x80" + (5).to_bytes(11, "big"))
        + b"12345".ljust(BLOCK_BYTES, b"\0")
        + bytes(1024)
    )
    assert [entry.size for entry in read_entries(data)] == [5]


WHOLE = layer_tar(file("a", 700), file("n" * 200, 5), file("b", 1))
BROKEN: dict[str, Callable[[], bytes]] = {
    "a checksum at the beginning": lambda: b"x" + WHOLE[1:],
    "a checksum later": lambda: WHOLE.replace(b"b\0", b"c\0"),
    "cut in a header": lambda: WHOLE[:300],
    "cut in a content": lambda: WHOLE[: BLOCK_BYTES + 600],
    "cut in an extended header": lambda: WHOLE[: 3 * BLOCK_BYTES + BLOCK_BYTES + 20],
    "a size below zero": lambda: header(size=b"\xff" * 12),
    "a size that is none": lambda: header(size=b"no number"),
    "a giant extended header": lambda: header(type=b"x", size=b"77777777777"),
    "extended headers without end": lambda: header(type=b"x", size=b"0") * 100,
    "a lying record": lambda: header(type=b"x", size=b"00000000012") + b"99 path=a\n".ljust(BLOCK_BYTES, b"\0"),
    "a path of no system": lambda: layer_tar(file("p" * 5000)),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_broken_headers_are_unreadable(what: str) -> None:
    with pytest.raises(Unreadable):
        scan_layer(io.BytesIO(BROKEN[what]()))


def scan_damaged(data: bytes) -> None:
    """Scan the bytes and ignore Unreadable; any other error fails the test."""
    with suppress(Unreadable):
        scan_layer(io.BytesIO(data))


@given(st.binary(max_size=3000))
def test_arbitrary_bytes_raise_only_unreadable(data: bytes) -> None:
    scan_damaged(data)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_damaged_byte_raises_only_unreadable(offset: int, byte: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[offset] = byte
    scan_damaged(bytes(damaged))
