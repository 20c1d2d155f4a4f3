"""Variables, quotes and escapes as BuildKit reads them in `FROM`, `COPY`, `ENV` and their like.

Not in shell commands: there a `$` is the shell's. Knows `$v`, `${v}`, and with a word or pattern
`:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`, each of which may hold variables again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.dockerfile.patterns import compile_pattern, without_prefix, without_suffix
from bot.dockerfile.source_text import BLANK

_SPECIAL = "@*#?-$!0"
_DEFAULTS = ("-", "+", "?", ":-", ":+", ":?")
_DEEPEST = 100
_NAME = re.compile(r"\d+|[^\W\d]\w*")
_AFTER_HEREDOC = " \t\r"


class BadExpansion(ValueError):
    """A text that BuildKit would refuse to expand."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a text is read.

    `quotes` and `escapes` say whether these stay in the result. `keep_unset` leaves a variable that
    has no value as it was written, words and all; otherwise only a plain one stays.
    """

    escape: str = "\\"
    quotes: bool = False
    escapes: bool = False
    keep_unset: bool = False


def expand(
    text: str, variables: Mapping[str, str], escape: str = "\\", *, unset: str | None = None
) -> str:
    """The text with its variables filled in and its quotes taken off; BadExpansion if it can't be.

    A plain variable without a value becomes `unset`, or stays as written if that is None.
    """
    return _Reader(text, variables, Rules(escape), unset).read().text


def split(text: str, rules: Rules) -> list[str]:
    """The words of a text, by its blanks outside of quotes; BadExpansion if it can't be read."""
    return _Reader(text, {}, rules, None).read().words


@dataclass(slots=True)
class _Result:
    """What was read so far: all of it, and split into words."""

    text: str = ""
    words: list[str] = field(default_factory=list)
    word: str = ""

    def add(self, piece: str) -> None:
        """Text that is as it should be."""
        self.text += piece
        self.word += piece

    def add_splitting(self, piece: str) -> None:
        """Text whose blanks end words."""
        self.text += piece
        for character in piece:
            if character not in BLANK:
                self.word += character
            elif self.word:
                self.close()

    def close(self) -> "_Result":
        """Ends the last word."""
        if self.word:
            self.words.append(self.word)
            self.word = ""
        return self


