"""Split what follows an instruction's keyword, as BuildKit's parser does.

Flags come first; then, by keyword, one text, words, quoted words, or a JSON list of strings. The
grammar is that of frontend/dockerfile/parser in moby/buildkit, which no Python library reproduces.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.expansion import split_words
from bot.dockerfile.expansion_allowance import BadExpansion
from bot.dockerfile.parameter_expansion import ExpansionOptions
from bot.dockerfile.source_text import ASCII_BLANK, BLANK, MappedText, Span

# How each keyword's arguments are split: the table `dispatch` of BuildKit's parser.go.
JSON_KEYWORDS = ("ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME")
_TEXT_KEYWORDS = (
    "CMD",
    "ENTRYPOINT",
    "HEALTHCHECK",
    "MAINTAINER",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "WORKDIR",
)
_PAIR_KEYWORDS = ("ENV", "LABEL")
_WORD_KEYWORDS = ("ADD", "COPY", "EXPOSE", "FROM", "VOLUME")
# `reWhitespace` of BuildKit's line_parsers.go; a logical line holds no line feed.
_BLANKS = re.compile(r"[\t\v\f\r ]+")
# Go's unicode.IsSpace of a single byte.
_BYTE_BLANKS = ASCII_BLANK + "\x85\xa0"
# Go's encoding/json reads a lone surrogate as U+FFFD; Python's keeps it and cannot encode it.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# `reHeredoc` of BuildKit's parser: an optional file descriptor, `<<`, `-` to strip tabs, the word.
_HEREDOC_MARKER = re.compile(r"\d*<<(-?)[\t\n\f\r ]*([^<]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Flag:
    """`--name=value` in front of the arguments.

    `value` is None for a flag without `=`.
    """

    name: str
    value: str | None
    span: Span

    @property
    def text(self) -> str:
        """Return the flag without its quotes and escapes."""
        return f"--{self.name}" if self.value is None else f"--{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class HeredocMarker:
    """The `<<WORD` that announces a heredoc."""

    name: str
    strips_tabs: bool
    expands: bool


def split_flags(rest: MappedText, escape: str) -> tuple[tuple[Flag, ...], MappedText]:
    """Split the flags from the arguments after them.

    A lone `--` ends the flags. BuildKit reads them byte by byte: a byte 0x85 or 0xA0 is a blank,
    also inside of a character, and each other byte is a character of Latin-1.
    """
    flags: list[Flag] = []
    text, indexes = _read_bytes(rest.text)
    start = _skip_blanks(text, 0)
    while text.startswith("--", start):
        word, end = _read_flag(text, start, escape)
        if word == "--":
            start = end
            break
        name, equals, value = word.removeprefix("--").partition("=")
        span = rest[indexes[start] : indexes[end]].span
        flags.append(Flag(name, value if equals else None, span))
        start = _skip_blanks(text, end)
    return tuple(flags), rest[indexes[start] :].strip()


def _read_bytes(text: str) -> tuple[str, Sequence[int]]:
    """Return each byte of a text as a character, and the index in the text at each."""
    if text.isascii() or not text.lstrip(ASCII_BLANK).startswith("--"):
        return text, range(len(text) + 1)
    indexes = [index for index, x in enumerate(text) for _ in x.encode("utf-8", "replace")]
    return text.encode("utf-8", "replace").decode("latin-1"), (*indexes, len(text))


def _skip_blanks(text: str, start: int) -> int:
    while text[start : start + 1] and text[start] in _BYTE_BLANKS:
        start += 1
    return start


def _read_flag(text: str, start: int, escape: str) -> tuple[str, int]:
    """Return the word that starts there without quotes and escapes, and its end."""
    word, quote, escaped = "", "", False
    for index in range(start, len(text)):
        character = text[index]
        if escaped:
            word, escaped = word + character, False
        elif character == escape:
            escaped = True
        elif character == quote:
            quote = ""
        elif quote:
            word += character
        elif character in ("'", '"'):
            quote = character
        elif character in _BYTE_BLANKS:
            return word, index
        else:
            word += character
    return word, len(text)


def split_healthcheck_kind(
    keyword: str, arguments: MappedText
) -> tuple[tuple[str, ...], MappedText]:
    """Split the kind of a `HEALTHCHECK` (`CMD`, `NONE`) from its command.

    Other keywords have no kind: the first part is empty.
    """
    if keyword != "HEALTHCHECK" or not arguments.text:
        return (), arguments
    kind = re.split(f"[{ASCII_BLANK}]", arguments.text, maxsplit=1)[0]
    return (kind,), arguments[len(kind) :].lstrip(ASCII_BLANK)


def parse_json_strings(text: str) -> tuple[str, ...] | None:
    """Parse a JSON list of strings; return None if the text is anything else.

    BuildKit falls back to the shell form where it is no JSON list, without a warning.
    """
    values = _load_json_list(text)
    if values is None:
        return None
    strings = [_LONE_SURROGATE.sub("\ufffd", value) for value in values if isinstance(value, str)]
    return tuple(strings) if len(strings) == len(values) else None


def has_other_json_values(keyword: str, arguments: MappedText) -> bool:
    """Return True for a JSON list with a value that is no string, which BuildKit refuses."""
    if keyword not in JSON_KEYWORDS:
        return False
    _, command = split_healthcheck_kind(keyword, arguments)
    values = _load_json_list(command.text)
    return values is not None and not all(isinstance(value, str) for value in values)


def _load_json_list(text: str) -> list[object] | None:
    """Return a JSON list as Go's encoding/json reads it; None for anything else."""
    if not text.lstrip(BLANK).startswith("["):
        return None
    try:
        values: list[object] = json.loads(
            text.strip(BLANK),
            parse_constant=_reject_constant,
            parse_int=_check_number,
            parse_float=_check_number,
        )
    except (ValueError, OverflowError, RecursionError):
        return None
    return values


