"""Sets of characters in the regular expressions of ignore patterns, as Go's regexp reads them.

The rules are those of regexp/syntax with the flags of `regexp.Compile`.
"""

import re
import string
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_INVALID = 0xFFFD  # what Go reads in place of a byte that is no UTF-8

# The groups of perl_groups.go in regexp/syntax: ASCII alone, and `\s` without a vertical tab.
_DIGITS = ((0x30, 0x39),)
_WORD = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_PERL_RANGES = {"d": _DIGITS, "s": ((0x9, 0xA), (0xC, 0xD), (0x20, 0x20)), "w": _WORD}
_POSIX_RANGES = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x0, 0x7F),),
    "blank": ((0x9, 0x9), (0x20, 0x20)),
    "cntrl": ((0x0, 0x1F), (0x7F, 0x7F)),
    "digit": _DIGITS,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x9, 0xD), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": _WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
_CATEGORIES = frozenset(
    (*"CLMNPSZ", "Cc", "Cf", "Cn", "Co", "Cs", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn")
    + ("Nd", "Nl", "No", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So")
    + ("Zl", "Zp", "Zs")
)
_CONTROL_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_OCTAL_DIGITS = tuple(string.octdigits)


class BadExpressionError(ValueError):
    """An expression that Go's regexp refuses."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Ranges of code points, or a general category of Unicode; or all others."""

    ranges: tuple[tuple[int, int], ...] = ()
    category: str = ""
    is_negated: bool = False

    def contains(self, code: int) -> bool:
        if self.category:
            category = unicodedata.category(chr(code))
            is_inside = category.startswith(self.category)
        else:
            is_inside = any(low <= code <= high for low, high in self.ranges)
        return is_inside != self.is_negated


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """A set of the characters of a path, in which a byte that is no UTF-8 is a lone surrogate.

    An expression takes such a byte for U+FFFD; with `is_exact`, each is only itself. `last_byte`
    adds the characters that UTF-8 ends with it.
    """

    parts: tuple[_Part, ...]
    is_negated: bool = False
    is_exact: bool = False
    last_byte: bytes = b""

    def contains(self, character: str) -> bool:
        """Return True if the set has a character."""
        if self.last_byte and character.encode("utf-8", "surrogateescape").endswith(self.last_byte):
            return True
        code = ord(character)
        if not self.is_exact and 0xD800 <= code <= 0xDFFF:
            code = _INVALID
        return any(part.contains(code) for part in self.parts) != self.is_negated

    @property
    def single(self) -> str | None:
        """The character of a set that has only one."""
        if self.is_negated or len(self.parts) != 1 or len(self.parts[0].ranges) != 1:
            return None
        ((low, high),) = self.parts[0].ranges
        is_single = low == high and not self.parts[0].is_negated
        is_itself = self.is_exact or (low != _INVALID and not 0xD800 <= low <= 0xDFFF)
        return chr(low) if is_single and is_itself else None


ANY_CHARACTER = CharacterSet((), is_negated=True)


def make_literal(character: str | int, *, is_exact: bool = False) -> CharacterSet:
    """Return the set of a single character."""
    code = ord(character) if isinstance(character, str) else character
    return CharacterSet((_Part(((code, code),)),), is_exact=is_exact)


ANY_BUT_NEWLINE = CharacterSet((_Part(((10, 10),)),), is_negated=True)


class TextCursor:
    """A position in an expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def at_end(self) -> bool:
        """Return True behind the last character."""
        return self._position >= len(self._text)

    def peek(self, length: int = 1) -> str:
        """Return the next characters; fewer at the end."""
        return self._text[self._position : self._position + length]

    def take(self, length: int = 1) -> str:
        """Return the next characters and go on behind them; BadExpressionError at the end."""
        characters = self.peek(length)
        if not characters:
            raise BadExpressionError("unexpected end")
        self._position += len(characters)
        return characters

    def take_if(self, text: str) -> bool:
        """Go on behind `text` and return True, if it is next."""
        if self._text.startswith(text, self._position):
            self._position += len(text)
            return True
        return False

    def take_until(self, end: str) -> str:
        """Return what comes before `end`, and go on behind it; all the rest without one."""
        before, _, _ = self._text[self._position :].partition(end)
        self._position += len(before) + len(end)
        return before

    def match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        """Return the match of an expression for what is next, if there is one."""
        return expression.match(self._text, self._position)

    def find(self, text: str, offset: int) -> int:
        """Return how far `text` is from here, at least `offset`; -1 if it does not come."""
        index = self._text.find(text, self._position + offset)
        return index - self._position if index >= 0 else -1


def parse_escape(cursor: TextCursor) -> CharacterSet:
    r"""Parse `\d`, `\pL`, `\x41` and the like outside of brackets."""
    part = _parse_escaped_group(cursor)
    return CharacterSet((part,)) if part else make_literal(_parse_escaped_code(cursor))


def parse_brackets(cursor: TextCursor) -> CharacterSet:
    """Parse `[a-z]`."""
    cursor.take()
    is_negated = cursor.take_if("^")
    return CharacterSet(tuple(_parse_parts(cursor)), is_negated)


def _parse_parts(cursor: TextCursor) -> Iterator[_Part]:
    is_first = True  # a `]` in the first place is an ordinary character
    while is_first or cursor.peek() != "]":
        is_first = False
        yield (
            _parse_named_group(cursor)
            or _parse_escaped_group(cursor)
            or _Part((_parse_range(cursor),))
        )
    cursor.take()


def _parse_range(cursor: TextCursor) -> tuple[int, int]:
    low = high = _parse_code(cursor)
    following = cursor.peek(2)
    if len(following) == 2 and following[0] == "-" and following[1] != "]":
        cursor.take()
        high = _parse_code(cursor)
    if high < low:
        raise BadExpressionError("invalid character class range")
    return low, high


def _parse_code(cursor: TextCursor) -> int:
    return _parse_escaped_code(cursor) if cursor.peek() == "\\" else ord(cursor.take())


def _parse_named_group(cursor: TextCursor) -> _Part | None:
    """Parse `[:alpha:]`; an unfinished one is characters like others."""
    if cursor.peek(2) != "[:" or len(cursor.peek(3)) < 3:
        return None
    length = cursor.find(":]", 2)
    if length < 0:
        return None
    name = cursor.take(length + 2)[2:-2]
    is_negated = name.startswith("^")
    ranges = _POSIX_RANGES.get(name.removeprefix("^"))
    if ranges is None:
        raise BadExpressionError("invalid character class range")
    return _Part(ranges, is_negated=is_negated)


def _parse_escaped_group(cursor: TextCursor) -> _Part | None:
    r"""Parse `\d` and `\pL`."""
    escape = cursor.peek(2)
    if len(escape) < 2 or escape[0] != "\\":
        return None
    letter = escape[1]
    if letter in "pP":
        cursor.take(2)
        name = _take_braces(cursor) if cursor.take_if("{") else cursor.take()
        category = re.sub("[-_ ]", "", name.removeprefix("^")).capitalize()
        # Go has names of scripts and some more, which no ignore file has: they count as mistakes.
        if category not in _CATEGORIES:
            raise BadExpressionError("invalid character class range")
        return _Part(category=category, is_negated=(letter == "P") != name.startswith("^"))
    ranges = _PERL_RANGES.get(letter.lower())
    if ranges is None:
        return None
    cursor.take(2)
    return _Part(ranges, is_negated=letter.isupper())


def _parse_escaped_code(cursor: TextCursor) -> int:
    cursor.take()
    character = cursor.take()
    if character in _CONTROL_ESCAPES:
        return _CONTROL_ESCAPES[character]
    if character == "x":
        is_long = cursor.take_if("{")
        return _parse_hexadecimal(
            _take_braces(cursor) if is_long else cursor.take() + cursor.take()
        )
    # A single digit other than zero would refer to a group, which Go does not have.
    if character == "0" or (character in _OCTAL_DIGITS and cursor.peek() in _OCTAL_DIGITS):
        digits = character
        while len(digits) < 3 and cursor.peek() in _OCTAL_DIGITS:
            digits += cursor.take()
        return int(digits, 8)
    if character.isascii() and not character.isalnum():
        return ord(character)
    raise BadExpressionError("invalid escape sequence")


def _parse_hexadecimal(digits: str) -> int:
    if not digits or not set(digits) <= set(string.hexdigits):
        raise BadExpressionError("invalid escape sequence")
    code = int(digits, 16)
    if code > sys.maxunicode:
        raise BadExpressionError("invalid escape sequence")
    return code


def _take_braces(cursor: TextCursor) -> str:
    """Take what comes before a closing brace, and the brace."""
    length = cursor.find("}", 0)
    if length < 0:
        raise BadExpressionError("missing brace")
    return cursor.take(length + 1)[:-1]
