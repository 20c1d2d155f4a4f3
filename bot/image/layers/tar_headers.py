"""Reads the headers of a tar: ustar, PAX, GNU and V7, sparse files among them.

The standard library's tarfile takes 50 µs an entry, and cannot read an index from which the contents
are missing. This reads headers alone, from anything that gives bytes. What counts as a regular file,
and what its size is, is as tarfile says; a broken header is an error wherever it stands, where
tarfile takes it for the end.
"""

import posixpath
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from bot.image.layers.streams import Unreadable
from bot.model.files import WHITEOUT_PREFIX, Entry, EntryKind, is_whiteout

BLOCK_BYTES = 512
TYPE_OFFSET = 156  # where a header has its type

# Bounds for hostile layers. Linux takes no path beyond PATH_MAX; the rest of a PAX header are
# extended attributes, of at most 64 kB each.
_MAX_PATH_LENGTH = 4096
_MAX_EXTENDED_BYTES = 1 << 20
_MAX_EXTENDED_HEADERS = 16

_HEADER_FIELDS = struct.Struct("100s8s8s8s12s20xc100s6s66x8s8s155s12x")
_UNSET_TYPES = (b"", b"\0")
# Of these the fields of a plain header tell everything.
_PLAIN_FIELDS = struct.Struct("100s24s12s20xc100s")
_PREFIX_OFFSET = 345
_PLAIN_KINDS = {
    b"0": EntryKind.FILE,
    b"1": EntryKind.HARDLINK,
    b"2": EntryKind.SYMLINK,
    b"5": EntryKind.DIRECTORY,
}
_POSIX_MAGIC = b"ustar\0"
_DEVICE_TYPES = (b"3", b"4")
_KINDS = {
    b"0": EntryKind.FILE,
    b"\0": EntryKind.FILE,
    b"7": EntryKind.FILE,  # contiguous: the same to everyone today
    b"S": EntryKind.FILE,  # sparse, as GNU wrote it before PAX
    b"1": EntryKind.HARDLINK,
    b"2": EntryKind.SYMLINK,
    b"5": EntryKind.DIRECTORY,
}
# Nothing follows these, whatever size they state.
_TYPES_WITHOUT_CONTENT = frozenset(b"123456"[i : i + 1] for i in range(6))
_EXTENDED_TYPES = {b"x": "", b"X": "", b"g": "", b"L": "path", b"K": "linkpath"}

_UNCLEAN_ENDINGS = ("/", ".", "")  # of a clean path
_new_tuple = tuple.__new__
ReadBytes = Callable[[int], bytes]


class TarMember(NamedTuple):
    """An entry's header. `size` is the file's own, `stored` the bytes that follow it in the tar."""

    path: str
    kind: EntryKind
    size: int
    stored_bytes: int
    mode: int
    uid: int
    gid: int
    link: str


class HeaderReader:
    """Reads one header after another; global PAX headers stay in force."""

    def __init__(self) -> None:
        """At the beginning of a tar."""
        self._global_records: dict[str, str] = {}

    @property
    def has_global_header(self) -> bool:
        """Whether a global header changes what plain ones say."""
        return bool(self._global_records)

    def read_member(self, read_bytes: ReadBytes) -> TarMember | None:
        """The next entry; None at the end.

        `take` gives the next so many bytes, none where the tar ends; it raises Unreadable if it ends
        amid them.
        """
        block, extended = read_bytes(BLOCK_BYTES), self._global_records
        for _ in range(_MAX_EXTENDED_HEADERS):
            type_ = block[TYPE_OFFSET : TYPE_OFFSET + 1]
            if type_ not in _EXTENDED_TYPES:
                if type_ in _UNSET_TYPES and not has_data(block):
                    return None
                if type_ == b"S":
                    _skip_sparse_map(block, read_bytes)
                return (
                    apply_extended_records(parse_member(block), extended)
                    if extended
                    else parse_member(block)
                )
            extended = extended | _read_extended_header(block, read_bytes)
            if type_ == b"g":
                self._global_records = extended
            block = read_bytes(BLOCK_BYTES)
        raise Unreadable(f"a tar has more than {_MAX_EXTENDED_HEADERS} extended headers in a row")


