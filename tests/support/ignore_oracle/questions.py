"""Generated texts of `.dockerignore`, each with paths that it may mean."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PATHS_PER_TEXT = 40

_NAMES = ("a", "b", "ab", "a.b", ".b", "log", "a.log", "docs", "x y", "é", "A", "a-b", "1", "d")
_ODD_NAMES = ("[a]", "*", "**", "?", "a]", "^", "!a", "#a", "\\", "a\\b", "$", "a$", "(a|b)", "{1}")
_BYTES = (
    b"\xff",
    b"\xe2\x82",
    b"\xc3",
    "\ufffd".encode(),
    b"\n",
    b"\t",
    b"\x0b",
    b"\x85",
    b"\xc2\x85",
)
_MARK = "\ufeff".encode()
_WILDCARDS = (
    "*",
    "**",
    "?",
    "***",
    "**/",
    "/**",
    "/**/",
    "*.",
    "**.",
    "*?",
    "?*",
    "**a",
    "a**",
    "/*",
)
_BRACKETS = (
    *(
        "[ab]",
        "[a-c]",
        "[^a]",
        "[!a]",
        "[]a]",
        "[^]a]",
        "[a",
        "[",
        "]",
        "[]",
        "[^]",
        "[a-]",
        "[-a]",
    ),
    *(
        "[*]",
        "[?]",
        "[**]",
        "[a*]",
        "[a-*]",
        "[A-?]",
        "[^/]",
        "[/]",
        "[.]",
        "[$]",
        "[z-a]",
        "[\\]]",
    ),
    *(
        "[[:alpha:]]",
        "[[:^digit:]]",
        "[[:x:]]",
        "[[:a]",
        "[\\d]",
        "[\\w-z]",
        "[\\-a]",
        "[\\pL]",
        "[é-ü]",
    ),
    *(
        "[^\\W]",
        "[\\x41-\\x5a]",
        "[\\n]",
        "[a\\]b]",
        "[+-.]",
        "[(|)]",
        "[a&&b]",
        "[\\Q]",
        "[^?*]",
        "[ ]",
    ),
)
_ESCAPES = (
    *(
        "\\a",
        "\\d",
        "\\D",
        "\\w",
        "\\s",
        "\\b",
        "\\B",
        "\\A",
        "\\z",
        "\\Q",
        "\\E",
        "\\C",
        "\\pL",
        "\\PN",
    ),
    *(
        "\\pl",
        "\\p",
        "\\x41",
        "\\x4",
        "\\x",
        "\\1",
        "\\12",
        "\\0",
        "\\141",
        "\\*",
        "\\?",
        "\\[",
        "\\]",
    ),
    *(
        "\\\\",
        "\\.",
        "\\/",
        "\\ ",
        "\\!",
        "\\#",
        "\\-",
        "\\_",
        "\\é",
        "\\e",
        "\\n",
        "\\",
        "\\(",
        "\\|",
    ),
)
_OPERATORS = ("^", "$", "+", "(", ")", "|", "{", "}", "{2}", "a+", "(a)", "a|b", ".", "&", "~", "-")
_MEANINGS = (
    (b"**/", (b"", b"a/", b"a/b/")),
    (b"**", (b"", b"a", b"a/b")),
    (b"*", (b"", b"a", b"ab")),
    (b"?", (b"a", b"b")),
)
_PREFIXES = (
    "",
    "",
    "",
    "",
    "!",
    "!",
    "/",
    "./",
    "../",
    "!/",
    "! ",
    "!!",
    "!../",
    "!../../",
    "//",
    "#",
)
_BLANKS = (" ", "\t", "\v", "\f", "\r", "\x1c", "\x85", "\xa0", "\u2028", "\u3000", "\u200b", "\0")
_ENDS = (
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\r\r\n",
    "\f\n",
    "\x1e",
    "\u2028",
    "\n\n",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A text, and paths of files."""

    text: bytes
    paths: tuple[bytes, ...]


def generate_questions(seed: int, count: int) -> Iterator[Question]:
    """Yield as many questions; the same for the same seed."""
    chance = random.Random(seed)
    return (_make_question(chance) for _ in range(count))


def _make_question(chance: random.Random) -> Question:
    lines = [_make_line(chance) for _ in range(chance.choice((1, 1, 2, 2, 3, 4, 6)))]
    text = b"".join(line + chance.choice(_ENDS).encode() for line in lines)
    if chance.random() < 0.03:
        text = _MARK + text
    if chance.random() < 0.02:
        text = (
            chance.choice((b"#", b"a", b"x" * 9)) * chance.choice((7281, 7282, 65535, 65536)) + text
        )
    return Question(text, _drop_folders(_make_path(chance, lines) for _ in range(PATHS_PER_TEXT)))


def _make_line(chance: random.Random) -> bytes:
    kinds: Sequence[Sequence[str]] = (_NAMES, _WILDCARDS, ("/",), _BRACKETS, _ESCAPES, _OPERATORS)
    weights = chance.choice(((4, 3, 2, 0, 0, 0), (9, 6, 4, 1, 1, 1), (3, 3, 2, 2, 2, 1)))
    count = chance.choice((1, 2, 2, 3, 3, 4, 5, 7))
    pieces = [chance.choice(x) for x in chance.choices(kinds, weights, k=count)]
    line = (chance.choice(_PREFIXES) + "".join(pieces)).encode()
    if chance.random() < 0.06:
        position = chance.randint(0, len(line))
        odd = chance.choice((*_BYTES, _MARK, *(x.encode() for x in _BLANKS)))
        line = line[:position] + odd + line[position:]
    return line


def _guess_path(chance: random.Random, line: bytes) -> bytes:
    """Return a path that a line may mean."""
    text = line.strip(b"!/ \r").removeprefix(b"./").removeprefix(b"../")
    text = re.sub(rb"\[\^?(.)[^\]]*\]", lambda match: chance.choice((match[1], b"a", b"c")), text)
    for wildcard, meanings in _MEANINGS:
        text = text.replace(wildcard, chance.choice(meanings))
    return text if chance.random() < 0.7 else text.replace(b"\\", b"")


def _make_path(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    names = [_make_name(chance, lines) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))]
    guess = _guess_path(chance, chance.choice(lines)) if chance.random() < 0.8 else b"a"
    position = 0 if chance.random() < 0.3 else len(names)
    raw = b"/".join((*names[position:], guess, *names[:position])).replace(b"\0", b"")
    names = [name[:99] for name in raw.split(b"/") if name not in {b"", b".", b".."}]
    return b"/".join(names) or b"a"


def _make_name(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    kind = chance.random()
    name = chance.choice(_NAMES).encode()
    if kind < 0.4:
        name = chance.choice(chance.choice(lines).split(b"/"))
    elif kind > 0.9:
        name = chance.choice(_ODD_NAMES).encode()
    if chance.random() < 0.05:
        name += chance.choice((*_BYTES, _MARK, b".log", b"$", b"a"))
    return name


def _drop_folders(paths: Iterator[bytes]) -> tuple[bytes, ...]:
    """Return the paths, sorted, without those that others are below."""
    files = set(paths)
    folders = {path[:end] for path in files for end, byte in enumerate(path) if byte == ord("/")}
    return tuple(sorted(files - folders))
