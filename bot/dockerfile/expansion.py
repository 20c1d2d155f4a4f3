"""Variables, quotes and escapes as BuildKit reads them in `FROM`, `COPY`, `ENV` and others.

Not in shell commands: there a `$` belongs to the shell. Supports `$v`, `${v}`, and with a word or
pattern `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`, each of which may hold variables
again. The model is frontend/dockerfile/shell/lex.go in moby/buildkit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.dockerfile.expansion_allowance import BadExpansion, ExpansionAllowance
from bot.dockerfile.parameter_expansion import ExpansionOptions, ParameterExpansion
from bot.dockerfile.source_text import BLANK

# `isSpecialParam` of lex.go, after the shell's own (POSIX, 2.5.2).
_SPECIAL_PARAMETERS = "@*#?-$!0"
_OPENING_CHARACTERS = frozenset("$'\"<")  # and the escape: a text without them stays as it is
_DEFAULT_OPERATORS = ("-", "+", "?", ":-", ":+", ":?")
# Nested `${a:-${b:-…}}` recurse; the limit keeps hostile text off Python's own.
_MAX_DEPTH = 100
_VARIABLE_NAME = re.compile(r"\d+|[^\W\d]\w*")
# Blanks between `<<` and its word; a line feed would end the instruction's line.
_HEREDOC_BLANKS = " \t\r"
# No program can be started with a variable above 128 KiB on Linux: a value of this size has no use.
MAX_VALUE_LENGTH = 1_000_000
_BLANK_CHARACTER = re.compile(f"[{re.escape(BLANK)}]")


def expand(
    text: str,
    variables: Mapping[str, str],
    escape: str = "\\",
    *,
    unset_value: str | None = None,
    allowance: ExpansionAllowance | None = None,
) -> str:
    """Fill in the variables of a text and remove its quotes.

    A plain variable without a value becomes `unset_value`, or stays as written if that is None.
    Raises BadExpansion.
    """
    expanded = text
    if not _OPENING_CHARACTERS.isdisjoint(text) or escape in text:
        options = ExpansionOptions(escape)
        expanded = _Expander(text, variables, options, unset_value, allowance).read().text
    if len(expanded) > MAX_VALUE_LENGTH:
        raise BadExpansion(f"a value has more than {MAX_VALUE_LENGTH:,} characters")
    return expanded


def split_words(text: str, options: ExpansionOptions) -> list[str]:
    """Split a text into words at its blanks outside of quotes.

    Raises BadExpansion.
    """
    return _Expander(text, {}, options, None).read().words


@dataclass(slots=True)
class _ExpandedText:
    """The text read so far, whole and split into words."""

    fragments: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    word_fragments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(self.fragments)

    def append(self, fragment: str) -> None:
        """Append text in which blanks do not end words."""
        self.fragments.append(fragment)
        self.word_fragments.append(fragment)

    def append_splitting(self, fragment: str) -> None:
        """Append text in which blanks end words."""
        self.fragments.append(fragment)
        first, *others = _BLANK_CHARACTER.split(fragment)
        self.word_fragments.append(first)
        for other in others:
            self.end_word()
            self.word_fragments.append(other)

    def end_word(self) -> "_ExpandedText":
        """End the last word."""
        if word := "".join(self.word_fragments):
            self.words.append(word)
        self.word_fragments.clear()
        return self


class _Expander:
    """One pass through a text, left to right."""

    def __init__(
        self,
        text: str,
        variables: Mapping[str, str],
        options: ExpansionOptions,
        unset_value: str | None,
        allowance: ExpansionAllowance | None = None,
    ) -> None:
        self._text, self._offset = text, 0
        self._options, self._allowance = options, allowance or ExpansionAllowance()
        self._keep_escapes, self._depth = options.keep_escapes, 0
        self._expansion = ParameterExpansion(text, variables, options, unset_value, self._allowance)

    def read(self, stop: str = "") -> _ExpandedText:
        """Read up to the stop character, or to the end if there is none."""
        result = _ExpandedText()
        while self._offset < len(self._text):
            character = self._next()
            if character == stop:
                return result.end_word()
            self._read_character(character, result)
        if stop:
            raise self._expansion.make_error(f"missing {stop!r}")
        return result.end_word()

    def _read_character(self, character: str, result: _ExpandedText) -> None:
        if character == "$":
            result.append_splitting(self._fill_in_variable())
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

    def _read_single_quoted(self) -> str:
        end = self._text.find("'", self._offset)
        if end < 0:
            raise self._expansion.make_error("a single quote is not closed")
        inside, self._offset = self._text[self._offset : end], end + 1
        return f"'{inside}'" if self._options.keep_quotes else inside

    def _read_double_quoted(self) -> str:
        quote = '"' if self._options.keep_quotes else ""
        inside = ""
        while (character := self._next()) != '"':
            if not character:
                raise self._expansion.make_error("a double quote is not closed")
            if character == "$":
                inside += self._fill_in_variable()
            elif character == self._options.escape:
                inside += self._read_escape_in_quotes()
            else:
                inside += character
        return quote + inside + quote

    def _read_escape_in_quotes(self) -> str:
        """Read what follows an escape inside of double quotes.

        Only a quote, a dollar and the escape itself can be escaped there.
        """
        escape = self._options.escape
        prefix = escape if self._keep_escapes else ""
        if not self._peek():
            return prefix
        return prefix + (self._next() if self._peek() in ('"', "$", escape) else escape)

    def _read_heredoc_operator(self) -> str:
        """Read `<<` and the blanks behind it, which belong to the heredoc's word."""
        if self._peek() != "<":
            return "<"
        start = self._offset
        self._offset += 1
        while self._peek() and self._peek() in _HEREDOC_BLANKS:
            self._offset += 1
        return "<" + self._text[start : self._offset]

    def _fill_in_variable(self) -> str:
        filled = self._expand_dollar()
        self._allowance.spend(len(filled))
        return filled

    def _expand_dollar(self) -> str:
        if self._peek() != "{":
            name = self._read_name()
            return self._expansion.expand_plain(name, f"${name}") if name else "$"
        self._offset += 1
        if not self._peek() or self._peek() in "{}:":
            raise self._expansion.make_error("bad substitution")
        name, operator = self._read_name(), self._next()
        if operator == "}":
            return self._expansion.expand_plain(name, f"${{{name}}}")
        if operator == ":":
            operator += self._next()
        if operator in _DEFAULT_OPERATORS:
            word = self._read_braced_word("}", escapes=False)
            return self._expansion.expand_default(name, operator, word)
        if operator in ("#", "%"):
            # Escapes stay in a pattern, which has a grammar of its own for them.
            pattern = self._read_braced_word("}", escapes=True)
            return self._expansion.expand_trim(name, operator, pattern)
        if operator == "/":
            return self._expand_replace(name)
        raise self._expansion.make_error(f"unsupported modifier {operator!r}")

    def _read_name(self) -> str:
        match = _VARIABLE_NAME.match(self._text, self._offset)
        if match:
            self._offset = match.end()
            return match[0]
        return self._next() if self._peek() and self._peek() in _SPECIAL_PARAMETERS else ""

    def _read_braced_word(self, stop: str, *, escapes: bool) -> str:
        """Read a word inside of braces, which may hold variables again."""
        if self._depth == _MAX_DEPTH:
            raise self._expansion.make_error("too deep")
        outer, self._keep_escapes = self._keep_escapes, escapes
        self._depth += 1
        word = self.read(stop).text
        self._depth -= 1
        self._keep_escapes = outer
        return word

    def _expand_replace(self, name: str) -> str:
        everywhere = self._peek() == "/"
        self._offset += everywhere
        pattern = self._read_braced_word("/", escapes=True)
        replacement = self._read_braced_word("}", escapes=True)
        return self._expansion.expand_replace(name, pattern, replacement, everywhere=everywhere)
