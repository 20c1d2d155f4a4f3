"""Programs that a text names where a command may begin, whatever starts them.

The call in front says little: `run`, `execAsync` and tables of commands have any name. So every
word counts that is a program of the image and stands at the beginning of a string, behind `&&` or
`|`, or at the beginning of a line with arguments. A program with the name of an English word counts
only with a further sign that a command is meant.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from bot.pattern_lists import compile_sections, read_names

_LIST = "program_mentions.txt"
AMBIGUOUS_PROGRAMS = frozenset(read_names("bot.image", _LIST, "ambiguous programs"))
_PROSE_WORD = compile_sections("bot.image", _LIST, "prose words")
_PROCESS_MODULE = compile_sections("bot.image", _LIST, "process modules")
_COMMAND_NAME = compile_sections("bot.image", _LIST, "names of commands")
_COMMAND_TABLE = compile_sections("bot.image", _LIST, "names of tables")

# What may be a command: its beginning (a quote, `$(`, Ruby's `%x[`, Perl's `qx(`, an operator, a
# line), variables and wrappers such as `sudo -E`, the folder of the program, its name, and its end.
_COMMAND = re.compile(
    r"""(?P<start>["'`]\s*|\$\(\s*|(?:%[wWx]|\bqx\s*)[\[({/|]\s*|(?:&&|\|\|?|;)[ \t]+|^[ \t]*)"""
    r"(?:\w+=\S*[ \t]+)*"
    r"(?:(?:sudo|env|exec|nohup|nice|time|command|xargs)[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*)*"
    r"(?P<folder>\.{0,2}/(?:[\w.+-]+/)*)?(?P<name>[A-Za-z_][\w.+-]*)"
    r"""(?=["'`)\]}|;&]|\\n|[ \t]+(?P<arguments>[^"'`\n]*)|$)""",
    re.MULTILINE,
)
# Behind a command rather than a word of prose: an option, an operator, a path, `key=value`, a
# number.
_ARGUMENT = re.compile(r"-{1,2}\w|[{$%<>|@&;]|\.{0,2}/|\w+[/.=:]\w|\d")
_OPTION = re.compile(r"(?:\S+ )?-{1,2}\w")
_WORD_ARGUMENT = re.compile(r"[\w./]")
# Behind a name in code: an assignment, a call, an index, an operator.
_SYNTAX = re.compile(r"[=(:.,?!+*)\]]|(?:in|is|instanceof|and|or|as)\b")
# `"git log".split()` and `shlex.split("git log")` make a command of a string.
_SPLIT_AFTER = re.compile(r"""[^"'`\n]*["'`]{1,3}\s*\)?\s*\.\s*(?:split|shellsplit)\w*""")
_SPLIT_BEFORE = re.compile(r"""(?i)(?:split|fields|shellwords)\w*\(\s*[frbu]{0,2}["'`]\s*$""")
# `["file", "-b"]` and `("file", "-b")`, but `["file", path]` alone.
_LIST_WITH_OPTION = re.compile(
    r"""[\[{(]\s*[frbu]{0,2}["'`]\n["'`]\s*,\s*\[?\s*[frbu]{0,2}["'`]-"""
)
_LIST_WITH_VALUE = re.compile(r"""[\[{]\s*[frbu]?["'`]\n["'`]\s*,\s*[A-Za-z_*.&$]""")
_LIST_WITH_MORE = re.compile(r"""[\[{(]\s*[frbu]?["'`]\n["'`]\s*,""")
_CONSTANT_BEFORE = re.compile(r"""\b([A-Z][A-Z_]+)\s*(?::\s*\w+\s*)?=\s*["'`]$""")
_PROGRAM_FOLDER = re.compile(r"/(?:\w+/)*s?bin/$")
# The tags of Go's structs name fields: `json:"file"`.
_FIELD_TAG = re.compile(r"""\b(?:json|yaml|xml|toml|db|form|bson|query|mapstructure):["']$""")
# Packages of Go have the names of programs: `import "fmt"`, `"strings"`.
_GO_PACKAGE = re.compile(r"^package \w+[ \t]*\r?$", re.MULTILINE)
_GO_IMPORTS = re.compile(
    r"""^import[ \t]*(?:\([^()]*\)|(?:[\w.]+[ \t]+)?"[^"\n]*")""", re.MULTILINE
)
# The key of a map is no command there: `fields["comm"]`.
_GO_INDEX = re.compile(r"""(?<=[\w)\]])\["[^"\n]*"\]""")
# Libraries of Python with a function for each program: `from sh import git`, `sh.apt_get(…)`.
_IMPORTED_PROGRAMS = re.compile(
    r"^[ \t]*from (?:sh|plumbum\.cmd) import \(?([\w, \t]+)|\bsh\.(\w+)", re.MULTILINE
)
_QUOTES = ('"', "'", "`")
_MAX_WORDS_ON_LINE = 3
_MAX_LOOK_AHEAD = 300  # characters behind a name
_MAX_LOOK_BEHIND = 90  # characters between the name of a function or variable and its string
_MAX_TABLE_LENGTH = 3_000


def starts_programs(text: str) -> bool:
    """Return True if a source starts programs, whatever it calls that."""
    return bool(_PROCESS_MODULE.search(text))


def is_prose(arguments: str) -> bool:
    """Return True if the words behind the name of a program are those of a sentence."""
    return bool(_PROSE_WORD.match(arguments))


def find_mentioned_programs(
    text: str, programs: Set[str], words: Set[str] = frozenset()
) -> Iterator[str]:
    """Yield those of the programs that a text names; `words` are ambiguous besides the known."""
    if _GO_PACKAGE.search(text):
        text = _GO_INDEX.sub("", _GO_IMPORTS.sub("", text))
    yield from programs & _list_imported_programs(text)
    for match in _COMMAND.finditer(text):
        if match["name"] in programs:
            is_word = match["name"] in AMBIGUOUS_PROGRAMS | words or len(match["name"]) == 1
            mention = _Mention(text, match)
            if mention.is_certain() or (not is_word and mention.is_probable()):
                yield match["name"]


def _list_imported_programs(text: str) -> frozenset[str]:
    matches = _IMPORTED_PROGRAMS.finditer(text)
    words = (word for match in matches for word in re.split(r"[,\s]+", match[1] or match[2]))
    return frozenset(word.replace("_", "-") for word in words)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A word of a text that is the name of a program."""

    text: str
    match: re.Match[str]

    @property
    def start(self) -> str:
        """The characters in front of it: a quote, `&&`, `$(`; empty at the beginning of a line."""
        return self.match["start"].strip()

    @property
    def arguments(self) -> str:
        """The rest of the string or line behind it."""
        return self.match["arguments"] or ""

    @property
    def before(self) -> str:
        """The text in front of it, up to its quote."""
        end = self.match.start() + 1
        return self.text[max(end - _MAX_LOOK_BEHIND, 0) : end]

    @property
    def after(self) -> str:
        """The text behind its name."""
        end = self.match.end()
        return self.text[end : end + _MAX_LOOK_AHEAD]

    def is_probable(self) -> bool:
        """Return True unless what follows an unambiguous name is prose or code."""
        if is_prose(self.arguments):
            return False
        if self.start[:1] in _QUOTES:
            return not _FIELD_TAG.search(self.before)
        if self.start or not self.arguments:
            return bool(self.start) and not _SYNTAX.match(self.arguments)
        is_short = len(self.arguments.split()) < _MAX_WORDS_ON_LINE
        has_arguments = is_short or bool(_ARGUMENT.search(self.arguments))
        return has_arguments and not _SYNTAX.match(self.arguments)

    def is_certain(self) -> bool:
        """Return True if a name, even one that is an English word, is meant as a command."""
        if self.start.startswith(("%", "qx")) or (self.start and _OPTION.match(self.arguments)):
            return True
        if is_prose(self.arguments):
            return False
        if self.start[:1] not in _QUOTES:
            return self._is_joined()
        return self._is_called() or self._is_constant() or self._is_listed()

    def _is_joined(self) -> bool:
        """Return True for `"cd x && make all"` and `"cat x | less"`, where no operator follows."""
        if self.start == "|":
            return self.after[:1] in _QUOTES
        has_argument = _WORD_ARGUMENT.match(self.arguments) and not _SYNTAX.match(self.arguments)
        return self.start == "&&" and bool(has_argument)

    def _is_called(self) -> bool:
        """Return True if the string is split, or a function or variable of commands takes it."""
        is_split = _SPLIT_BEFORE.search(self.before) or _SPLIT_AFTER.match(self.after)
        return bool(is_split or _COMMAND_NAME.search(self.before))

    def _is_constant(self) -> bool:
        """Return True for `MAKE = "make"`, and for the path of a program."""
        constant = _CONSTANT_BEFORE.search(self.before)
        is_own_name = constant and constant[1].lower().startswith(self.match["name"])
        return bool(is_own_name or _PROGRAM_FOLDER.match(self.match["folder"] or ""))

    def _is_listed(self) -> bool:
        """Return True for the first of a list of arguments, and in a table of commands."""
        # A line end stands for the mention itself, where the patterns expect it.
        around = f"{self.before}\n{self.after}"
        if not self.arguments and (
            _LIST_WITH_OPTION.search(around) or _LIST_WITH_VALUE.search(around)
        ):
            return True
        is_first = bool(self.arguments or _LIST_WITH_MORE.search(around))
        return is_first and _is_in_command_table(self.text, self.match.start())


def _is_in_command_table(text: str, position: int) -> bool:
    """Return True if a table of commands, by its name, has begun and has not ended yet."""
    before = text[max(position - _MAX_TABLE_LENGTH, 0) : position]
    ends = [match.end() for match in _COMMAND_TABLE.finditer(before)]
    table = before[ends[-1] :] if ends else ""
    depth = sum(map(table.count, "[{(")) - sum(map(table.count, "]})"))
    return bool(ends) and depth >= 0
