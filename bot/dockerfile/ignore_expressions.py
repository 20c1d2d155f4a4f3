r"""Patterns of a `.dockerignore` as steps of a matching machine.

github.com/moby/patternmatcher compares some patterns as text and makes regular expressions of the
others, which Go's regexp reads: `[*]`, `\d` and `a^b` get meanings that no manual has. So they are
translated as that module does, and the result is read as Go does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.dockerfile.ignore_characters import (
    ANY_BUT_NEWLINE,
    ANY_CHARACTER,
    BadExpressionError,
    CharacterSet,
    TextCursor,
    make_literal,
    parse_brackets,
    parse_escape,
)

_BYTE_ORDER_MARK = "\ufeff"
_ANY_FOLDERS = "(.*/)?"
_NO_SLASH = "[^/]"
# These mean nothing in a pattern, and much in an expression. `|`, `{` and `}` should be among them,
# but patternmatcher overlooks them: `a*|b` has two alternatives, and `[a]{2}` matches `aa`.
_ESCAPED = frozenset(".+()$")
_MAX_REPETITIONS = 1_000  # of Go's regexp
_MAX_REPETITION_LENGTH = len("{1000,1000}")


class StepKind(Enum):
    """The kinds of steps; the last four take no character."""

    ONE = auto()  # a character of a set
    MAYBE = auto()  # one or none
    MANY = auto()  # any number of them
    FOLDERS = auto()  # nothing, or anything but a newline that ends in a slash
    AT_START = auto()
    AT_END = auto()
    WORD_BOUNDARY = auto()
    NO_WORD_BOUNDARY = auto()


@dataclass(frozen=True, slots=True)
class PatternStep:
    """One step of a pattern, with the characters that it takes."""

    kind: StepKind
    characters: CharacterSet = ANY_BUT_NEWLINE


_ANYTHING = PatternStep(StepKind.MANY, ANY_CHARACTER)
_FOLDERS = PatternStep(StepKind.FOLDERS)
_END_OF_MARK = CharacterSet((), is_exact=True, last_byte=_BYTE_ORDER_MARK.encode()[2:])
_REPETITION = re.compile(
    r"\{(?P<low>0|[1-9][0-9]*+)(?P<comma>,(?P<high>0|[1-9][0-9]*+)?)?\}", re.ASCII
)
_ASSERTIONS = {
    "A": StepKind.AT_START,
    "z": StepKind.AT_END,
    "b": StepKind.WORD_BOUNDARY,
    "B": StepKind.NO_WORD_BOUNDARY,
}


class _MatchType(Enum):
    EXACT = auto()
    PREFIX = auto()
    SUFFIX = auto()
    EXPRESSION = auto()


@dataclass(slots=True)
class _Translation:
    """An expression under way, and how its pattern will be compared."""

    match_type: _MatchType = _MatchType.EXACT
    pieces: list[str] = field(default_factory=list)

    def add(self, piece: str, *, is_plain: bool = False) -> None:
        self.pieces.append(piece)
        if not is_plain:
            self.match_type = _MatchType.EXPRESSION


def compile_pattern(pattern: str) -> tuple[tuple[PatternStep, ...], ...] | None:
    """Return the alternatives of a cleaned pattern, each of which must take the whole path.

    None if the pattern matches only its own text.
    BadExpressionError if the pattern makes an expression that Go refuses.
    """
    translation = _translate(pattern)
    if translation.match_type is _MatchType.EXPRESSION:
        return tuple(_parse_expression("^" + "".join(translation.pieces) + "$"))
    if translation.match_type is _MatchType.PREFIX:
        return ((*_list_literals(pattern[:-2]), _ANYTHING),)
    if translation.match_type is _MatchType.SUFFIX:
        return tuple(_list_suffix_alternatives(pattern))
    return None


def _list_suffix_alternatives(pattern: str) -> Iterator[tuple[PatternStep, ...]]:
    if pattern.startswith(_BYTE_ORDER_MARK):
        # It is passed over until here, and its first two bytes are cut off for the stars.
        rest = pattern.removeprefix(_BYTE_ORDER_MARK)
        yield (_ANYTHING, PatternStep(StepKind.ONE, _END_OF_MARK), *_list_literals(rest))
        return
    suffix = pattern[2:]
    yield (_ANYTHING, *_list_literals(suffix))
    # `**/a` is `a` at the top, too.
    if suffix.startswith("/"):
        yield tuple(_list_literals(suffix[1:]))


def _list_literals(text: str) -> Iterator[PatternStep]:
    return (PatternStep(StepKind.ONE, make_literal(x, is_exact=True)) for x in text)


def _translate(pattern: str) -> _Translation:
    translation = _Translation()
    cursor = TextCursor(pattern.removeprefix(_BYTE_ORDER_MARK))
    is_first = True
    while not cursor.at_end():
        if cursor.take_if("**"):
            _translate_double_star(cursor, translation, is_first=is_first)
        else:
            _translate_character(cursor, translation)
        is_first = False
    return translation


def _translate_double_star(
    cursor: TextCursor, translation: _Translation, *, is_first: bool
) -> None:
    cursor.take_if("/")  # `**/` is `**`
    if not cursor.at_end():
        translation.add(_ANY_FOLDERS)
    elif translation.match_type is _MatchType.EXACT:
        translation.match_type = _MatchType.PREFIX
    else:
        translation.add(".*")
    # `compile` of patternmatcher sets it whatever comes next; a further wildcard overrides it.
    if is_first:
        translation.match_type = _MatchType.SUFFIX


def _translate_character(cursor: TextCursor, translation: _Translation) -> None:
    character = cursor.take()
    if character == "*":
        translation.add(f"{_NO_SLASH}*")
    elif character == "?":
        translation.add(_NO_SLASH)
    elif character in _ESCAPED:
        translation.add(f"\\{character}", is_plain=True)
    elif character == "\\" and not cursor.at_end():
        translation.add(f"\\{cursor.take()}")
    else:
        translation.add(character, is_plain=character not in "[]")


def _parse_expression(expression: str) -> Iterator[tuple[PatternStep, ...]]:
    """Yield the alternatives of an expression, which may be found anywhere in a path."""
    cursor = TextCursor(expression)
    while True:
        units = _parse_alternative(cursor)
        steps = tuple(step for unit in units for step in unit)
        is_anchored = steps[:1] == (PatternStep(StepKind.AT_START),)
        yield (*(steps[1:] if is_anchored else (_ANYTHING, *steps)), _ANYTHING)
        if not cursor.take_if("|"):
            return


def _parse_alternative(cursor: TextCursor) -> list[tuple[PatternStep, ...]]:
    """Parse up to a `|` or the end; each unit is what a repetition would repeat."""
    units: list[tuple[PatternStep, ...]] = []
    is_repeated = False
    while not cursor.at_end() and cursor.peek() != "|":
        bounds = _take_repetition(cursor)
        if bounds is None:
            units += _parse_units(cursor)
        elif is_repeated or not units:
            raise BadExpressionError("nested repetition, or nothing to repeat")
        else:
            units.append(_repeat(units.pop(), *bounds))
        is_repeated = bounds is not None or units[-1:] == [(_FOLDERS,)]
    return units


def _parse_units(cursor: TextCursor) -> Iterator[tuple[PatternStep, ...]]:
    if cursor.take_if(_ANY_FOLDERS):
        yield (_FOLDERS,)
    elif cursor.take_if("^"):
        yield (PatternStep(StepKind.AT_START),)
    elif cursor.take_if("$"):
        yield (PatternStep(StepKind.AT_END),)
    elif cursor.take_if("\\Q"):
        yield from ((PatternStep(StepKind.ONE, make_literal(x)),) for x in cursor.take_until("\\E"))
    elif cursor.peek() == "\\" and cursor.peek(2)[1:] in _ASSERTIONS:
        yield (PatternStep(_ASSERTIONS[cursor.take(2)[1]]),)
    else:
        yield (PatternStep(StepKind.ONE, _parse_characters(cursor)),)


def _take_repetition(cursor: TextCursor) -> tuple[int, int | None] | None:
    """Take `*`, `{2}`, `{2,}` or `{2,3}`, and return the bounds; None if nothing is repeated."""
    if cursor.take_if("*"):
        return 0, None
    match = cursor.match(_REPETITION)
    if match is None:
        return None
    cursor.take(len(match[0]))
    if len(match[0]) > _MAX_REPETITION_LENGTH:
        raise BadExpressionError("invalid repeat count")
    low = int(match["low"])
    high = low if match["comma"] is None else int(match["high"]) if match["high"] else None
    if max(low, high or 0) > _MAX_REPETITIONS or (high is not None and high < low):
        raise BadExpressionError("invalid repeat count")
    return low, high


def _repeat(unit: tuple[PatternStep, ...], low: int, high: int | None) -> tuple[PatternStep, ...]:
    if high == 0:
        return ()
    if len(unit) != 1:  # only behind an empty quotation
        raise BadExpressionError("a repetition of a repetition")
    step = unit[0]
    if step.kind is not StepKind.ONE:
        # What may take nothing is not changed by repetition; an assertion that may be absent asks
        # nothing.
        may_be_missing = low == 0 and step.kind not in {StepKind.MANY, StepKind.FOLDERS}
        return () if may_be_missing else unit
    if high is None:
        return unit * low + (PatternStep(StepKind.MANY, step.characters),)
    return unit * low + (PatternStep(StepKind.MAYBE, step.characters),) * (high - low)


def _parse_characters(cursor: TextCursor) -> CharacterSet:
    character = cursor.peek()
    if character == "[":
        return parse_brackets(cursor)
    if character == "\\":
        return parse_escape(cursor)
    cursor.take()
    return ANY_BUT_NEWLINE if character == "." else make_literal(character)
