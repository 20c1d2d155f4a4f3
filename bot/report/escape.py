"""The only module that escapes untrusted text for Markdown, HTML, terminals, logs and data files.

Names, instructions, branches, file names, error messages and build logs are written by anybody who
opens a pull request. Numeric entities keep them from being read as Markdown or HTML. They do not
keep GitHub from finding mentions, issue numbers and emoji, since it looks for those again after
decoding the entities (cmark-gfm#181): only `<code>` or a zero-width space prevents that. Code is
copied, so that nothing invisible is in it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import escape as escape_html
from urllib.parse import quote

Escaper = Callable[[str, int], str]

# Every ASCII character that CommonMark, GFM or HTML may interpret.
_MARKUP_CHARACTER = re.compile(r"""[^A-Za-z0-9 .,;/=+%?^\-\u0080-\U0010ffff]""")
_NON_ASCII_CHARACTER = re.compile(r"[^ -~]")
# Format characters (Cf) include U+202E, which reverses the text after it.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ANSI_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_LIST_MARKER = re.compile(r"[-+=]|\d+[.)]")
_WWW_PREFIX = re.compile(r"(www)\.", re.IGNORECASE)  # GFM links `www.` without a scheme
# @user #1 http://x mailto:x :tada: GH-1; neither a tag, such as `python:3.12`, nor 12:30:59.
_AUTOLINK_TRIGGER = re.compile(
    r"@|#(?=\d)|:(?=//)|(?<=mailto):|(?<=xmpp):|:(?!\d\d:)(?=[\w+-]+:)|(?<=gh)(?=-\d)",
    re.IGNORECASE,
)
# GitHub finds a mention after anything but a word: not in `image@sha256:…`. A name with a slash is
# npm's `@types/node`, which people copy; a team of that name can only be mentioned by its members.
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@(?![A-Za-z0-9-]+/)")
_BACKTICKS = re.compile(r"`+")
_MENTIONED_NAME = re.compile(rf"{_MENTION.pattern}(?=[A-Za-z0-9])")
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_CHARACTER = re.compile(r"&#\d+;|.", re.DOTALL)  # an entity is one
_NAME_SEPARATORS = frozenset(("/", "-", ".", "&#95;", "&#58;"))
_MOST_UNBROKEN = 12  # characters of a name that stay together in a narrow column
_CODE_TAGS = re.compile(r"(<code>.*?</code>)")
_BLANK_IN_NUMBER = re.compile(r"(?<=\d) (?=%|[kMGT]?B\b)|(?<=≤) (?=\d)")
# GitHub's runner (src/Runner.Common/ActionCommand.cs) splits a job's log at \r and \n. It obeys
# `::command::` at the beginning of a line, after blanks, and `##[command]` anywhere in a line.
_RUNNER_COMMAND = re.compile(r":(?=:|\Z)|##(?=\[)")
_RUNNER_COMMAND_IN_LINES = re.compile(r"(?:^|(?<=\r))[^\S\n]*:(?=:)|##(?=\[)", re.MULTILINE)
_NOT_PLAIN_IN_LINES = re.compile(r"[^\n\t -~]")
# Spreadsheets take the full-width signs for formulas, too, and ignore blanks before them.
_FORMULA_START = re.compile(r"\s*[-=+@＝＋－＠|%]")
_SARIF_MARKUP = re.compile(r"\](?=\()|\{(?=\d)")
# Those from U+DC80 on are bytes of a file name that is no UTF-8.
_LONE_SURROGATE = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_ZERO_WIDTH_SPACE_ENTITY = f"&#{ord(_ZERO_WIDTH_SPACE)};"


def code(text: str, limit: int = 200) -> str:
    """Escape text as inline code, for running text and table cells."""
    return _make_code(_make_visible(text, limit))


def _make_code(visible: str) -> str:
    return f"<code>{_escape_markup(visible)}</code>"


def break_names(text: str) -> str:
    """Return escaped text in which long names in code may be broken, as in a narrow column.

    `<wbr>` is no character: what is copied has none.
    """
    parts = enumerate(_CODE_TAGS.split(text))
    return "".join(_break_code(part) if index % 2 else part for index, part in parts)


def _break_code(element: str) -> str:
    pieces, run = [], 0
    text = element.removeprefix("<code>").removesuffix("</code>")
    characters = _CHARACTER.findall(text)
    if len(characters) <= _MOST_UNBROKEN:
        return element
    for character in characters:
        pieces.append(character)
        run = 0 if character in _NAME_SEPARATORS else run + 1
        if run in (0, _MOST_UNBROKEN):
            pieces.append("<wbr>")
            run = 0
    return f"<code>{''.join(pieces).removesuffix('<wbr>')}</code>"


def plain(text: str, limit: int = 200) -> str:
    """Escape text as prose: nothing in it links, mentions or formats but code in backticks."""
    visible = _make_visible(text, limit).strip()
    # Every second part is what was between backticks.
    parts = enumerate(_INLINE_CODE.split(visible))
    escaped = "".join(_make_code(part) if index % 2 else _make_prose(part) for index, part in parts)
    if _LIST_MARKER.match(visible):
        escaped = f"&#{ord(visible[0])};{escaped[1:]}"
    return escaped


def _make_prose(visible: str) -> str:
    escaped = _escape_markup(_AUTOLINK_TRIGGER.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", visible))
    # GitHub's documentation of formulas says to write a literal dollar so.
    return escaped.replace("&#36;", "<span>&#36;</span>")


def keep_numbers_whole(text: str) -> str:
    """Return escaped text in which no line ends between a number and its unit.

    Code is left as it is, since people copy it.
    """
    parts = enumerate(_CODE_TAGS.split(text))
    return "".join(
        part if index % 2 else _BLANK_IN_NUMBER.sub("\N{NO-BREAK SPACE}", part)
        for index, part in parts
    )


def title(text: str, limit: int = 200) -> str:
    """Escape text between tags that may hold no other tags, such as `<title>`."""
    return _escape_markup(_make_visible(text, limit))


def html(text: str, limit: int = 200) -> str:
    """Escape text for a page of HTML that nothing else reads: for elements and attributes."""
    return escape_html(_make_visible(text, limit))


def html_line(line: str, limit: int = 300) -> str:
    """Escape a line of a build log or a file as `html` does, as a terminal would show it."""
    return html(_apply_carriage_returns(line), limit) if line else ""


def code_block(lines: Iterable[str], limit: int = 300) -> str:
    """Escape a build log or a file as a `<pre>` block, which needs no fence."""
    escaped = "\n".join(
        _escape_markup(_make_visible(_apply_carriage_returns(line), limit) if line else "")
        for line in lines
    )
    return f"<pre><code>{escaped}\n</code></pre>"


def diff_block(lines: Iterable[str], limit: int = 1000) -> str:
    """Escape the hunks of a diff as a fenced block, which GitHub colours.

    Nothing in it is markup but the fence, which is longer than any run of backticks inside. With a
    mention, which a reply by e-mail would quote without the fence, it is a plain block.
    """
    lines = list(lines)
    if any(_MENTIONED_NAME.search(line) for line in lines):
        return code_block(lines, limit)
    visible = [_make_visible(_ANSI_SEQUENCE.sub("", line), limit) if line else "" for line in lines]
    longest = max((len(run) for line in visible for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}diff", *visible, fence))


def terminal(text: str, limit: int = 200) -> str:
    """Escape text for a terminal or a job's log: no control sequences, no runner commands.

    Pass the result to rich as a `Text`, never as a string with markup.
    """
    visible = _make_visible(_ANSI_SEQUENCE.sub("", text), limit)
    return _RUNNER_COMMAND.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", visible)


def terminal_line(line: str, limit: int = 300) -> str:
    """Escape a whole line as `terminal` does, but leave what is no command so that it is copied."""
    return defuse_commands(_make_visible(_ANSI_SEQUENCE.sub("", line), limit)) if line else ""


def log_lines(text: str) -> str:
    """Escape whole lines for a terminal or a job's log; line breaks and tabs stay.

    Control characters are shown instead of obeyed, and no line is a runner command.
    """
    text = text.replace("\r\n", "\n")
    text = _NOT_PLAIN_IN_LINES.sub(
        lambda match: match[0] if match[0] == _ZERO_WIDTH_SPACE else _show_character(match[0]), text
    )
    return defuse_commands(text)


def defuse_commands(text: str) -> str:
    """Return lines in which the runner finds no command; nothing else is changed."""
    return _RUNNER_COMMAND_IN_LINES.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", text)


def json_for_log(document: str) -> str:
    """Return the same JSON document without runner commands.

    A string may hold `##[`; it never begins a line, so that `::` needs no escape.
    """
    return document.replace("##[", "##\\u005b")


def visible(text: str, limit: int = 200) -> str:
    """Return text for a script that shows it as text: nothing in it is invisible."""
    return _make_visible(text, limit)


def script_data(document: str) -> str:
    """Return the same JSON document without what could end or open an element of HTML."""
    return document.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def csv_cell(text: str, limit: int = 1000) -> str:
    """Escape a cell of text for a spreadsheet, which would run one that begins as a formula.

    An apostrophe says that it is text: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    visible = _make_visible(text, limit) if text else ""
    return f"'{visible}" if _FORMULA_START.match(visible) else visible


