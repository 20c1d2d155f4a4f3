"""Which `ARG` and `ENV` reach where.

A global `ARG` is known in `FROM` lines only, and in a stage that declares it again. In a stage the
last one wins, `ARG` or `ENV`; a stage that starts from another one inherits both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.dockerfile.expansion import BadExpansion, expand
from bot.dockerfile.instruction import Statement


@dataclass(frozen=True, slots=True)
class Variables:
    """`known` is what an instruction can refer to, `environment` the part that the image keeps.

    What the base image brings is in neither.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """What comes from outside of a stage: `--build-arg`, global arguments, the escape character."""

    build_args: Mapping[str, str] = field(default_factory=dict)
    outer: Mapping[str, str] = field(default_factory=dict)
    escape: str = "\\"

    def fill(self, text: str, known: Mapping[str, str]) -> str:
        """The text with its variables filled in; as written where BuildKit would refuse it."""
        try:
            return expand(text, known, self.escape)
        except BadExpansion:
            return text


def walk(statements: Iterable[Statement], start: Variables, given: Given) -> Variables:
    """What is known behind the statements, if `start` is known before them."""
    for statement in statements:
        if statement.keyword == "ARG":
            declared = dict(_arguments(statement, start.known, given))
            start = replace(start, known={**start.known, **declared})
        elif statement.keyword == "ENV":
            values = dict(_environment(statement, start.known, given))
            start = Variables({**start.known, **values}, {**start.environment, **values})
    return start


def _arguments(
    statement: Statement, known: Mapping[str, str], given: Given
) -> Iterator[tuple[str, str]]:
    """The arguments that have a value: from outside, its default, or the global one of its name."""
    for word in statement.words:
        name, equals, default = (given.fill(part, known) for part in word.partition("="))
        value = given.outer.get(name) if not equals else default
        value = given.build_args.get(name, value)
        if value is not None:
            known = {**known, name: value}
            yield name, value


def _environment(
    statement: Statement, known: Mapping[str, str], given: Given
) -> Iterator[tuple[str, str]]:
    """What one `ENV` sets; its values do not see one another."""
    filled = [given.fill(word, known) for word in statement.words]
    return zip(filled[::2], filled[1::2], strict=True)
