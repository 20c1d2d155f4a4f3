"""The values of variables and of `${v:-word}`, `${v#pattern}` and their like.

Here is what each operator does; expansion.py reads them and their words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from bot.dockerfile.expansion_allowance import BadExpansion, ExpansionAllowance
from bot.dockerfile.shell_patterns import ShellPattern, parse_pattern


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


@dataclass(frozen=True, slots=True)
class ParameterExpansion:
    """The variables of one text, and what each operator makes of them.

    `unset_value` is that of a plain variable without a value; None leaves it as it was written.
    """

    text: str
    variables: Mapping[str, str]
    options: ExpansionOptions
    unset_value: str | None
    allowance: ExpansionAllowance

    def expand_plain(self, name: str, original: str) -> str:
        """Return the value of a variable without an operator."""
        value = self.variables.get(name)
        if value is not None:
            return value
        if self.unset_value is None or self.options.keep_unset:
            return original
        return self.unset_value

    def expand_default(self, name: str, operator: str, word: str) -> str:
        """Expand `-`, `+` and `?`; with a colon an empty value counts as unset."""
        value = self.variables.get(name)
        if self._stays(value):
            return f"${{{name}{operator}{word}}}"
        is_set = bool(value) if operator[0] == ":" else value is not None
        if operator[-1] == "+":
            return word if is_set else ""
        if is_set:
            return value or ""
        if operator[-1] == "?":
            raise self.make_error(f"{name}: {word or 'has no value'}")
        return word

    def expand_trim(self, name: str, operator: str, pattern: str) -> str:
        """Expand `#` and `%`; doubled they remove the longest match."""
        value = self.variables.get(name)
        if self._stays(value):
            return f"${{{name}{operator}{pattern}}}"
        longest = pattern.startswith(operator)
        matching = self._parse_pattern(pattern[longest:])
        if operator == "#":
            return matching.strip_prefix(value or "", longest=longest)
        return matching.strip_suffix(value or "", longest=longest)

    def expand_replace(self, name: str, pattern: str, replacement: str, *, everywhere: bool) -> str:
        """Expand `/`, which replaces the first match, and `//`, which replaces all."""
        value = self.variables.get(name)
        if self._stays(value):
            return f"${{{name}/{pattern}/{replacement}}}"
        matches = self._parse_pattern(pattern).list_matches(value or "")
        chosen = list(matches if everywhere else islice(matches, 1))
        return self._replace(value or "", replacement, chosen)

    def make_error(self, reason: str) -> BadExpansion:
        """Return an error of this text."""
        return BadExpansion(f"{self.text!r}: {reason}")

    def _stays(self, value: str | None) -> bool:
        return value is None and self.options.keep_unset

    def _replace(self, value: str, replacement: str, matches: list[tuple[int, int]]) -> str:
        self.allowance.spend(len(matches) * len(replacement))  # before it is in memory
        parts, position = [], 0
        for start, end in matches:
            parts += [value[position:start], replacement]
            position = end
        return "".join(parts) + value[position:]

    def _parse_pattern(self, pattern: str) -> ShellPattern:
        try:
            return parse_pattern(pattern, self.allowance.spend_comparisons)
        except ValueError as problem:
            raise self.make_error(str(problem)) from None
