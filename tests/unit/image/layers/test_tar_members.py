"""The members of a tar within bounds, from a file by their offsets and from a stream in turn."""

import io
from typing import BinaryIO, cast

import pytest

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import TarMember
from bot.image.layers.tar_members import list_members, read_members
from tests.support.raw_tar import END, extended, member, raw_header


def read_both_ways(data: bytes, max_members: int = 10) -> list[TarMember]:
    """Return the members, the same from a file and from a stream."""
    listed = [(entry, offset) for entry, offset in list_members(io.BytesIO(data), max_members)]
    stream = cast(BinaryIO, io.BufferedReader(io.BytesIO(data)))
    read = [(entry, content.read()) for entry, content in read_members(stream, max_members)]
    assert [(x, data[at : at + x.stored_bytes]) for x, at in listed] == read
    return [entry for entry, _ in read]


def refusals(data: bytes, max_members: int = 10) -> set[str]:
    stream = cast(BinaryIO, io.BufferedReader(io.BytesIO(data)))
    reasons = set()
    for members in (list_members(io.BytesIO(data), max_members), read_members(stream, max_members)):
        with pytest.raises(Unreadable) as caught:
            list(members)
        reasons.add(str(caught.value))
    return reasons


def test_members_are_read_with_their_contents() -> None:
    data = member("a", b"x" * 600) + member("b", b"") + member("c", b"y" * 512) + END
    assert [(x.path, x.size) for x in read_both_ways(data)] == [("a", 600), ("b", 0), ("c", 512)]


def test_the_last_member_may_lack_its_padding_and_the_end() -> None:
    assert len(read_both_ways(member("a", b"x" * 600)[: 512 + 600])) == 1


def test_a_content_that_nobody_reads_must_be_there() -> None:
    assert refusals(member("a", b"x" * 600)[: 512 + 599]) == {"a tar is truncated"}


def test_as_many_members_as_are_allowed_are_read() -> None:
    data = b"".join(raw_header(str(number)) for number in range(10)) + END
    assert len(read_both_ways(data)) == 10
    assert refusals(data, 9) == {"a tar has more than 9 members"}


def test_headers_without_members_are_bounded() -> None:
    headers = extended(b"a" * 4000, b"L") * 15 + raw_header("x")
    (reason,) = refusals(headers * 2)
    assert reason.startswith("the headers of a tar have")
