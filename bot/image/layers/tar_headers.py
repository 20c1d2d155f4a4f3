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
from bot.model.files import WHITEOUT, Entry, Kind, is_whiteout

BLOCK = 512
TYPE = 156  # where a header has its type

# Bounds for hostile layers. Linux takes no path beyond PATH_MAX; the rest of a PAX header are
# extended attributes, of at most 64 kB each.
_MAX_PATH = 4096
_MAX_EXTENDED = 1 << 20
_MAX_CHAIN = 16

_FIELDS = struct.Struct("100s8s8s8s12s20xc100s6s66x8s8s155s12x")
_UNSET = (b"", b"\0")
# Of these the fields of a plain header tell everything.
_START = struct.Struct("100s24s12s20xc100s")
_PREFIX = 345
_PLAIN_KINDS = {b"0": Kind.FILE, b"1": Kind.HARDLINK, b"2": Kind.SYMLINK, b"5": Kind.DIRECTORY}
_POSIX = b"ustar\0"
_DEVICES = (b"3", b"4")
_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,  # contiguous: the same to everyone today
    b"S": Kind.FILE,  # sparse, as GNU wrote it before PAX
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.DIRECTORY,
}
# Nothing follows these, whatever size they state.
_WITHOUT_CONTENT = frozenset(b"123456"[i : i + 1] for i in range(6))
_EXTENDED = {b"x": "", b"X": "", b"g": "", b"L": "path", b"K": "linkpath"}

_NOT_LAST = ("/", ".", "")  # of a clean path
_new = tuple.__new__
Take = Callable[[int], bytes]


class Member(NamedTuple):
    """An entry's header. `size` is the file's own, `stored` the bytes that follow it in the tar."""

    path: str
    kind: Kind
    size: int
    stored: int
    mode: int
    uid: int
    gid: int
    link: str


class HeaderReader:
    """Reads one header after another; global PAX headers stay in force."""

    def __init__(self) -> None:
        """At the beginning of a tar."""
        self._global: dict[str, str] = {}

    @property
    def extended(self) -> bool:
        """Whether a global header changes what plain ones say."""
        return bool(self._global)

    def next(self, take: Take) -> Member | None:
        """The next entry; None at the end.

        `take` gives the next so many bytes, none where the tar ends; it raises Unreadable if it ends
        amid them.
        """
        block, extended = take(BLOCK), self._global
        for _ in range(_MAX_CHAIN):
            type_ = block[TYPE : TYPE + 1]
            if type_ not in _EXTENDED:
                if type_ in _UNSET and not is_set(block):
                    return None
                if type_ == b"S":
                    _pass_sparse_map(block, take)
                return extend(member(block), extended) if extended else member(block)
            extended = extended | _read(block, take)
            if type_ == b"g":
                self._global = extended
            block = take(BLOCK)
        raise Unreadable(f"a tar has more than {_MAX_CHAIN} extended headers in a row")


def is_set(block: bytes) -> bool:
    """Whether a block holds anything but zeros, which mark the end."""
    return block.count(0) != len(block)


def is_sound(block: bytes) -> bool:
    """Whether the checksum of a header block is right."""
    return zlib.adler32(block) & 0xFFFF == _adler(block[148:156])


def stated_size(block: bytes) -> int:
    """The size that a plain header states; something of no use where it is no plain one."""
    try:
        return max(0, int(block[124:135], 8))
    except ValueError:
        return 0


def member(block: bytes) -> Member:
    """The entry of one header block; Unreadable if it is broken."""
    name, mode, uid, gid, size, type_, link, magic, major, minor, prefix = _FIELDS.unpack(block)
    if not is_sound(block):
        raise Unreadable("the checksum of a tar header does not match")
    kind, path, target = _KINDS.get(type_, Kind.OTHER), _text(name), ""
    if prefix[0] and magic == _POSIX:
        path = f"{_text(prefix)}/{path}"
    if type_ == b"\0" and path.endswith("/"):
        kind = Kind.DIRECTORY  # as V7 writes them
    if link[0]:
        target = clean(_text(link)) if kind is Kind.HARDLINK else _text(link)
    elif type_ in _DEVICES:
        target = f"{_number(major)}:{_number(minor)}"
    stored = 0 if type_ in _WITHOUT_CONTENT or kind is Kind.DIRECTORY else _number(size)
    real = _number(block[483:495]) if type_ == b"S" else stored if kind is Kind.FILE else 0
    if stored < 0 or real < 0:
        raise Unreadable(f"a tar header states {min(stored, real):,} bytes")
    return Member(clean(path), kind, real, stored, *_rights(mode, uid, gid), target)


