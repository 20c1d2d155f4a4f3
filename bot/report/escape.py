"""The one place where text that we did not write is made harmless.

Names, instructions, branches, file names, error texts and build logs come from strangers. Entities
keep them from being Markdown or HTML. They do not keep GitHub from finding mentions, issue numbers
and emoji, since it looks for those once more after it has decoded the entities (cmark-gfm#181): there
only `<code>` or a zero-width space helps.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

Escaper = Callable[[str, int], str]

_MARKUP_CHARACTER = re.compile(r"""[^A-Za-z0-9 .,;/=+%?^\-\u0080-\U0010ffff]""")
_NON_ASCII_CHARACTER = re.compile(r"[^ -~]")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ANSI_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_LIST_MARKER = re.compile(r"[-+=]|\d+[.)]")
_WWW_PREFIX = re.compile(r"(www)\.", re.IGNORECASE)
_AUTOLINK_TRIGGER = re.compile(r"[@#:]|(?<=gh)(?=-\d)", re.IGNORECASE)
_RUNNER_COMMAND = re.compile(r":(?=:|\Z)|##(?=\[)")
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_ZERO_WIDTH_SPACE_ENTITY = f"&#{ord(_ZERO_WIDTH_SPACE)};"


def code(text: str, limit: int = 200) -> str:
    """Inline code for running text and table cells; shows `text` and does nothing else."""
    shown = _make_visible(text, limit).replace(
        "@", f"@{_ZERO_WIDTH_SPACE}"
    )  # an e-mailed answer quotes it bare
    return f"<code>{_escape_markup(shown)}</code>"


def plain(text: str, limit: int = 200) -> str:
    """Prose, for sentences that may hold foreign words; nothing in it links, mentions or formats."""
    shown = _make_visible(text, limit).strip()
    written = _escape_markup(
        _AUTOLINK_TRIGGER.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, shown)
    )
    if _LIST_MARKER.match(shown):
        written = f"&#{ord(shown[0])};{written[1:]}"
    # What GitHub's own documentation says to write for a dollar that starts no formula.
    return written.replace("&#36;", "<span>&#36;</span>")


def title(text: str, limit: int = 200) -> str:
    """Text between tags that may hold no others, such as a page's title."""
    return _escape_markup(_make_visible(text, limit))


def code_block(lines: Iterable[str], limit: int = 300) -> str:
    """A build log or a file, line by line. Nothing inside can close it, and no fence is needed."""
    shown = "\n".join(
        _escape_markup(_make_visible(_apply_carriage_returns(line), limit) if line else "")
        for line in lines
    )
    return f"<pre><code>{shown}\n</code></pre>"


def terminal(text: str, limit: int = 200) -> str:
    """Text for a terminal or a job's log: no control sequences, and no commands to the runner.

    Hand it to rich as a `Text`, never as a string with markup.
    """
    return _RUNNER_COMMAND.sub(
        lambda found: found[0] + _ZERO_WIDTH_SPACE,
        _make_visible(_ANSI_SEQUENCE.sub("", text), limit),
    )


def command_property(text: str) -> str:
    """A property of a workflow command, such as the file in `::error file=…::message`."""
    return command_message(text).replace(":", "%3A").replace(",", "%2C")


def command_message(text: str) -> str:
    """What stands after the last `::` of a workflow command; line breaks of ours survive."""
    lines = (
        _make_visible(_ANSI_SEQUENCE.sub("", line), 1000) if line else ""
        for line in text.split("\n")
    )
    return "\n".join(lines).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _make_visible(text: str, limit: int) -> str:
    """At most `limit` characters of a text, every one of which can be seen."""
    text = text[: limit + 1].replace("\r\n", "\n")
    text = _NON_ASCII_CHARACTER.sub(lambda found: _show_character(found[0]), text)
    if not text.strip():
        return "<blank>" if text else "<empty>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _show_character(character: str) -> str:
    number = ord(character)
    if character in "\n\t\r":
        return {"\n": "↵", "\t": " ", "\r": "␍"}[character]
    if number < 0x20 or number == 0x7F:
        return "␡" if number == 0x7F else chr(0x2400 + number)
    if 0xDC80 <= number <= 0xDCFF:  # a byte of a file name that is no UTF-8
        return f"<{number - 0xDC00:02X}>"
    return (
        f"<U+{number:04X}>"
        if unicodedata.category(character) in _INVISIBLE_CATEGORIES
        else character
    )


def _escape_markup(text: str) -> str:
    """Every character that Markdown or HTML may take for its own, as a numeric entity."""
    text = _MARKUP_CHARACTER.sub(lambda found: f"&#{ord(found[0])};", text)
    return _WWW_PREFIX.sub(r"\1&#46;", text).replace(_ZERO_WIDTH_SPACE, _ZERO_WIDTH_SPACE_ENTITY)


def _apply_carriage_returns(line: str) -> str:
    """What a progress line came to: a terminal would have overwritten the rest."""
    return _ANSI_SEQUENCE.sub("", line).rstrip("\r\n").rpartition("\r")[2]
