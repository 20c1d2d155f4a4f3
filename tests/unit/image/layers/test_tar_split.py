"""The engine's index of a layer tells the same entries as the layer's tar, and is recognised strictly."""

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
from tests.unit.image.layers.test_tar_headers import members, packed

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
    """The records that tar-split makes of a tar."""
    found: list[dict[str, object]] = []
    at = 0

    def add(**fields: object) -> None:
        found.append({**fields, "position": len(found)})

    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        for member in tar:
            add(type=2, payload=b64encode(data[at : member.offset_data]).decode())
            at = member.offset_data + (member.size if member.isreg() else 0)
            raw = member.name.encode("utf-8", "surrogateescape")
            strange = raw.decode("utf-8", "replace") != member.name
            name = {"name_raw": b64encode(raw).decode()} if strange else {"name": member.name}
            size = {"size": member.size} if member.isreg() and member.size else {}
            add(type=1, **name, **size, payload=CRC if size else None)
    add(type=2, payload=b64encode(data[at:]).decode())
    return found


def split(found: list[dict[str, object]]) -> io.BytesIO:
    lines = [json.dumps(x, separators=(",", ":"), ensure_ascii=False) + "\n" for x in found]
    return io.BytesIO(gzip.compress("".join(lines).encode()))


def of_the_tar(data: bytes) -> list[Entry]:
    found = scan_layer(io.BytesIO(data)).entries
    return [entry._replace(content_hash=CRC if entry.content_hash else "") for entry in found]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_every_kind_of_member_is_as_the_tar_has_it(form: int) -> None:
    data = layer_tar(*ITEMS, form=form)
    assert list(read_tar_split(split(records(data)))) == of_the_tar(data)


@given(st.lists(members(), max_size=8), st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
def test_any_member_is_as_the_tar_has_it(infos: list[tarfile.TarInfo], form: int) -> None:
    data = packed(infos, form)
    assert list(read_tar_split(split(records(data)))) == of_the_tar(data)


def test_as_many_as_do_not_fit_into_one_piece() -> None:
    data = layer_tar(*(file(f"d/{number}", number % 700) for number in range(3000)))
    assert list(read_tar_split(split(records(data)))) == of_the_tar(data)


@pytest.mark.parametrize(
    ("at", "broken"),
    [
        *((at, {"position": 77}) for at in range(5)),
        *((at, {"type": 3}) for at in range(5)),
        *((at, {"size": 1}) for at in (1, 3)),
        *((at, {"payload": 5}) for at in (0, 2, 4)),
        *((at, {"payload": "x"}) for at in (0, 2, 4)),
    ],
)
def test_a_record_that_is_not_as_it_should_be(at: int, broken: dict[str, object]) -> None:
    found = records(layer_tar(file("a", 5), file("b", 6)))
    found[at] |= broken
    with pytest.raises(Unreadable):
        read_tar_split(split(found))


@pytest.mark.parametrize("left", [1, 3, 5])
def test_a_missing_end(left: int) -> None:
    found = records(layer_tar(file("a", 5), folder("d"), file("b", 6)))
    with pytest.raises(Unreadable, match="lacks its end"):
        read_tar_split(split(found[:left]))


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_torn_file(cut: int) -> None:
    whole = split(records(layer_tar(*ITEMS))).getvalue()
    with pytest.raises(Unreadable):
        read_tar_split(io.BytesIO(whole[:-cut]))


def test_a_header_of_another_size_than_the_content() -> None:
    data = bytearray(layer_tar(file("a", 5), file("b", 6)))
    found = records(bytes(data))
    data[BLOCK_BYTES * 2 + 134] = ord("7")
    found[2]["payload"] = b64encode(data[BLOCK_BYTES + 5 : BLOCK_BYTES * 3]).decode()
    with pytest.raises(Unreadable):
        read_tar_split(split(found))
