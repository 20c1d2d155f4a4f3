"""Many patterns matched at once, in time that grows with the path alone.

All steps of all patterns are bits of one number, and a state is the set of steps that a path can
have reached: there is nothing to go back to. States and moves are kept, so that most characters
cost a look-up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.dockerfile.ignore_characters import CharacterSet
from bot.dockerfile.ignore_expressions import PatternStep, StepKind

_MAX_KEPT_BITS = 400_000_000  # of all kept states together: 50 MB
_MAX_KEPT_STATES = 50_000
_OPERATION_COST_BITS = 20_000  # the cost of an operation beside its bits, in bits
_MAX_STEPS = 100_000
_MAX_COST_BITS = 4_000_000_000  # a few seconds; 40,000 files with random names take 60,000,000

_Program = Sequence[PatternStep]


class TooCostlyError(Exception):
    """The patterns would take too long to match."""


class _Before(Enum):
    """The kind of character before a position of a path."""

    NOTHING = auto()
    WORD = auto()
    OTHER = auto()


@dataclass(slots=True, eq=False)
class State:
    """The steps that a path has reached, and those from which it is inside of folders."""

    reached: int
    inside_folders: int
    before: _Before
    moves: dict[str, "State"] = field(default_factory=dict)
    matches: int | None = None


class Automaton:
    """Programs, of which each has a number; a path matches those that take all of it.

    `cost_bits` is the work done so far.
    """

    def __init__(self, programs: Sequence[tuple[int, _Program]]) -> None:
        self._programs = _lay_out(programs)
        self._states: dict[tuple[int, int, _Before], State] = {}
        self._skippable: dict[tuple[bool, bool, bool], tuple[int, ...]] = {}
        self._characters: dict[str, tuple[int, int]] = {}
        self.cost_bits = 0
        size = self._programs.size
        self._max_states = max(100, min(_MAX_KEPT_STATES, _MAX_KEPT_BITS // (size + 1)))
        self.start = self._intern(self._programs.starts, 0, _Before.NOTHING)

    def move(self, state: State, text: str) -> State:
        """Return the state behind `text`; TooCostlyError if it takes too long."""
        for character in text:
            state = state.moves.get(character) or self._compute_move(state, character)
        return state

    def spend(self, bits: int) -> None:
        """Count an operation on so many bits; TooCostlyError if there were too many."""
        self.cost_bits += bits + _OPERATION_COST_BITS
        if self.cost_bits > _MAX_COST_BITS:
            raise TooCostlyError

    def find_matches(self, state: State) -> int:
        """Return the numbers of the programs that match, as bits."""
        if state.matches is None:
            programs = self._programs
            last = self._skip(state, None) & programs.ends
            state.matches = 0
            for end in _list_bits(last):
                state.matches |= 1 << programs.numbers[end]
        return state.matches

    def _compute_move(self, state: State, character: str) -> State:
        self.spend(self._programs.size)
        ones, many = self._find_takers(character)
        reached = self._skip(state, character)
        inside = state.inside_folders | reached & self._programs.folders
        # A step that takes one character is done, and the next bit reached; one that takes many
        # stays.
        following = (reached & ones) << 1 | reached & many
        if character == "/":
            following |= inside << 1
        # The `.` of `(.*/)?` takes no newline: no folder begins before one and ends behind it.
        if character == "\n":
            inside = 0
        before = _Before.OTHER
        if self._programs.has_word_boundaries and _is_word(character):
            before = _Before.WORD
        state.moves[character] = self._intern(following, inside, before)
        return state.moves[character]

    def _intern(self, reached: int, inside_folders: int, before: _Before) -> State:
        if len(self._states) >= self._max_states:
            for state in self._states.values():
                state.moves.clear()
            self._states.clear()
        key = (reached, inside_folders, before)
        if key not in self._states:
            self._states[key] = State(*key)
        return self._states[key]

    def _find_takers(self, character: str) -> tuple[int, int]:
        """Return the steps that take a character: once, and any number of times."""
        if character not in self._characters:
            if len(self._characters) >= self._max_states:
                self._characters.clear()
            programs = self._programs
            ones, many = programs.literals.get(character, (0, 0))
            for characters, (once, often) in programs.sets.items():
                if characters.contains(character):
                    ones, many = ones | once, many | often
            self._characters[character] = ones, many
        return self._characters[character]

    def _skip(self, state: State, character: str | None) -> int:
        """Return the steps reached, with those that come after steps that may take nothing."""
        at_start = state.before is _Before.NOTHING
        is_word = character is not None and _is_word(character)
        at_boundary = is_word != (state.before is _Before.WORD)
        key = (at_start, character is None, at_boundary)
        if key not in self._skippable:
            self._skippable[key] = _list_skips(self._programs.find_skippable(*key))
        reached = state.reached
        # Steps to skip come in runs: jumps of powers of two, the longest first, reach all of a run.
        for power, skips in reversed(list(enumerate(self._skippable[key]))):
            reached |= (reached & skips) << (1 << power)
        return reached


@dataclass(slots=True)
class _Layout:
    """Steps as bits: those of each program in a row, with its end behind them."""

    size: int = 0
    starts: int = 0
    ends: int = 0
    numbers: dict[int, int] = field(default_factory=dict)
    kinds: dict[StepKind, int] = field(default_factory=lambda: dict.fromkeys(StepKind, 0))
    literals: dict[str, tuple[int, int]] = field(default_factory=dict)
    sets: dict[CharacterSet, tuple[int, int]] = field(default_factory=dict)

    @property
    def folders(self) -> int:
        return self.kinds[StepKind.FOLDERS]

    @property
    def has_word_boundaries(self) -> bool:
        return bool(self.kinds[StepKind.WORD_BOUNDARY] | self.kinds[StepKind.NO_WORD_BOUNDARY])

    def find_skippable(self, at_start: bool, at_end: bool, at_boundary: bool) -> int:  # noqa: FBT001
        boundary = StepKind.WORD_BOUNDARY if at_boundary else StepKind.NO_WORD_BOUNDARY
        return (
            self.kinds[StepKind.MANY]
            | self.kinds[StepKind.MAYBE]
            | self.folders
            | self.kinds[boundary]
            | (self.kinds[StepKind.AT_START] if at_start else 0)
            | (self.kinds[StepKind.AT_END] if at_end else 0)
        )


def _lay_out(programs: Sequence[tuple[int, _Program]]) -> _Layout:
    layout = _Layout()
    if sum(len(program) + 1 for _, program in programs) > _MAX_STEPS:
        raise TooCostlyError
    for number, program in programs:
        layout.starts |= 1 << layout.size
        for step in program:
            _lay_out_step(layout, step)
        layout.ends |= 1 << layout.size
        layout.numbers[layout.size] = number
        layout.size += 1
    return layout


def _lay_out_step(layout: _Layout, step: PatternStep) -> None:
    bit = 1 << layout.size
    layout.size += 1
    layout.kinds[step.kind] |= bit
    if step.kind not in {StepKind.ONE, StepKind.MAYBE, StepKind.MANY}:
        return
    once, often = (0, bit) if step.kind is StepKind.MANY else (bit, 0)
    single = step.characters.single
    if single is not None:
        ones, many = layout.literals.get(single, (0, 0))
        layout.literals[single] = ones | once, many | often
    else:
        ones, many = layout.sets.get(step.characters, (0, 0))
        layout.sets[step.characters] = ones | once, many | often


def _list_skips(skippable: int) -> tuple[int, ...]:
    """Return the steps that begin one, two, four, eight, … skippable ones."""
    skips = []
    while skippable:
        skips.append(skippable)
        skippable &= skippable >> (1 << (len(skips) - 1))
    return tuple(skips)


def _list_bits(number: int) -> Iterator[int]:
    while number:
        bit = (number & -number).bit_length() - 1
        yield bit
        number ^= 1 << bit


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
