"""Changes of an input by chance: bytes, slices, numbers, words of the format, values of JSON."""

import copy
import json
import random
import re
from collections.abc import Sequence
from typing import Any

_NUMBERS = (
    *(b"0", b"-1", b"1", b"255", b"65536", b"4294967295", b"9223372036854775808"),
    *(b"9" * 30, b"9" * 5000, b"1e400", b"-0", b"0x1f", b"1.5", b"00000000000", b"77777777777"),
)
_BYTES = (0, 1, 0x0A, 0x20, 0x22, 0x2F, 0x7F, 0x80, 0xFF)
_VALUES: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 1 << 31, 1 << 64, 10**30, 1.5, 1e300, "", "x", "\0", "\ud800"),
    *("x" * 5000, "../" * 50, [], ["x"], [[]], {}, {"x": 1}, {"digest": {}}, [None] * 20),
)
_DIGITS = re.compile(rb"\d+")
_BLOCK = 512


def mutate(
    data: bytes, others: Sequence[bytes], words: Sequence[bytes], chance: random.Random
) -> bytes:
    """Return an input with a few changes; of some formats half of them stay well-formed."""
    if (
        chance.random() < 0.5
        and data[:1] in (b"{", b"[")
        and (changed := _change_json(data, chance))
    ):
        return changed
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 10, 30))):
        data = chance.choice(_CHANGES)(data, others, words, chance)
    if chance.random() < 0.7:
        data = fix_checksums(data)
    return data[:400_000]


def fix_checksums(data: bytes) -> bytes:
    """Return a tar with right checksums in all that looks like a header."""
    fixed = bytearray(data)
    for start in range(0, min(len(data), 40 * _BLOCK) - _BLOCK + 1, _BLOCK):
        if data[start + 257 : start + 262] == b"ustar":
            fixed[start + 148 : start + 156] = b" " * 8
            checksum = sum(fixed[start : start + _BLOCK])
            fixed[start + 148 : start + 156] = b"%06o\0 " % checksum
    return bytes(fixed)


def _change_json(data: bytes, chance: random.Random) -> bytes | None:
    """Return a document with other values in a few places; None if it is no JSON."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    for _ in range(chance.choice((1, 1, 2, 4))):
        document = _replace_value(document, chance)
    return json.dumps(document).encode()


def _replace_value(document: Any, chance: random.Random) -> Any:
    keys: list[Any] = []
    if isinstance(document, dict):
        keys = list(document)
    elif isinstance(document, list):
        keys = list(range(len(document)))
    if not keys or chance.random() < 0.15:
        return copy.deepcopy(chance.choice(_VALUES))  # since it may be changed in turn
    key = chance.choice(keys)
    if isinstance(document, dict) and chance.random() < 0.1:
        del document[key]
    else:
        document[key] = _replace_value(document[key], chance)
    return document


def _set_byte(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    if not data:
        return b"\0"
    at = chance.randrange(len(data))
    byte = chance.choice(_BYTES) if chance.random() < 0.5 else chance.randrange(256)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def _flip_bit(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    if not data:
        return b"\1"
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _set_number(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    """Replace a binary number of 2, 4 or 8 bytes by an extreme one."""
    size = chance.choice((2, 4, 8))
    at = chance.randrange(max(1, len(data)))
    number = chance.choice((0, 1, 0x7F, 0xFF, -1, 1 << 8 * size - 1, (1 << 8 * size - 1) - 1))
    order = chance.choice(("big", "little"))
    value = (number % (1 << 8 * size)).to_bytes(size, "big" if order == "big" else "little")
    return data[:at] + value + data[at + size :]


def _set_digits(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    matches = [match.span() for match in _DIGITS.finditer(data[:50_000])]
    if not matches:
        return data + chance.choice(_NUMBERS)
    start, end = chance.choice(matches)
    return data[:start] + chance.choice(_NUMBERS) + data[end:]


def _insert_word(data: bytes, others: Any, words: Sequence[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    word = chance.choice(words) if words else bytes([chance.randrange(256)])
    return data[:at] + word * chance.choice((1, 1, 1, 2, 50)) + data[at:]


def _delete_slice(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    start, end = _choose_slice(data, chance)
    return data[:start] + data[end:]


def _repeat_slice(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    start, end = _choose_slice(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 30)) + data[end:]


def _move_slice(data: bytes, others: Sequence[bytes], words: Any, chance: random.Random) -> bytes:
    """Insert a slice of this or another input."""
    source = chance.choice(others) if others and chance.random() < 0.5 else data
    start, end = _choose_slice(source, chance)
    at = chance.randrange(len(data) + 1)
    return data[:at] + source[start:end] + data[at:]


def _cut(data: bytes, others: Any, words: Any, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _choose_slice(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 2, 4, 16, 100, 512, 5000)))


_CHANGES = (
    *(_set_byte, _set_byte, _flip_bit, _set_number, _set_digits, _insert_word, _insert_word),
    *(_delete_slice, _repeat_slice, _move_slice, _cut),
)