def has_data(block: bytes) -> bool:
    """Whether a block holds anything but zeros, which mark the end."""
    return block.count(0) != len(block)


def has_valid_checksum(block: bytes) -> bool:
    """Whether the checksum of a header block is right."""
    return zlib.adler32(block) & 0xFFFF == _compute_expected_adler(block[148:156])


def parse_size(block: bytes) -> int:
    """The size that a plain header states; something of no use where it is no plain one."""
    try:
        return max(0, int(block[124:135], 8))
    except ValueError:
        return 0


def parse_member(block: bytes) -> TarMember:
    """The entry of one header block; Unreadable if it is broken."""
    name, mode, uid, gid, size, type_, link, magic, major, minor, prefix = _HEADER_FIELDS.unpack(
        block
    )
    if not has_valid_checksum(block):
        raise Unreadable("the checksum of a tar header does not match")
    kind, path, target = _KINDS.get(type_, EntryKind.OTHER), _decode_text(name), ""
    if prefix[0] and magic == _POSIX_MAGIC:
        path = f"{_decode_text(prefix)}/{path}"
    if type_ == b"\0" and path.endswith("/"):
        kind = EntryKind.DIRECTORY  # as V7 writes them
    if link[0]:
        target = (
            clean_path(_decode_text(link)) if kind is EntryKind.HARDLINK else _decode_text(link)
        )
    elif type_ in _DEVICE_TYPES:
        target = f"{_parse_number(major)}:{_parse_number(minor)}"
    stored = (
        0 if type_ in _TYPES_WITHOUT_CONTENT or kind is EntryKind.DIRECTORY else _parse_number(size)
    )
    real = (
        _parse_number(block[483:495]) if type_ == b"S" else stored if kind is EntryKind.FILE else 0
    )
    if stored < 0 or real < 0:
        raise Unreadable(f"a tar header states {min(stored, real):,} bytes")
    return TarMember(
        clean_path(path), kind, real, stored, *_parse_permissions(mode, uid, gid), target
    )


def parse_plain_entry(
    data: bytes, offset: int, stored_bytes: int, content_hash: str
) -> Entry | None:
    """The entry of a header that begins at `at`, of which `data` need not have more than 346 bytes,
    and whose sum somebody else has checked; `stored` bytes follow it. None if it is no plain one.
    """
    name, rights, size, type_, link = _PLAIN_FIELDS.unpack_from(data, offset)
    kind = _PLAIN_KINDS.get(type_)
    if kind is None or data[offset + _PREFIX_OFFSET] or size != b"%011o\0" % stored_bytes:
        return None
    path, target = name.rstrip(b"\0").decode("utf-8", "surrogateescape"), ""
    if (
        "./" in path
        or "//" in path
        or path[:1] == "/"
        or path[-1:] in _UNCLEAN_ENDINGS
        or "\0" in path
    ):
        path = clean_path(path.partition("\0")[0])
    if link[0]:
        target = (
            clean_path(_decode_text(link)) if kind is EntryKind.HARDLINK else _decode_text(link)
        )
    if stored_bytes and (
        kind is not EntryKind.FILE or (WHITEOUT_PREFIX in path and is_whiteout(path))
    ):
        if kind is not EntryKind.FILE:
            return None
        stored_bytes, content_hash = 0, ""
    mode, uid, gid = _parse_plain_permissions(rights)
    return _new_tuple(Entry, (path, kind, stored_bytes, mode, uid, gid, target, content_hash))


