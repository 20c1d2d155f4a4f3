"""The copies of a Dockerfile by the paths that they bring: thousands of lines are searched fast."""

import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property

from bot.advise.copy_targets import (
    is_copy,
    list_copied_paths,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.path_patterns import has_pattern
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step

_PATTERN_CHARACTERS = re.compile(r"[*?\[]")


class CopyIndex:
    """The copies of the final stages by their paths; a number is that of a step."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._steps = rule_input.steps
        self._numbers = {x.instruction.line_start: n for n, x in enumerate(self._steps)}
        self._numbers_by_pattern = dict[str, list[int]]()
        self._copies = [n for n, step in enumerate(self._steps) if is_copy(step)]

    def find_by_path(self, step: Step, target: str) -> Iterator[Step]:
        """Yield the first two copies above a step that bring a path, or what a pattern matches."""
        numbers = self._by_path.get(target, [])
        if has_pattern(target):
            numbers = self._match_pattern(target)
        return self._iter_first(step, numbers)

    def find_by_destination(self, step: Step, target: str) -> Iterator[Step]:
        """Yield the first two copies above a step with a destination."""
        return self._iter_first(step, self._by_destination.get(target, []))

    def count_below(self, step: Step, folder: str) -> int:
        """Return how many copies above a step have a destination below a folder."""
        groups = (self._by_folder, self._by_destination)
        below, equal = (self._count_above(step, group.get(folder, [])) for group in groups)
        return below - equal

    def has_near(self, step: Step, target: str) -> bool:
        """Return True if a copy above a step has a destination at, above or below a target."""
        folders = (folder for folder in list_folders(target) if folder != "/")
        groups = [self._by_folder.get(target, [])]
        groups += [self._by_destination.get(folder, []) for folder in folders]
        return any(self._count_above(step, numbers) for numbers in groups)

    def list_near(self, step: Step, target: str, most: int) -> list[Step]:
        """Return copies above a step with a destination at, above or below a target.

        All of them, if there are no more than `most`.
        """
        folders = (folder for folder in list_folders(target) if folder != "/")
        groups = [self._by_folder.get(target, [])]
        groups += [self._by_destination.get(folder, []) for folder in folders]
        first = (n for group in groups for n in group[: most + 1])
        numbers = {n for n in first if n < self._number_of(step)}
        return [self._steps[n] for n in sorted(numbers)]

    def list_around(self, step: Step, target: str) -> list[Step]:
        """Return copies above a step with a destination at or above a target, or below it."""
        groups = [self._by_destination.get(folder, []) for folder in list_folders(target)]
        groups.append(self._by_folder.get(target, []))
        return [copy for numbers in groups for copy in self._iter_first(step, numbers)]

    def may_bring_between(self, first: Step, last: Step, path: str) -> bool:
        """Return True if a copy between two steps may have a path among its files.

        A name without a dot may be a folder.
        """
        start, end = self._number_of(first), self._number_of(last)
        keys = ("", *list_folders(path))
        groups = [self._by_path.get(path, [])]
        groups += [self._folder_copies.get(key, []) for key in keys]
        return any(_has_between(numbers, start, end) for numbers in groups)

    def is_named_folder(self, copy: Step, path: str) -> bool:
        """Return True if a `RUN` behind a copy names something below a path: `mkdir /app/x`."""
        return self._named_folders.get(path, -1) > self._number_of(copy)

    def _iter_first(self, step: Step, numbers: list[int]) -> Iterator[Step]:
        yield from (self._steps[n] for n in numbers[:2] if n < self._number_of(step))

    def _count_above(self, step: Step, numbers: list[int]) -> int:
        return bisect_left(numbers, self._number_of(step))

    def _number_of(self, step: Step) -> int:
        return self._numbers[step.instruction.line_start]

    def _match_pattern(self, pattern: str) -> list[int]:
        if pattern not in self._numbers_by_pattern:
            special = _PATTERN_CHARACTERS.search(pattern)
            prefix, paths = pattern[: special.start() if special else None], self._sorted_paths
            first, last = (bisect_left(paths, x) for x in (prefix, f"{prefix}\U0010ffff"))
            matching = (path for path in paths[first:last] if fnmatchcase(path, pattern))
            numbers = {number for path in matching for number in self._by_path[path]}
            self._numbers_by_pattern[pattern] = sorted(numbers)
        return self._numbers_by_pattern[pattern]

    @cached_property
    def _by_path(self) -> Mapping[str, list[int]]:
        return _group((n, path) for n in self._copies for path in list_copied_paths(self._steps[n]))

    @cached_property
    def _sorted_paths(self) -> list[str]:
        return sorted(self._by_path)

    @cached_property
    def _by_destination(self) -> Mapping[str, list[int]]:
        return _group(self._iter_destinations())

    @cached_property
    def _by_folder(self) -> Mapping[str, list[int]]:
        """The copies by their destination, and by each folder above it but the root."""
        return _group(
            (number, folder)
            for number, destination in self._iter_destinations()
            for folder in list_folders(destination)
            if folder != "/" or destination == "/"
        )

    @cached_property
    def _named_folders(self) -> Mapping[str, int]:
        """The folders of all paths that the commands of a `RUN` name, with the last such step."""
        return {
            folder: number
            for number, step in enumerate(self._steps)
            for call in step.calls
            for word in call.arguments
            for folder in list_folders(posixpath.dirname(resolve_word(step, call, word)))
        }

    @cached_property
    def _folder_copies(self) -> Mapping[str, list[int]]:
        """The copies that may bring folders by their destination, empty where it is unknown."""
        copies = (n for n in self._copies if _may_have_folder(self._steps[n]))
        return _group((n, resolve_copy_destination(self._steps[n]) or "") for n in copies)

    def _iter_destinations(self) -> Iterator[tuple[int, str]]:
        for number in self._copies:
            yield number, resolve_copy_destination(self._steps[number]) or "/"


def _group(pairs: Iterable[tuple[int, str]]) -> Mapping[str, list[int]]:
    grouped = defaultdict[str, list[int]](list)
    for number, path in pairs:
        if grouped[path][-1:] != [number]:
            grouped[path].append(number)
    return dict(grouped)


def _has_between(numbers: list[int], start: int, end: int) -> bool:
    index = bisect_left(numbers, start + 1)
    return index < len(numbers) and numbers[index] < end


def list_folders(path: str) -> Iterator[str]:
    """Yield a path and the folders above it."""
    yield path
    while path not in ("/", ""):
        path = posixpath.dirname(path)
        yield path


def _may_have_folder(copy: Step) -> bool:
    names = [posixpath.basename(source) for source in list_copy_sources(copy)]
    return any("." not in name.lstrip(".") or "*" in name for name in names)