def _check_number(digits: str) -> float:
    """Return a number; OverflowError where it is none of Go's float64."""
    # To Go a number beyond float64 is a mistake, and the text no JSON but a command for the shell.
    number = float(digits)
    if math.isinf(number):
        raise OverflowError(digits)
    return number


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def split_arguments(keyword: str, text: str, escape: str) -> tuple[str, ...]:
    """Split the arguments of an instruction that are not JSON.

    Quotes and variables stay as they were written. `ENV` and `LABEL` give names and values in
    turn.
    """
    if not text:
        return ()
    if keyword in _TEXT_KEYWORDS:
        return (text,)
    if keyword in _WORD_KEYWORDS:
        return tuple(_BLANKS.split(text))
    if keyword == "ARG":
        return tuple(split_quoted_words(text, escape))
    if keyword in _PAIR_KEYWORDS:
        return tuple(part for pair in split_pairs(text, escape) for part in pair)
    return ()


def split_pairs(text: str, escape: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of `NAME=value …`, or of the older `NAME value`."""
    words = split_quoted_words(text, escape)
    # The first word decides for the whole instruction (`parseNameVal` in line_parsers.go).
    if words and "=" not in words[0]:
        name, *rest = _BLANKS.split(text, maxsplit=1)
        yield name, rest[0] if rest else ""
        return
    for word in words:
        name, _, value = word.partition("=")
        yield name, value


def split_quoted_words(text: str, escape: str) -> list[str]:
    """Split words at blanks that are neither quoted nor escaped; quotes and escapes stay."""
    token = re.escape(escape)
    # A quote that is never closed reaches to the end of the text, as in `parseWords` of BuildKit.
    double = rf'"(?:{token}.|[^"{token}])*(?:"|(?={token}?\Z))'
    single = r"'[^']*(?:'|\Z)"
    plain = rf"[^{re.escape(BLANK)}{token}'\"]"
    return re.findall(f"(?:{token}.|{double}|{single}|{plain})+", text, re.DOTALL)


def find_heredoc_markers(line: str) -> Iterator[HeredocMarker]:
    """Yield the heredocs that a whole instruction announces, in order."""
    if "<<" not in line:
        return
    try:
        words = split_words(
            line, ExpansionOptions(keep_quotes=True, keep_escapes=True, keep_unset=True)
        )
    except BadExpansion:
        return
    for word in words:
        marker = parse_heredoc_marker(word)
        if marker:
            yield marker


def parse_heredoc_marker(word: str) -> HeredocMarker | None:
    """Parse a word that is nothing but `<<NAME`; return None for any other."""
    match = _HEREDOC_MARKER.fullmatch(word)
    if not match or not match[2]:
        return None
    try:
        plain = split_words(match[2], ExpansionOptions(keep_unset=True))
        raw = split_words(match[2], ExpansionOptions(keep_quotes=True, keep_unset=True))
    except BadExpansion:
        return None
    if len(plain) != 1:
        return None
    # A word with quotes anywhere (`<<"EOF"`) turns off variables in the body, as in a POSIX shell.
    return HeredocMarker(
        plain[0], match[1] == "-", expands=_count_quotes(plain[0]) == _count_quotes(raw[0])
    )


def _count_quotes(word: str) -> int:
    return word.count("'") + word.count('"')
