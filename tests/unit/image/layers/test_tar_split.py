"""The engine's index of a layer has the entries of its tar, and is recognised strictly."""

import gzip
import io
import json
import tarfile
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES
from bot.image.layers.tar_scanner import scan_layer
from bot.image.layers.tar_split import read_tar_split
from bot.model.files import Entry
from tests.support.tar_world import Item, file, folder, hardlink, layer_tar, symlink
from tests.unit.image.layers.test_tar_headers import members, pack_members

CRC = b64encode(b"12345678").decode()
ITEMS = (
    folder("d"),
    file("d/a", 5),
    file("d/b", 1000),
    hardlink("c", "d/a"),
    symlink("e", "/d/../b"),
    file("./f//g", 512),
    file('"quoted"', 3),
    file("caf\udce9", 7),
    file("n" * 200, 9),
    file(".wh.x", 2),
    Item("null", type=tarfile.CHRTYPE),
    file("", 0),
    file("last", 513),
)


def records(data: bytes) -> list[dict[str, object]]:
    """Return the records that tar-split makes of a tar."""
    rows: list[dict[str, object]] = []
    offset = 0

    def add(**fields: object) -> None:
        rows.append({**fields, "position": len(rows)})

    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        for member in tar:
            add(type=2, payload=b64encode(data[offset : member.offset_data]).decode())
            offset = member.offset_data + (member.size if member.isreg() else 0)
            raw = member.name.encode("utf-8", "surrogateescape")
            strange = raw.decode("utf-8", "replace") != member.name
            name = {"name_raw": b64encode(raw).decode()} if strange else {"name": member.name}
            size = {"size": member.size} if member.isreg() and member.size else {}
            add(type=1, **name, **size, payload=CRC if size else None)
    add(type=2, payload=b64encode(data[offset:]).decode())
    return rows


def split(rows: list[dict[str, object]]) -> io.BytesIO:
    lines = [json.dumps(x, separators=(",", ":"), ensure_ascii=False) + "\n" for x in rows]
    return io.BytesIO(gzip.compress("".join(lines).encode()))


def list_tar_entries(data: bytes) -> list[Entry]:
    entries = scan_layer(io.BytesIO(data)).entries
    return [entry._replace(content_hash=CRC if entry.content_hash else "") for entry in entries]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_every_kind_of_member_is_as_the_tar_has_it(form: int) -> None:
    data = layer_tar(*ITEMS, form=form)
    assert list(read_tar_split(split(records(data)))) == list_tar_entries(data)


@given(st.lists(members(), max_size=8), st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
def test_any_member_is_as_the_tar_has_it(infos: list[tarfile.TarInfo], form: int) -> None:
    data = pack_members(infos, form)
    assert list(read_tar_split(split(records(data)))) == list_tar_entries(data)


def test_records_in_several_batches_are_read() -> None:
    data = layer_tar(*(file(f"d/{number}", number % 700) for number in range(3000)))
    assert list(read_tar_split(split(records(data)))) == list_tar_entries(data)


@pytest.mark.parametrize(
    ("number", "broken"),
    [
        *((number, {"position": 77}) for number in range(5)),
        *((number, {"type": 3}) for number in range(5)),
        *((number, {"size": 1}) for number in (1, 3)),
        *((number, {"payload": 5}) for number in (0, 2, 4)),
        *((number, {"payload": "x"}) for number in (0, 2, 4)),
    ],
)
def test_malformed_records_are_unreadable(number: int, broken: dict[str, object]) -> None:
    rows = records(layer_tar(file("a", 5), file("b", 6)))
    rows[number] |= broken
    with pytest.raises(Unreadable):
        read_tar_split(split(rows))


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_missing_last_segment_is_unreadable(count: int) -> None:
    rows = records(layer_tar(file("a", 5), folder("d"), file("b", 6)))
    with pytest.raises(Unreadable, match="lacks its end"):
        read_tar_split(split(rows[:count]))


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_truncated_file_is_unreadable(cut: int) -> None:
    whole = split(records(layer_tar(*ITEMS))).getvalue()
    with pytest.raises(Unreadable):
        read_tar_split(io.BytesIO(whole[:-cut]))


@pytest.mark.parametrize("start", [10, 40])
def test_a_damaged_file_is_unreadable(start: int) -> None:
    data = bytearray(split(records(layer_tar(*ITEMS))).getvalue())
    data[start : start + 30] = b"\xff" * 30
    with pytest.raises(Unreadable):
        read_tar_split(io.BytesIO(bytes(data)))


def test_a_header_of_another_size_than_the_content_is_unreadable() -> None:
    data = bytearray(layer_tar(file("a", 5), file("b", 6)))
    rows = records(bytes(data))
    data[BLOCK_BYTES * 2 + 134] = ord("7")
    rows[2]["payload"] = b64encode(data[BLOCK_BYTES + 5 : BLOCK_BYTES * 3]).decode()
    with pytest.raises(Unreadable):
        read_tar_split(split(rows))
