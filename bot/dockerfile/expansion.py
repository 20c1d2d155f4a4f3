"""Variables, quotes and escapes as BuildKit reads them in `FROM`, `COPY`, `ENV` and their like.

Not in shell commands: there a `$` is the shell's. Knows `$v`, `${v}`, and with a word or pattern
`:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`, each of which may hold variables again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.dockerfile.patterns import compile_pattern, strip_prefix, strip_suffix
from bot.dockerfile.source_text import BLANK

_SPECIAL_PARAMETERS = "@*#?-$!0"
_DEFAULT_OPERATORS = ("-", "+", "?", ":-", ":+", ":?")
_MAX_DEPTH = 100
_VARIABLE_NAME = re.compile(r"\d+|[^\W\d]\w*")
_HEREDOC_BLANKS = " \t\r"


class BadExpansion(ValueError):
    """A text that BuildKit would refuse to expand."""


@dataclass(frozen=True, slots=True)
class ExpansionOptions:
    """How a text is read.

    `quotes` and `escapes` say whether these stay in the result. `keep_unset` leaves a variable that
    has no value as it was written, words and all; otherwise only a plain one stays.
    """

    escape: str = "\\"
    keep_quotes: bool = False
    keep_escapes: bool = False
    keep_unset: bool = False


def expand(
    text: str, variables: Mapping[str, str], escape: str = "\\", *, unset_value: str | None = None
) -> str:
    """The text with its variables filled in and its quotes taken off; BadExpansion if it can't be.

    A plain variable without a value becomes `unset`, or stays as written if that is None.
    """
    return _Expander(text, variables, ExpansionOptions(escape), unset_value).read().text


def split_words(text: str, options: ExpansionOptions) -> list[str]:
    """The words of a text, by its blanks outside of quotes; BadExpansion if it can't be read."""
    return _Expander(text, {}, options, None).read().words


@dataclass(slots=True)
class _ExpandedText:
    """What was read so far: all of it, and split into words."""

    text: str = ""
    words: list[str] = field(default_factory=list)
    word: str = ""

    def append(self, fragment: str) -> None:
        """Text that is as it should be."""
        self.text += fragment
        self.word += fragment

    def append_splitting(self, fragment: str) -> None:
        """Text whose blanks end words."""
        self.text += fragment
        for character in fragment:
            if character not in BLANK:
                self.word += character
            elif self.word:
                self.end_word()

    def end_word(self) -> "_ExpandedText":
        """Ends the last word."""
        if self.word:
            self.words.append(self.word)
            self.word = ""
        return self


