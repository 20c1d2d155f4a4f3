"""Extended tar headers: the records of PAX and GNU that change what the next header says.

A reader of headers has to know them all, so that it is here, and what one block says by itself is
in tar_headers.py.
"""

from collections.abc import Mapping

from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import (
    BLOCK_BYTES,
    MAX_PATH_LENGTH,
    TYPE_OFFSET,
    ReadBytes,
    TarMember,
    clean_path,
    decode_text,
    has_data,
    parse_member,
    parse_number,
)
from bot.model.files import EntryKind

_MAX_EXTENDED_BYTES = 1 << 20
_MAX_EXTENDED_HEADERS = 16
# The records that are used. Others are dropped, so that global headers cannot fill the memory.
_USED_RECORDS = frozenset(
    {
        "path",
        "linkpath",
        "size",
        "uid",
        "gid",
        "GNU.sparse.name",
        "GNU.sparse.size",
        "GNU.sparse.realsize",
    }
)
_UNSET_TYPES = (b"", b"\0")
# `x` and `g` are PAX's, `X` is Solaris' spelling of `x`, `L` and `K` are GNU's long names (tar(5)).
_EXTENDED_TYPES = {b"x": "", b"X": "", b"g": "", b"L": "path", b"K": "linkpath"}


class HeaderReader:
    """A reader of one header after another; global PAX headers stay in force."""

    def __init__(self) -> None:
        self._global_records: dict[str, str] = {}

    @property
    def has_global_header(self) -> bool:
        """Return True if a global header changes the meaning of plain ones."""
        return bool(self._global_records)

    def read_member(self, read_bytes: ReadBytes) -> TarMember | None:
        """Read the next entry; return None at the end.

        `read_bytes` returns the next so many bytes, none where the tar ends; it raises Unreadable
        if the tar ends within them.
        """
        block, extended = read_bytes(BLOCK_BYTES), self._global_records
        for _ in range(_MAX_EXTENDED_HEADERS):
            type_ = block[TYPE_OFFSET : TYPE_OFFSET + 1]
            if type_ not in _EXTENDED_TYPES:
                if type_ in _UNSET_TYPES and not has_data(block):
                    return None
                if type_ == b"S":
                    _skip_sparse_map(block, read_bytes)
                member = parse_member(block)
                return apply_extended_records(member, extended) if extended else member
            extended = extended | _read_extended_header(block, read_bytes)
            if type_ == b"g":
                self._global_records = extended
            block = read_bytes(BLOCK_BYTES)
        raise Unreadable(f"a tar has more than {_MAX_EXTENDED_HEADERS} extended headers in a row")


def apply_extended_records(member: TarMember, records: Mapping[str, str]) -> TarMember:
    """Return a member with the values of its extended headers."""
    path = records.get("GNU.sparse.name") or records.get("path")
    path = clean_path(path) if path else member.path
    link = records.get("linkpath", member.link)
    if len(path) > MAX_PATH_LENGTH or len(link) > MAX_PATH_LENGTH:
        raise Unreadable(f"a tar holds a path of more than {MAX_PATH_LENGTH:,} characters")
    uid = _parse_record_number(records, "uid", member.uid)
    gid = _parse_record_number(records, "gid", member.gid)
    link = clean_path(link) if member.kind is EntryKind.HARDLINK else link
    member = member._replace(path=path, uid=uid, gid=gid, link=link)
    if member.kind is not EntryKind.FILE:
        return member
    stored_bytes = _parse_record_number(records, "size", member.stored_bytes)
    size = stored_bytes if "size" in records else member.size
    # GNU tar's sparse formats 0.0 and 0.1 write `size`, format 1.0 `realsize`.
    size = _parse_record_number(records, "GNU.sparse.size", size)
    size = _parse_record_number(records, "GNU.sparse.realsize", size)
    return member._replace(stored_bytes=stored_bytes, size=size)


def _skip_sparse_map(block: bytes, read_bytes: ReadBytes) -> None:
    """Skip the blocks that continue the map of an old GNU sparse file."""
    # A flag says that another block follows: byte 482 of a header, byte 504 of a block of the map
    # (tar(5), "GNU tar archives").
    continues = block[156:157] == b"S" and block[482] != 0
    while continues:
        continues = read_bytes(BLOCK_BYTES)[504:505] not in (b"", b"\0")


def _read_extended_header(block: bytes, read_bytes: ReadBytes) -> dict[str, str]:
    """Read the records of an extended header."""
    size = parse_number(block[124:136])
    if not 0 <= size <= _MAX_EXTENDED_BYTES:
        raise Unreadable(f"an extended header of a tar states {size:,} bytes")
    body = read_bytes(size + -size % BLOCK_BYTES)[:size]
    key = _EXTENDED_TYPES[block[TYPE_OFFSET : TYPE_OFFSET + 1]]
    return {key: decode_text(body)} if key else _parse_pax_records(body)


def _parse_pax_records(body: bytes) -> dict[str, str]:
    """Read PAX records, each `length key=value` and a newline."""
    records: dict[str, str] = {}
    offset = 0
    while offset < len(body) and body[offset]:
        length, _, _ = body[offset : offset + 20].partition(b" ")
        end = offset + (int(length) if length.isdigit() else 0)
        start = offset + len(length) + 1
        key, equals, value = body[start : end - 1].partition(b"=")
        # A record that ends before its key would be read for ever.
        if not start < end <= len(body) or not equals:
            raise Unreadable("an extended header of a tar is malformed")
        name = decode_text(key)
        if name in _USED_RECORDS:
            records[name] = decode_text(value)
        offset = end
    return records


def _parse_record_number(records: Mapping[str, str], key: str, default: int) -> int:
    text = records.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Unreadable(f"an extended header of a tar states {text[:40]!r} as {key}")
    return int(text)
