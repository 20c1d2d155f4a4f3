"""Builds side by side: nothing but the time that they take depends on it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.line.build_input import BuildInput
from bot.line.builds_ahead import BuildLimit, BuildsAhead, Group
from bot.model.spec import ImageSpec

DEADLINE_S = 60


def make_groups(*names: str) -> list[Group]:
    """Return a group of one input for each name; `-` is an image without a build."""
    return [
        () if name == "-" else (BuildInput(ImageSpec(name, "Dockerfile", "."), Path("/"), None),)
        for name in names
    ]


class Builds:
    """Writes down what is built; `together` builds have to run at the same time."""

    def __init__(self, together: int = 1, failing: str = "") -> None:
        self.begun: list[str] = []
        self.is_stopped = threading.Event()
        self._barrier = threading.Barrier(together)
        self._failing = failing

    def build(self, group: Group) -> None:
        name = group[0].spec.name
        self.begun.append(name)
        self._barrier.wait(DEADLINE_S)
        if name == self._failing:
            raise OSError(f"{name} failed")
        if name == "endless":
            assert self.is_stopped.wait(DEADLINE_S)

    def limit(self, count: int) -> BuildLimit:
        return BuildLimit(lambda images: count, stop=self.is_stopped.set)


@contextmanager
def ahead(builds: Builds, groups: list[Group], count: int) -> Iterator[BuildsAhead]:
    with BuildsAhead(groups, builds.build, builds.limit(count)) as running:
        yield running


def test_as_many_are_built_at_once_as_the_limit_says() -> None:
    builds, groups = Builds(together=3), make_groups("a", "b", "c", "d", "e", "f")
    with ahead(builds, groups, 3) as running:
        for turn in range(len(groups)):
            running.wait(turn)
            assert groups[turn][0].spec.name in builds.begun
    assert sorted(builds.begun) == list("abcdef")
    assert not builds.is_stopped.is_set()


def test_no_build_is_further_ahead_than_the_limit() -> None:
    builds = Builds()
    with ahead(builds, make_groups("a", "b", "c", "d"), 2) as running:
        running.wait(0)
        assert set(builds.begun) <= {"a", "b"}
        running.wait(1)
        assert set(builds.begun) <= {"a", "b", "c"}
    assert {"a", "b"} <= set(builds.begun)


def test_images_without_a_build_do_not_keep_others_waiting() -> None:
    builds = Builds(together=2)
    with ahead(builds, make_groups("a", "-", "-", "b", "c"), 2) as running:
        running.wait(0)
        assert set(builds.begun) == {"a", "b"}


@pytest.mark.parametrize(("names", "count"), [(("a", "b"), 1), (("a", "-"), 4), ((), 4)])
def test_nothing_is_built_ahead_of_a_single_one(names: tuple[str, ...], count: int) -> None:
    builds = Builds()
    with ahead(builds, make_groups(*names), count) as running:
        for turn in range(len(names)):
            running.wait(turn)
    assert builds.begun == []


def test_an_error_is_raised_in_the_turn_of_its_image() -> None:
    builds = Builds(together=2, failing="b")
    with ahead(builds, make_groups("a", "b"), 2) as running:
        running.wait(0)
        with pytest.raises(OSError, match="b failed"):
            running.wait(1)


def interrupt_second_turn(builds: Builds) -> None:
    with ahead(builds, make_groups("a", "endless", "never"), 2) as running:
        running.wait(0)
        raise KeyboardInterrupt


def test_after_an_error_the_builds_that_run_are_ended_and_no_other_begins() -> None:
    builds = Builds(together=2)
    with pytest.raises(KeyboardInterrupt):
        interrupt_second_turn(builds)
    assert sorted(builds.begun) == ["a", "endless"]
    assert builds.is_stopped.is_set()
