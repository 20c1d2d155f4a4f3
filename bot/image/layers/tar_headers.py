"""The reader of tar headers: ustar, PAX, GNU and V7, sparse files among them.

The standard library's tarfile takes 50 µs an entry, and cannot read an index from which the
contents are missing. This one reads headers alone, from anything that gives bytes. Regular files
and their sizes are as tarfile has them; but a broken header is an error, where tarfile takes it for
the end.
"""

import posixpath
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from bot.image.layers.streams import Unreadable
from bot.model.files import WHITEOUT_PREFIX, Entry, EntryKind, is_whiteout

BLOCK_BYTES = 512
TYPE_OFFSET = 156  # where a header has its type
# Bounds for hostile layers. Linux takes no path beyond PATH_MAX; the rest of a PAX header are
# extended attributes, of at most 64 kB each.
MAX_PATH_LENGTH = 4096
# The fields of a ustar header (tar(5)) without time, checksum, and names of the owners.
_HEADER_FIELDS = struct.Struct("100s8s8s8s12s20xc100s6s66x8s8s155s12x")
# The name, three permission fields, the size, the type and the link of a plain header.
_PLAIN_FIELDS = struct.Struct("100s24s12s20xc100s")
_PREFIX_OFFSET = 345
# The types of plain headers that are complete without the other fields.
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
# No content follows these types, even if their headers state a size (POSIX pax, "ustar").
_TYPES_WITHOUT_CONTENT = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_UNCLEAN_ENDINGS = ("/", ".", "")
_new_tuple = tuple.__new__  # faster than the keyword-aware `__new__` of a NamedTuple
ReadBytes = Callable[[int], bytes]


class TarMember(NamedTuple):
    """The header of an entry: `size` is the file's, `stored_bytes` what follows in the tar."""

    path: str
    kind: EntryKind
    size: int
    stored_bytes: int
    mode: int
    uid: int
    gid: int
    link: str


def has_data(block: bytes) -> bool:
    """Return True if a block holds anything but zeros, which mark the end of a tar."""
    return block.count(0) != len(block)


def has_valid_checksum(block: bytes) -> bool:
    """Return True if the checksum of a header block is right."""
    return zlib.adler32(block) & 0xFFFF == _compute_expected_adler(block[148:156])


def parse_size(block: bytes) -> int:
    """Return the size in a plain header; any number if it is not a plain one."""
    try:
        return max(0, int(block[124:135], 8))
    except ValueError:
        return 0


def parse_member(block: bytes) -> TarMember:
    """Read the entry of one header block; raise Unreadable if it is broken."""
    name, mode, uid, gid, size, type_, link, magic, major, minor, prefix = _HEADER_FIELDS.unpack(
        block
    )
    if not has_valid_checksum(block):
        raise Unreadable("the checksum of a tar header does not match")
    kind, path, target = _KINDS.get(type_, EntryKind.OTHER), decode_text(name), ""
    # GNU's magic is "ustar " with a blank: it keeps times in the place of the prefix.
    if prefix[0] and magic == _POSIX_MAGIC:
        path = f"{decode_text(prefix)}/{path}"
    if type_ == b"\0" and path.endswith("/"):
        kind = EntryKind.DIRECTORY  # as V7 writes them
    if link[0]:
        target = _decode_link(link, kind)
    elif type_ in _DEVICE_TYPES:
        target = f"{parse_number(major)}:{parse_number(minor)}"
    has_content = type_ not in _TYPES_WITHOUT_CONTENT and kind is not EntryKind.DIRECTORY
    stored_bytes = parse_number(size) if has_content else 0
    file_bytes = stored_bytes if kind is EntryKind.FILE else 0
    if type_ == b"S":
        file_bytes = parse_number(block[483:495])  # the real size, in GNU's old sparse format
    if stored_bytes < 0 or file_bytes < 0:
        raise Unreadable(f"a tar header states {min(stored_bytes, file_bytes):,} bytes")
    permissions = _parse_permissions(mode, uid, gid)
    return TarMember(clean_path(path), kind, file_bytes, stored_bytes, *permissions, target)


def parse_plain_entry(
    data: bytes, offset: int, stored_bytes: int, content_hash: str
) -> Entry | None:
    """Read the entry of a plain header at an offset; return None if it is not a plain one.

    `data` need not have more than the header's first 346 bytes, and the caller has checked its
    checksum. `stored_bytes` bytes follow it.
    """
    name, permissions, size, type_, link = _PLAIN_FIELDS.unpack_from(data, offset)
    kind = _PLAIN_KINDS.get(type_)
    # A size with blanks or in base 256 is left to `parse_member`.
    if kind is None or data[offset + _PREFIX_OFFSET] or size != b"%011o\0" % stored_bytes:
        return None
    path, target = name.rstrip(b"\0").decode("utf-8", "surrogateescape"), ""
    if (
        # Whatever `clean_path` would change; nearly no path needs the call.
        "./" in path
        or "//" in path
        or path[:1] == "/"
        or path[-1:] in _UNCLEAN_ENDINGS
        or "\0" in path
    ):
        path = clean_path(path.partition("\0")[0])
    if link[0]:
        target = _decode_link(link, kind)
    if stored_bytes:
        if kind is not EntryKind.FILE:
            return None
        if WHITEOUT_PREFIX in path and is_whiteout(path):
            stored_bytes, content_hash = 0, ""
    mode, uid, gid = _parse_plain_permissions(permissions)
    return _new_tuple(Entry, (path, kind, stored_bytes, mode, uid, gid, target, content_hash))


def clean_path(name: str) -> str:
    """Return a path relative to the image's root, without redundant dots and slashes."""
    name = name.removeprefix("./").rstrip("/")
    if name.startswith(("/", "./")) or "//" in name or "/./" in name or ".." in name:
        return posixpath.normpath("/" + name).lstrip("/")
    return "" if name == "." else name.removesuffix("/.")


def _decode_link(field: bytes, kind: EntryKind) -> str:
    """Return the target of a link; that of a hard link is a path of the tar and cleaned as such."""
    link = decode_text(field)
    return clean_path(link) if kind is EntryKind.HARDLINK else link


def decode_text(field: bytes) -> str:
    """Return the text of a field, which ends at its first zero byte."""
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


# The values of these fields repeat from entry to entry, so caches save most of the parsing.
@lru_cache(8192)
def _compute_expected_adler(checksum: bytes) -> int:
    """Return the lower half of Adler-32 over a header block with this checksum.

    It is the plain sum and one, modulo 65,521. The checksum is that of the block with blanks in
    place of the checksum itself.
    """
    return (1 + parse_number(checksum) + sum(checksum) - 8 * ord(" ")) % 65_521


@lru_cache(1024)
def _parse_permissions(mode: bytes, uid: bytes, gid: bytes) -> tuple[int, int, int]:
    return parse_number(mode) & 0o7777, parse_number(uid), parse_number(gid)


@lru_cache(1024)
def _parse_plain_permissions(field: bytes) -> tuple[int, int, int]:
    return _parse_permissions(field[:8], field[8:16], field[16:])


@lru_cache(8192)
def parse_number(field: bytes) -> int:
    """Read an octal number, or a base-256 one, which sets the first bit (GNU tar)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    if field[0] == 0xFF:
        return int.from_bytes(field, "big", signed=True)
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        raise Unreadable("a tar header has text where a number belongs") from None