class _Reader:
    """Goes through a text once, left to right."""

    def __init__(
        self, text: str, variables: Mapping[str, str], rules: Rules, unset: str | None
    ) -> None:
        self._text, self._at = text, 0
        self._variables, self._rules, self._unset = variables, rules, unset
        self._escapes, self._depth = rules.escapes, 0

    def read(self, stop: str = "") -> _Result:
        """As far as the stop character, or to the end if there is none."""
        result = _Result()
        while self._at < len(self._text):
            character = self._next()
            if character == stop:
                return result.close()
            self._piece(character, result)
        if stop:
            raise self._bad(f"missing {stop!r}")
        return result.close()

    def _piece(self, character: str, result: _Result) -> None:
        if character == "$":
            result.add_splitting(self._dollar())
        elif character == "'":
            result.add(self._single_quoted())
        elif character == '"':
            result.add(self._double_quoted())
        elif character == "<":
            result.add(self._heredoc())
        elif character == self._rules.escape:
            result.add((character if self._escapes else "") + self._next())
        else:
            result.add_splitting(character)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1 : self._at]

    def _bad(self, why: str) -> BadExpansion:
        return BadExpansion(f"{self._text!r}: {why}")

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at)
        if end < 0:
            raise self._bad("a single quote is not closed")
        inside, self._at = self._text[self._at : end], end + 1
        return f"'{inside}'" if self._rules.quotes else inside

    def _double_quoted(self) -> str:
        quote = '"' if self._rules.quotes else ""
        inside = ""
        while (character := self._next()) != '"':
            if not character:
                raise self._bad("a double quote is not closed")
            if character == "$":
                inside += self._dollar()
            elif character == self._rules.escape:
                inside += self._escaped_in_quotes()
            else:
                inside += character
        return quote + inside + quote

    def _escaped_in_quotes(self) -> str:
        """Inside of double quotes only a quote, a dollar and the escape itself can be escaped."""
        escape = self._rules.escape
        kept = escape if self._escapes else ""
        if not self._peek():
            return kept
        return kept + (self._next() if self._peek() in ('"', "$", escape) else escape)

    def _heredoc(self) -> str:
        """The blanks between `<<` and its word are part of the word."""
        if self._peek() != "<":
            return "<"
        start = self._at
        self._at += 1
        while self._peek() and self._peek() in _AFTER_HEREDOC:
            self._at += 1
        return "<" + self._text[start : self._at]

    def _dollar(self) -> str:
        if self._peek() != "{":
            name = self._name()
            return self._plain(name, f"${name}") if name else "$"
        self._at += 1
        if not self._peek() or self._peek() in "{}:":
            raise self._bad("bad substitution")
        name, operator = self._name(), self._next()
        if operator == "}":
            return self._plain(name, f"${{{name}}}")
        if operator == ":":
            operator += self._next()
        if operator in _DEFAULTS:
            return self._default(name, operator)
        if operator in ("#", "%"):
            return self._trim(name, operator)
        if operator == "/":
            return self._replace(name)
        raise self._bad(f"unsupported modifier {operator!r}")

    def _plain(self, name: str, written: str) -> str:
        value = self._variables.get(name)
        if value is None:
            return written if self._unset is None or self._rules.keep_unset else self._unset
        return value

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found:
            self._at = found.end()
            return found[0]
        return self._next() if self._peek() and self._peek() in _SPECIAL else ""

    def _word(self, stop: str, *, escapes: bool) -> str:
        """A word inside of braces."""
        if self._depth == _DEEPEST:
            raise self._bad("too deep")
        outer, self._escapes = self._escapes, escapes
        self._depth += 1
        word = self.read(stop).text
        self._depth -= 1
        self._escapes = outer
        return word

    def _default(self, name: str, operator: str) -> str:
        """`-`, `+` and `?`; with a colon an empty value counts as none."""
        word = self._word("}", escapes=False)
        value = self._variables.get(name)
        if value is None and self._rules.keep_unset:
            return f"${{{name}{operator}{word}}}"
        there = value if value or operator[0] != ":" else None
        if operator[-1] == "+":
            return "" if there is None else word
        if there is None and operator[-1] == "?":
            raise self._bad(f"{name}: {word or 'has no value'}")
        return word if there is None else there

    def _trim(self, name: str, operator: str) -> str:
        """`#` and `%`; doubled they take as much as they can."""
        pattern = self._word("}", escapes=True)
        value = self._variables.get(name)
        if value is None and self._rules.keep_unset:
            return f"${{{name}{operator}{pattern}}}"
        longest = pattern.startswith(operator)
        matching = self._compiled(pattern[longest:], longest=longest)
        if operator == "#":
            return without_prefix(value or "", matching)
        return without_suffix(value or "", matching, longest=longest)

    def _replace(self, name: str) -> str:
        """`/` replaces the first match, `//` every one."""
        everywhere = self._peek() == "/"
        self._at += everywhere
        pattern, text = self._word("/", escapes=True), self._word("}", escapes=True)
        value = self._variables.get(name)
        if value is None and self._rules.keep_unset:
            return f"${{{name}/{pattern}/{text}}}"
        matching = self._compiled(pattern, longest=True)
        return matching.sub(lambda _: text, value or "", count=0 if everywhere else 1)

    def _compiled(self, pattern: str, *, longest: bool) -> re.Pattern[str]:
        try:
            return compile_pattern(pattern, longest=longest)
        except ValueError as problem:
            raise self._bad(str(problem)) from None
