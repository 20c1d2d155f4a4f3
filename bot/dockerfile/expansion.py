"""Variables, quotes and escapes as BuildKit reads them in `FROM`, `COPY`, `ENV` and others.

Not in shell commands: there a `$` belongs to the shell. Supports `$v`, `${v}`, and with a word or
pattern `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`, each of which may hold variables
again. The model is frontend/dockerfile/shell/lex.go in moby/buildkit.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.dockerfile.source_text import BLANK

_SPECIAL_PARAMETERS = "@*#?-$!0"
_DEFAULT_OPERATORS = ("-", "+", "?", ":-", ":+", ":?")
# Nested `${a:-${b:-…}}` recurse; the limit keeps hostile text off Python's own.
_MAX_DEPTH = 100
_VARIABLE_NAME = re.compile(r"\d+|[^\W\d]\w*")
# Blanks between `<<` and its word; a line feed would end the instruction's line.
_HEREDOC_BLANKS = " \t\r"
# `convertShellPatternToRegex` in lex.go refuses a backslash before anything else.
_ESCAPABLE = ("*", "?", "\\", "}", "/")


class BadExpansion(ValueError):
    """A text that BuildKit would refuse to expand."""


@dataclass(frozen=True, slots=True)
class ExpansionOptions:
    """The choices that BuildKit makes by instruction.

    `keep_quotes` and `keep_escapes` leave these in the result. `keep_unset` leaves a variable
    without a value as it was written, its word or pattern included; otherwise only a plain `$v`
    stays.
    """

    escape: str = "\\"
    keep_quotes: bool = False
    keep_escapes: bool = False
    keep_unset: bool = False


def expand(
    text: str, variables: Mapping[str, str], escape: str = "\\", *, unset_value: str | None = None
) -> str:
    """Fill in the variables of a text and remove its quotes.

    A plain variable without a value becomes `unset_value`, or stays as written if that is None.
    Raises BadExpansion.
    """
    return _Expander(text, variables, ExpansionOptions(escape), unset_value).read().text


def split_words(text: str, options: ExpansionOptions) -> list[str]:
    """Split a text into words at its blanks outside of quotes.

    Raises BadExpansion.
    """
    return _Expander(text, {}, options, None).read().words


@dataclass(slots=True)
class _ExpandedText:
    """The text read so far, whole and split into words."""

    text: str = ""
    words: list[str] = field(default_factory=list)
    word: str = ""

    def append(self, fragment: str) -> None:
        """Append text in which blanks do not end words."""
        self.text += fragment
        self.word += fragment

    def append_splitting(self, fragment: str) -> None:
        """Append text in which blanks end words."""
        self.text += fragment
        for character in fragment:
            if character not in BLANK:
                self.word += character
            elif self.word:
                self.end_word()

    def end_word(self) -> "_ExpandedText":
        """End the last word."""
        if self.word:
            self.words.append(self.word)
            self.word = ""
        return self


class _Expander:
    """One pass through a text, left to right."""

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
        """Read up to the stop character, or to the end if there is none."""
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
        if value is not None:
            return value
        if self._unset_value is None or self._options.keep_unset:
            return original
        return self._unset_value

    def _read_name(self) -> str:
        match = _VARIABLE_NAME.match(self._text, self._offset)
        if match:
            self._offset = match.end()
            return match[0]
        return self._next() if self._peek() and self._peek() in _SPECIAL_PARAMETERS else ""

    def _read_braced_word(self, stop: str, *, escapes: bool) -> str:
        """Read a word inside of braces, which may hold variables again."""
        if self._depth == _MAX_DEPTH:
            raise self._error("too deep")
        outer, self._keep_escapes = self._keep_escapes, escapes
        self._depth += 1
        word = self.read(stop).text
        self._depth -= 1
        self._keep_escapes = outer
        return word

    def _expand_default(self, name: str, operator: str) -> str:
        """Expand `-`, `+` and `?`; with a colon an empty value counts as unset."""
        word = self._read_braced_word("}", escapes=False)
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}{operator}{word}}}"
        is_set = bool(value) if operator[0] == ":" else value is not None
        if operator[-1] == "+":
            return word if is_set else ""
        if is_set:
            return value or ""
        if operator[-1] == "?":
            raise self._error(f"{name}: {word or 'has no value'}")
        return word

    def _expand_trim(self, name: str, operator: str) -> str:
        """Expand `#` and `%`; doubled they remove the longest match."""
        pattern = self._read_braced_word("}", escapes=True)
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}{operator}{pattern}}}"
        longest = pattern.startswith(operator)
        matching = self._compile_pattern(pattern[longest:], longest=longest)
        if operator == "#":
            return _strip_prefix(value or "", matching)
        return _strip_suffix(value or "", matching, longest=longest)

    def _expand_replace(self, name: str) -> str:
        """Expand `/`, which replaces the first match, and `//`, which replaces all."""
        everywhere = self._peek() == "/"
        self._offset += everywhere
        pattern = self._read_braced_word("/", escapes=True)
        text = self._read_braced_word("}", escapes=True)
        value = self._variables.get(name)
        if value is None and self._options.keep_unset:
            return f"${{{name}/{pattern}/{text}}}"
        matching = self._compile_pattern(pattern, longest=True)
        return matching.sub(lambda _: text, value or "", count=0 if everywhere else 1)

    def _compile_pattern(self, pattern: str, *, longest: bool) -> re.Pattern[str]:
        try:
            return _compile_pattern(pattern, longest=longest)
        except ValueError as problem:
            raise self._error(str(problem)) from None


def _compile_pattern(pattern: str, *, longest: bool) -> re.Pattern[str]:
    """Compile a shell pattern: `*` and `?`, no brackets.

    With `longest`, a `*` matches as much as it can, otherwise as little. Raises ValueError for
    an escape that BuildKit refuses.
    """
    return re.compile("".join(_translate_pattern(pattern, ".*" if longest else ".*?")))


def _strip_prefix(value: str, pattern: re.Pattern[str]) -> str:
    """Remove what the pattern matches at the start."""
    match = pattern.match(value)
    return value[match.end() :] if match else value


def _strip_suffix(value: str, pattern: re.Pattern[str], *, longest: bool) -> str:
    """Remove the longest or the shortest end that the pattern matches."""
    starts = range(len(value) + 1)
    candidates = starts if longest else reversed(starts)
    return next((value[:start] for start in candidates if pattern.fullmatch(value, start)), value)


def _translate_pattern(pattern: str, wildcard: str) -> Iterator[str]:
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            yield wildcard
        elif character == "?":
            yield "."
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in _ESCAPABLE:
                raise ValueError(f"invalid escape in a pattern: {escaped!r}")
            yield re.escape(escaped)
        else:
            yield re.escape(character)