class _Expander:
    """Goes through a text once, left to right."""

    def __init__(
        self,
        text: str,
        variables: Mapping[str, str],
        options: ExpansionOptions,
        unset_value: str | None,
    ) -> None:
        self._text, self._offset = text, 0
        self._variables, self._options, self._unset_value = variables, options, unset_value
        self._keep_escapes, self._depth = options.keep_escapes, 0

    def read(self, stop: str = "") -> _ExpandedText:
        """As far as the stop character, or to the end if there is none."""
        result = _ExpandedText()
        while self._offset < len(self._text):
            character = self._next()
            if character == stop:
                return result.end_word()
            self._read_character(character, result)
        if stop:
            raise self._error(f"missing {stop!r}")
        return result.end_word()

    def _read_character(self, character: str, result: _ExpandedText) -> None:
        if character == "$":
            result.append_splitting(self._expand_dollar())
        elif character == "'":
            result.append(self._read_single_quoted())
        elif character == '"':
            result.append(self._read_double_quoted())
        elif character == "<":
            result.append(self._read_heredoc_operator())
        elif character == self._options.escape:
            result.append((character if self._keep_escapes else "") + self._next())
        else:
            result.append_splitting(character)

    def _peek(self) -> str:
        return self._text[self._offset : self._offset + 1]

    def _next(self) -> str:
        self._offset += 1
        return self._text[self._offset - 1 : self._offset]

    def _error(self, reason: str) -> BadExpansion:
        return BadExpansion(f"{self._text!r}: {reason}")

    def _read_single_quoted(self) -> str:
        end = self._text.find("'", self._offset)
        if end < 0:
            raise self._error("a single quote is not closed")
        inside, self._offset = self._text[self._offset : end], end + 1
        return f"'{inside}'" if self._options.keep_quotes else inside

    def _read_double_quoted(self) -> str:
        quote = '"' if self._options.keep_quotes else ""
        inside = ""
        while (character := self._next()) != '"':
            if not character:
                raise self._error("a double quote is not closed")
            if character == "$":
                inside += self._expand_dollar()
            elif character == self._options.escape:
                inside += self._read_escape_in_quotes()
            else:
                inside += character
        return quote + inside + quote

    def _read_escape_in_quotes(self) -> str:
        """Inside of double quotes only a quote, a dollar and the escape itself can be escaped."""
        escape = self._options.escape
        kept = escape if self._keep_escapes else ""
        if not self._peek():
            return kept
        return kept + (self._next() if self._peek() in ('"', "$", escape) else escape)

    def _read_heredoc_operator(self) -> str:
        """The blanks between `<<` and its word are part of the word."""
        if self._peek() != "<":
            return "<"
        start = self._offset
        self._offset += 1
        while self._peek() and self._peek() in _HEREDOC_BLANKS:
            self._offset += 1
        return "<" + self._text[start : self._offset]

    def _expand_dollar(self) -> str:
        if self._peek() != "{":
            name = self._read_name()
            return self._expand_plain(name, f"${name}") if name else "$"
        self._offset += 1
        if not self._peek() or self._peek() in "{}:":
            raise self._error("bad substitution")
        name, operator = self._read_name(), self._next()
        if operator == "}":
            return self._expand_plain(name, f"${{{name}}}")
        if operator == ":":
            operator += self._next()
        if operator in _DEFAULT_OPERATORS:
            return self._expand_default(name, operator)
        if operator in ("#", "%"):
            return self._expand_trim(name, operator)
        if operator == "/":
            return self._expand_replace(name)
        raise self._error(f"unsupported modifier {operator!r}")

    def _expand_plain(self, name: str, original: str) -> str:
        value = self._variables.get(name)
        if value is None:
            return (
                original
                if self._unset_value is None or self._options.keep_unset
                else self._unset_value
            )
        return value

    def _read_name(self) -> str:
        found = _VARIABLE_NAME.match(self._text, self._offset)
        if found:
            self._offset = found.end()
            return found[0]
        return self._next() if self._peek() and self._peek() in _SPECIAL_PARAMETERS else ""

    def _read_braced_word(self, stop: str, *, escapes: bool) -> str:
        """A word inside of braces."""
        if self._depth == _MAX_DEPTH:
            raise self._error("too deep")
        outer, self._keep_escapes = self._keep_escapes, escapes
        self._depth += 1
        word = self.read(stop).text
        self._depth -= 1
        self._keep_escapes = outer
        return word

    def _expand_default(self, name: str, operator: str) -> str:
        """`-`, `+` and `?`; with a colon an empty value counts as none."""
        word = self._read_braced_word("}", escapes=False)
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}{operator}{word}}}"
        there = value if value or operator[0] != ":" else None
        if operator[-1] == "+":
            return "" if there is None else word
        if there is None and operator[-1] == "?":
            raise self._error(f"{name}: {word or 'has no value'}")
        return word if there is None else there

    def _expand_trim(self, name: str, operator: str) -> str:
        """`#` and `%`; doubled they take as much as they can."""
        pattern = self._read_braced_word("}", escapes=True)
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}{operator}{pattern}}}"
        longest = pattern.startswith(operator)
        matching = self._compile_pattern(pattern[longest:], longest=longest)
        if operator == "#":
            return strip_prefix(value or "", matching)
        return strip_suffix(value or "", matching, longest=longest)

    def _expand_replace(self, name: str) -> str:
        """`/` replaces the first match, `//` every one."""
        everywhere = self._peek() == "/"
        self._offset += everywhere
        pattern, text = (
            self._read_braced_word("/", escapes=True),
            self._read_braced_word("}", escapes=True),
        )
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}/{pattern}/{text}}}"
        matching = self._compile_pattern(pattern, longest=True)
        return matching.sub(lambda _: text, value or "", count=0 if everywhere else 1)

    def _compile_pattern(self, pattern: str, *, longest: bool) -> re.Pattern[str]:
        try:
            return compile_pattern(pattern, longest=longest)
        except ValueError as problem:
            raise self._error(str(problem)) from None
