"""The number of builds that run at once, by what is asked for and by the machine."""

from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.engine_errors import EngineFailure
from bot.adapters.docker.parallel_builds import (
    MIN_FREE_BYTES,
    Machine,
    ParallelBuilds,
    find_free_bytes,
    may_be_due_to_others,
)
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure

LARGE = {"NCPU": 4, "MemTotal": 16_000_000_000}


def make_builds(jobs: int | None, machine: Machine) -> ParallelBuilds:
    return ParallelBuilds(jobs, lambda: machine, lambda line: None)


def test_the_free_space_is_that_of_the_engines_folder(tmp_path: Path) -> None:
    free = find_free_bytes(str(tmp_path))
    assert free is not None
    assert free > 0


def test_the_space_of_another_machine_is_not_known(tmp_path: Path) -> None:
    if Path("/.dockerenv").exists():
        pytest.skip("in a container, its own root is where the engine's folder is")
    assert find_free_bytes(str(tmp_path / "none")) is None


@pytest.mark.parametrize(
    ("info", "is_allowed"),
    [
        (LARGE, True),
        ({**LARGE, "NCPU": 1}, False),
        ({**LARGE, "MemTotal": 4_000_000_000}, False),
        ({"NCPU": 4}, False),
        ({"NCPU": "4", "MemTotal": None}, False),
        (None, True),  # a builder without an engine, of which nothing is known
    ],
)
def test_both_sides_are_built_at_once_where_two_builds_have_room(
    info: dict[str, Any] | None, *, is_allowed: bool
) -> None:
    assert make_builds(None, Machine(MIN_FREE_BYTES, info)).allows_both_sides() is is_allowed


@pytest.mark.parametrize("info", [LARGE, None])
def test_both_sides_are_built_one_after_the_other_with_little_disk(
    info: dict[str, Any] | None,
) -> None:
    lines: list[str] = []
    builds = ParallelBuilds(None, lambda: Machine(MIN_FREE_BYTES - 1, info), lines.append)
    assert not builds.allows_both_sides()
    assert not builds.allows_both_sides()
    (line,) = lines  # said once
    assert line.startswith("note: only 10.0 GB are free for images: both sides")


def test_images_are_built_one_after_another_with_little_disk() -> None:
    lines: list[str] = []
    builds = ParallelBuilds(4, lambda: Machine(1_000_000_000), lines.append)
    assert builds.count_jobs(1) == 4
    assert lines == []
    assert builds.count_jobs(10) == 1
    assert lines == [
        "note: only 1.00 GB are free for images: they are built one after another, and not 4 at "
        "once"
    ]


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_number_of_images_leaves_the_sides_one_after_the_other(jobs: int) -> None:
    builds = make_builds(jobs, Machine(None, LARGE))
    assert not builds.allows_both_sides()
    assert builds.count_jobs(10) == jobs


def test_an_engine_that_does_not_answer_is_for_the_build_to_say() -> None:
    def find_machine() -> Machine:
        raise EngineFailure("it does not answer")

    builds = ParallelBuilds(None, find_machine, lambda line: None)
    assert not builds.allows_both_sides()
    assert builds.count_jobs(10) == 1


@pytest.mark.parametrize("kind", list(FailureKind))
def test_what_is_wrong_with_the_files_does_not_fail_for_want_of_room(kind: FailureKind) -> None:
    is_due = may_be_due_to_others(BuildFailure("it fails", kind=kind))
    if kind.lies_in_own_files:
        assert is_due is (kind is FailureKind.INSTRUCTION)
    else:
        assert is_due is (kind in {"memory", "disk", "time", "unknown"})
