"""A `.dockerignore`, obeyed as BuildKit obeys it.

The patterns are those of github.com/moby/patternmatcher, and the walk is that of
github.com/tonistiigi/fsutil: a folder hands its matches down to what is in it, and is not entered
if it is left out and no exception can be meant for its contents. The Docker SDK for Python has a
matcher, too, but it takes upper case for lower.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bot.dockerfile.ignore_automaton import Automaton, State, TooCostlyError
from bot.dockerfile.ignore_characters import BadExpressionError
from bot.dockerfile.ignore_expressions import PatternStep, compile_pattern
from bot.dockerfile.ignore_lines import IgnorePattern, read_patterns
from bot.dockerfile.ignore_syntax import IllegalIgnoreFileError

__all__ = ["DockerIgnore", "IllegalIgnoreFileError", "TooCostlyError", "parse_dockerignore"]

_MAX_KEPT_BITS = 200_000_000  # of all kept verdicts together: 25 MB
_SPECIAL_CHARACTERS = frozenset("*[]?^\\")


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The verdict of the patterns on a path: `matched` has those that do, as bits.

    `is_pruned` is True for a folder that is not entered.
    """

    is_ignored: bool
    matched: int
    is_pruned: bool = False


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    state: State
    verdict: _Verdict


class DockerIgnore:
    """Patterns; paths are POSIX paths relative to the context, sorted ones are answered fastest.

    Bytes of a path that are no UTF-8 are surrogates, as os.fsdecode makes them.
    """

    def __init__(self, patterns: Sequence[IgnorePattern]) -> None:
        self._patterns = patterns
        programs: list[tuple[int, Sequence[PatternStep]]] = []
        self._literals: dict[str, int] = {}
        self._exceptions = self._broken = 0
        for number, pattern in enumerate(patterns):
            self._exceptions |= pattern.is_exception << number
            try:
                compiled = compile_pattern(pattern.text)
            except BadExpressionError:
                self._broken |= 1 << number
                continue
            if compiled is None:
                self._literals[pattern.text] = self._literals.get(pattern.text, 0) | 1 << number
            programs += [(number, program) for program in compiled or ()]
        self._automaton = Automaton(programs)
        self._pruning = _Pruning(patterns)
        self._verdicts: dict[tuple[int, int], _Verdict] = {}
        self._parents = [_Folder("", self._automaton.start, _Verdict(is_ignored=False, matched=0))]

    def check_buildable(self) -> None:
        """Raise IllegalIgnoreFileError if a build may fail, whatever paths there are.

        It does if a pattern that is no expression is compared with a path. And the client gets
        patterns without other than ASCII as HTTP headers, which take no control characters.
        """
        if self._broken:
            raise IllegalIgnoreFileError("a pattern is not a valid expression")
        texts = [pattern.text for pattern in self._patterns]
        if all(map(str.isascii, texts)) and not all(map(str.isprintable, texts)):
            raise IllegalIgnoreFileError("a pattern has a control character")

    def is_ignored(self, path: str) -> bool:
        """Return True for a path that is left out, and nothing below it asks for it.

        IllegalIgnoreFileError if BuildKit fails at it; TooCostlyError if it takes too long.
        """
        if not self._patterns:
            return False
        parent = self._enter(path.split("/")[:-1])
        if parent.verdict.is_pruned:
            return True
        return self._judge(parent, path).verdict.is_ignored

    def is_pruned(self, path: str) -> bool:
        """Return True for a folder that is left out with everything in it."""
        return bool(self._patterns) and self._enter(path.split("/")).verdict.is_pruned

    def _enter(self, names: Sequence[str]) -> _Folder:
        """Return the deepest of the folders that is entered, or the first that is not."""
        path = ""
        for depth, name in enumerate(names, 1):
            path = f"{path}/{name}" if path else name
            if len(self._parents) <= depth or self._parents[depth].path != path:
                del self._parents[depth:]
                parent = self._parents[-1]
                if parent.verdict.is_pruned:
                    return parent
                self._parents.append(self._judge(parent, path, is_folder=True))
        return self._parents[len(names)]

    def _judge(self, parent: _Folder, path: str, *, is_folder: bool = False) -> _Folder:
        state = self._automaton.move(parent.state, path[len(parent.path) :])
        matches = self._automaton.find_matches(state) | self._literals.get(path, 0)
        verdict = self._combine(parent.verdict.matched, matches)
        if is_folder and verdict.is_ignored and self._pruning.prunes(path):
            verdict = _Verdict(verdict.is_ignored, verdict.matched, is_pruned=True)
        return _Folder(path, state, verdict)

    def _combine(self, inherited: int, direct: int) -> _Verdict:
        key = (inherited, direct)
        if key not in self._verdicts:
            if len(self._verdicts) * len(self._patterns) > _MAX_KEPT_BITS:
                self._verdicts.clear()
            self._verdicts[key] = self._compute_verdict(inherited, direct)
        return self._verdicts[key]

    def _compute_verdict(self, inherited: int, direct: int) -> _Verdict:
        """Return the verdict on a path that patterns match, or matched above it.

        A pattern that could change nothing is not asked, and does not count as matched below.
        """
        # `MatchesUsingParentResults` of patternmatcher: in the order of the file, an exception is
        # compared with an ignored path only, another pattern only with one that is not.
        is_ignored = False
        matched = inherited
        candidates = direct | self._broken
        number = 0
        while True:
            self._automaton.spend(len(self._patterns))
            kind = self._exceptions if is_ignored else ~self._exceptions
            remaining = (inherited | candidates & kind) >> number
            if not remaining:
                return _Verdict(is_ignored, matched)
            # The lowest bit is the next pattern.
            number += (remaining & -remaining).bit_length()
            bit = 1 << (number - 1)
            if self._broken & bit and not inherited & bit:
                raise IllegalIgnoreFileError(f"bad pattern: {self._patterns[number - 1].text}")
            matched |= bit
            is_ignored = not self._exceptions & bit


class _Pruning:
    """Decides which folders are not entered: those that no exception without wildcards is below."""

    def __init__(self, patterns: Sequence[IgnorePattern]) -> None:
        # The rule of fsutil's filter.go (`onlyPrefixExcludeExceptions`): an exception with a
        # wildcard may be meant for a path in any folder.
        prefixes = [_cut_trailing_stars(x.text) for x in patterns if x.is_exception]
        self._is_possible = not any(_SPECIAL_CHARACTERS.intersection(x) for x in prefixes)
        self._prefixes = sorted(f"{prefix}/" for prefix in prefixes)

    def prunes(self, folder: str) -> bool:
        if not self._is_possible:
            return False
        index = bisect_left(self._prefixes, f"{folder}/")
        return not any(x.startswith(f"{folder}/") for x in self._prefixes[index : index + 1])


def _cut_trailing_stars(pattern: str) -> str:
    # `patternWithoutTrailingGlob` of fsutil takes off both, in this order.
    return pattern.removesuffix("/**").removesuffix("/*")


def parse_dockerignore(data: bytes) -> DockerIgnore:
    """Return the patterns of a file; IllegalIgnoreFileError if no build works with it."""
    return DockerIgnore(read_patterns(data))