def xml_text(text: str, limit: int = 1000) -> str:
    """Replace the characters that XML cannot hold, in text that its writer escapes."""
    lines = (_make_visible(line, limit) if line else "" for line in text.split("\n"))
    return "\n".join(lines)


def sarif_message(text: str, limit: int = 1000) -> str:
    """Escape a plain text message of SARIF, in which `[a](b)` is a link and `{0}` an argument."""
    return _SARIF_MARKUP.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", xml_text(text, limit))


def uri_path(path: str) -> str:
    """Return a path as a relative URI: without a scheme, whatever the path looks like."""
    return quote(_LONE_SURROGATE.sub("\ufffd", path).lstrip("/"), errors="surrogateescape")


def metric_label(text: str, limit: int = 200) -> str:
    """Escape the value of a label in the OpenMetrics text format."""
    visible = _make_visible(text, limit) if text else ""
    return visible.replace("\\", "\\\\").replace('"', '\\"')


def command_property(text: str) -> str:
    """Escape a property of a workflow command, such as the file in `::error file=…::message`."""
    return command_message(text).replace(":", "%3A").replace(",", "%2C")


def command_message(text: str) -> str:
    """Escape the message of a workflow command, after the last `::`; line breaks survive."""
    lines = (
        _make_visible(_ANSI_SEQUENCE.sub("", line), 1000) if line else ""
        for line in text.split("\n")
    )
    return escape_command_data("\n".join(lines))