def apply_extended_records(member: TarMember, records: Mapping[str, str]) -> TarMember:
    """An entry with what its extended headers say of it."""
    path = records.get("GNU.sparse.name") or records.get("path")
    path = clean_path(path) if path else member.path
    link = records.get("linkpath", member.link)
    if len(path) > _MAX_PATH_LENGTH or len(link) > _MAX_PATH_LENGTH:
        raise Unreadable(f"a tar holds a path of more than {_MAX_PATH_LENGTH:,} characters")
    uid, gid = (
        _parse_record_number(records, "uid", member.uid),
        _parse_record_number(records, "gid", member.gid),
    )
    link = clean_path(link) if member.kind is EntryKind.HARDLINK else link
    member = member._replace(path=path, uid=uid, gid=gid, link=link)
    if member.kind is not EntryKind.FILE:
        return member
    stored = _parse_record_number(records, "size", member.stored_bytes)
    real = _parse_record_number(
        records, "GNU.sparse.size", stored if "size" in records else member.size
    )
    return member._replace(
        stored_bytes=stored, size=_parse_record_number(records, "GNU.sparse.realsize", real)
    )


def clean_path(name: str) -> str:
    """A name relative to the root of the image, whatever dots and slashes it came with."""
    name = name.removeprefix("./").rstrip("/")
    if name.startswith(("/", "./")) or "//" in name or "/./" in name or ".." in name:
        return posixpath.normpath("/" + name).lstrip("/")
    return "" if name == "." else name.removesuffix("/.")


def _skip_sparse_map(block: bytes, read_bytes: ReadBytes) -> None:
    """Passes over the blocks that go on with an old sparse file's map."""
    more = block[156:157] == b"S" and block[482] != 0
    while more:
        more = read_bytes(BLOCK_BYTES)[504:505] not in (b"", b"\0")


def _read_extended_header(block: bytes, read_bytes: ReadBytes) -> dict[str, str]:
    """What an extended header says."""
    size = _parse_number(block[124:136])
    if not 0 <= size <= _MAX_EXTENDED_BYTES:
        raise Unreadable(f"an extended header of a tar states {size:,} bytes")
    body = read_bytes(size + -size % BLOCK_BYTES)[:size]
    key = _EXTENDED_TYPES[block[TYPE_OFFSET : TYPE_OFFSET + 1]]
    return {key: _decode_text(body)} if key else _parse_pax_records(body)


def _parse_pax_records(body: bytes) -> dict[str, str]:
    """The records of a PAX header, `length key=value` and a newline each."""
    records: dict[str, str] = {}
    at = 0
    while at < len(body) and body[at]:
        length, _, _ = body[at : at + 20].partition(b" ")
        end = at + (int(length) if length.isdigit() else 0)
        key, equals, value = body[at + len(length) + 1 : end - 1].partition(b"=")
        if not equals or end > len(body):
            raise Unreadable("an extended header of a tar is malformed")
        records[_decode_text(key)] = _decode_text(value)
        at = end
    return records


def _decode_text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _parse_record_number(records: Mapping[str, str], key: str, default: int) -> int:
    text = records.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Unreadable(f"an extended header of a tar states {text[:40]!r} as {key}")
    return int(text)


@lru_cache(8192)
def _compute_expected_adler(checksum: bytes) -> int:
    """The lower half of Adler-32 over a block with this checksum: the plain sum and one, modulo
    65,521. The checksum is that of the block with blanks in its own place."""
    return (1 + _parse_number(checksum) + sum(checksum) - 8 * ord(" ")) % 65_521


@lru_cache(1024)
def _parse_permissions(mode: bytes, uid: bytes, gid: bytes) -> tuple[int, int, int]:
    return _parse_number(mode) & 0o7777, _parse_number(uid), _parse_number(gid)


@lru_cache(1024)
def _parse_plain_permissions(field: bytes) -> tuple[int, int, int]:
    return _parse_permissions(field[:8], field[8:16], field[16:])


@lru_cache(8192)
def _parse_number(field: bytes) -> int:
    """Octal digits; or base 256, where the first bit is set, for what these cannot hold."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    if field[0] == 0xFF:
        return int.from_bytes(field, "big", signed=True)
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        raise Unreadable(f"a tar header holds {field!r} where a number belongs") from None