def plain_entry(data: bytes, at: int, stored: int, content: str) -> Entry | None:
    """The entry of a header that begins at `at`, of which `data` need not have more than 346 bytes,
    and whose sum somebody else has checked; `stored` bytes follow it. None if it is no plain one.
    """
    name, rights, size, type_, link = _START.unpack_from(data, at)
    kind = _PLAIN_KINDS.get(type_)
    if kind is None or data[at + _PREFIX] or size != b"%011o\0" % stored:
        return None
    path, target = name.rstrip(b"\0").decode("utf-8", "surrogateescape"), ""
    if "./" in path or "//" in path or path[:1] == "/" or path[-1:] in _NOT_LAST or "\0" in path:
        path = clean(path.partition("\0")[0])
    if link[0]:
        target = clean(_text(link)) if kind is Kind.HARDLINK else _text(link)
    if stored and (kind is not Kind.FILE or (WHITEOUT in path and is_whiteout(path))):
        if kind is not Kind.FILE:
            return None
        stored, content = 0, ""
    mode, uid, gid = _plain_rights(rights)
    return _new(Entry, (path, kind, stored, mode, uid, gid, target, content))


def extend(found: Member, extended: Mapping[str, str]) -> Member:
    """An entry with what its extended headers say of it."""
    path = extended.get("GNU.sparse.name") or extended.get("path")
    path = clean(path) if path else found.path
    link = extended.get("linkpath", found.link)
    if len(path) > _MAX_PATH or len(link) > _MAX_PATH:
        raise Unreadable(f"a tar holds a path of more than {_MAX_PATH:,} characters")
    uid, gid = _integer(extended, "uid", found.uid), _integer(extended, "gid", found.gid)
    link = clean(link) if found.kind is Kind.HARDLINK else link
    found = found._replace(path=path, uid=uid, gid=gid, link=link)
    if found.kind is not Kind.FILE:
        return found
    stored = _integer(extended, "size", found.stored)
    real = _integer(extended, "GNU.sparse.size", stored if "size" in extended else found.size)
    return found._replace(stored=stored, size=_integer(extended, "GNU.sparse.realsize", real))


def clean(name: str) -> str:
    """A name relative to the root of the image, whatever dots and slashes it came with."""
    name = name.removeprefix("./").rstrip("/")
    if name.startswith(("/", "./")) or "//" in name or "/./" in name or ".." in name:
        return posixpath.normpath("/" + name).lstrip("/")
    return "" if name == "." else name.removesuffix("/.")


def _pass_sparse_map(block: bytes, take: Take) -> None:
    """Passes over the blocks that go on with an old sparse file's map."""
    more = block[156:157] == b"S" and block[482] != 0
    while more:
        more = take(BLOCK)[504:505] not in (b"", b"\0")


def _read(block: bytes, take: Take) -> dict[str, str]:
    """What an extended header says."""
    size = _number(block[124:136])
    if not 0 <= size <= _MAX_EXTENDED:
        raise Unreadable(f"an extended header of a tar states {size:,} bytes")
    body = take(size + -size % BLOCK)[:size]
    key = _EXTENDED[block[TYPE : TYPE + 1]]
    return {key: _text(body)} if key else _records(body)


def _records(body: bytes) -> dict[str, str]:
    """The records of a PAX header, `length key=value` and a newline each."""
    records: dict[str, str] = {}
    at = 0
    while at < len(body) and body[at]:
        length, _, _ = body[at : at + 20].partition(b" ")
        end = at + (int(length) if length.isdigit() else 0)
        key, equals, value = body[at + len(length) + 1 : end - 1].partition(b"=")
        if not equals or end > len(body):
            raise Unreadable("an extended header of a tar is malformed")
        records[_text(key)] = _text(value)
        at = end
    return records


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _integer(extended: Mapping[str, str], key: str, otherwise: int) -> int:
    text = extended.get(key)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Unreadable(f"an extended header of a tar states {text[:40]!r} as {key}")
    return int(text)


@lru_cache(8192)
def _adler(checksum: bytes) -> int:
    """The lower half of Adler-32 over a block with this checksum: the plain sum and one, modulo
    65,521. The checksum is that of the block with blanks in its own place."""
    return (1 + _number(checksum) + sum(checksum) - 8 * ord(" ")) % 65_521


@lru_cache(1024)
def _rights(mode: bytes, uid: bytes, gid: bytes) -> tuple[int, int, int]:
    return _number(mode) & 0o7777, _number(uid), _number(gid)


@lru_cache(1024)
def _plain_rights(field: bytes) -> tuple[int, int, int]:
    return _rights(field[:8], field[8:16], field[16:])


@lru_cache(8192)
def _number(field: bytes) -> int:
    """Octal digits; or base 256, where the first bit is set, for what these cannot hold."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    if field[0] == 0xFF:
        return int.from_bytes(field, "big", signed=True)
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        raise Unreadable(f"a tar header holds {field!r} where a number belongs") from None
