"""Shell patterns of `${v#…}`, `${v%…}` and `${v/…}`: `*` and `?`, no brackets.

The steps of a pattern are bits of one number, and a state is the set of steps that a text can have
reached: there is nothing to go back to. Neither `*` nor `?` takes a line feed, as in Go's regexp.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_MAX_STEPS = 1_000
_MANY, _ONE = "many", "one"  # longer than a character, so that no literal step equals them
# `convertShellPatternToRegex` in lex.go refuses a backslash before anything else.
_ESCAPABLE = ("*", "?", "\\", "}", "/")

Spend = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ShellPattern:
    """A pattern, and its mirror image to read a text from its end.

    `spend` is called with the number of characters that were compared, and may raise.
    """

    forward: "_Machine"
    backward: "_Machine"

    def strip_prefix(self, text: str, *, longest: bool) -> str:
        """Return a text without the longest or the shortest start that matches."""
        end = _choose(self.forward.list_ends(text, 0), longest=longest)
        return text if end is None else text[end:]

    def strip_suffix(self, text: str, *, longest: bool) -> str:
        """Return a text without the longest or the shortest end that matches."""
        length = _choose(self.backward.list_ends(text[::-1], 0), longest=longest)
        return text if length is None else text[: len(text) - length]

    def list_matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the longest matches are, from left to right, as Go's regexp finds them."""
        # One pass from the end shows where matches may begin, so that no other start is tried.
        reversed_ends = self.backward.list_ends(text[::-1], 0, begins_anywhere=True)
        next_start, last_end = 0, 0
        for start in (len(text) - end for end in reversed(reversed_ends)):
            if start < next_start:
                continue
            end = _choose(self.forward.list_ends(text, start), longest=True) or start
            # Nothing right behind a match is no match.
            if end > last_end or start == 0:
                yield start, end
                last_end = end
            next_start = max(end, start + 1)


def parse_pattern(pattern: str, spend: Spend) -> ShellPattern:
    """Parse a pattern; ValueError for an escape that BuildKit refuses, or for too many steps."""
    steps = list(_list_steps(pattern))
    if len(steps) > _MAX_STEPS:
        raise ValueError(f"a pattern has more than {_MAX_STEPS:,} characters")
    return ShellPattern(_make_machine(steps, spend), _make_machine(steps[::-1], spend))


@dataclass(slots=True)
class _Machine:
    """Steps as bits, the end of the pattern behind them."""

    spend: Spend
    end: int
    ones: int = 0
    many: int = 0
    literals: dict[str, int] = field(default_factory=dict)

    def list_ends(self, text: str, start: int, *, begins_anywhere: bool = False) -> list[int]:
        """Return where matches end that begin at `start`, or anywhere behind it, in order."""
        ends: list[int] = []
        first = state = self._skip(1)
        many, position = self.many, start
        for position in range(start, len(text) + 1):
            if state & self.end:
                ends.append(position)
            if not state or position == len(text):
                break
            ones, stays = self._find_takers(text[position])
            state = (state & ones) << 1 | state & stays
            state |= (state & many) << 1 | (first if begins_anywhere else 0)
        self.spend(position - start + 1)
        return ends

    def _find_takers(self, character: str) -> tuple[int, int]:
        """Return the steps that take a character: once, and any number of times."""
        literals = self.literals.get(character, 0)
        return (literals, 0) if character == "\n" else (literals | self.ones, self.many)

    def _skip(self, state: int) -> int:
        """Return the steps reached, with those behind a `*`, which may take nothing."""
        return state | (state & self.many) << 1


def _make_machine(steps: Sequence[str], spend: Spend) -> _Machine:
    machine = _Machine(spend, end=1 << len(steps))
    for number, step in enumerate(steps):
        bit = 1 << number
        if step == _MANY:
            machine.many |= bit
        elif step == _ONE:
            machine.ones |= bit
        else:
            machine.literals[step] = machine.literals.get(step, 0) | bit
    return machine


def _list_steps(pattern: str) -> Iterator[str]:
    """Yield the steps; several `*` in a row are one."""
    characters = iter(pattern)
    last = ""
    for character in characters:
        step = {"*": _MANY, "?": _ONE}.get(character, character)
        if character == "\\":
            step = next(characters, "")
            if step not in _ESCAPABLE:
                raise ValueError(f"invalid escape in a pattern: {step!r}")
        if step != _MANY or last != _MANY:
            yield step
        last = step


def _choose(ends: Sequence[int], *, longest: bool) -> int | None:
    return ends[-1 if longest else 0] if ends else None
