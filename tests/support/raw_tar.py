"""Tar headers written byte by byte, with values that no tool writes."""

import tarfile

BLOCK = 512
END = bytes(2 * BLOCK)


def raw_header(
    name: str, size: int = 0, type_: bytes = tarfile.REGTYPE, size_field: bytes | None = None
) -> bytes:
    """Return a header with a right checksum; `size_field` has the 12 bytes of the size."""
    block = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)[:BLOCK])
    block[:100] = name.encode()[:100].ljust(100, b"\0")
    block[156:157] = type_
    block[124:136] = size_field or encode_number(size)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def encode_number(number: int) -> bytes:
    """Return a size in octal digits, or in binary where those do not suffice."""
    if 0 <= number < 8**11:
        return b"%011o\0" % number
    sign = 0x80 if number >= 0 else 0xFF
    return bytes([sign]) + number.to_bytes(11, "big", signed=number < 0)


def extended(body: bytes, type_: bytes = tarfile.XHDTYPE) -> bytes:
    """Return an extended header with its body."""
    return raw_header("extended", len(body), type_) + body + bytes(-len(body) % BLOCK)


def pax(records: dict[str, str], type_: bytes = tarfile.XHDTYPE) -> bytes:
    """Return a PAX header of records."""
    body = b""
    for key, value in records.items():
        record = f" {key}={value}\n".encode()
        length = len(record) + 1
        while len(str(length)) + len(record) != length:
            length = len(str(length)) + len(record)
        body += str(length).encode() + record
    return extended(body, type_)


def member(name: str, content: bytes) -> bytes:
    """Return a regular file."""
    return raw_header(name, len(content)) + content + bytes(-len(content) % BLOCK)