def escape_command_data(text: str) -> str:
    """Escape what follows the last `::` of a workflow command as the runner decodes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _make_visible(text: str, limit: int) -> str:
    """Cut text to `limit` characters, and replace every invisible character by a visible one."""
    # Cut first: what follows is slow on a text of megabytes.
    text = text[: limit + 1].replace("\r\n", "\n")
    text = _NON_ASCII_CHARACTER.sub(lambda match: _show_character(match[0]), text)
    if not text.strip():
        return "<blank>" if text else "<empty>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _show_character(character: str) -> str:
    number = ord(character)
    if character in "\n\t\r":
        return {"\n": "↵", "\t": " ", "\r": "␍"}[character]
    if number < 0x20 or number == 0x7F:  # Unicode's control pictures: ␀ for NUL
        return "␡" if number == 0x7F else chr(0x2400 + number)
    if 0xDC80 <= number <= 0xDCFF:  # a byte of a file name that is no UTF-8
        return f"<{number - 0xDC00:02X}>"
    return (
        f"<U+{number:04X}>"
        if unicodedata.category(character) in _INVISIBLE_CATEGORIES
        else character
    )


def _escape_markup(text: str) -> str:
    """Replace every character that Markdown or HTML interprets by a numeric entity."""
    text = _MARKUP_CHARACTER.sub(lambda match: f"&#{ord(match[0])};", text)
    return _WWW_PREFIX.sub(r"\1&#46;", text).replace(_ZERO_WIDTH_SPACE, _ZERO_WIDTH_SPACE_ENTITY)


def _apply_carriage_returns(line: str) -> str:
    """Return the end of a progress line, which a terminal would show over what came before."""
    return _ANSI_SEQUENCE.sub("", line).rstrip("\r\n").rpartition("\r")[2]
