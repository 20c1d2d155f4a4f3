"""How many images are built at once, by the machine of the engine."""

from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.build_jobs import choose_jobs, find_free_bytes


@pytest.mark.parametrize(
    ("info", "jobs"),
    [
        ({"NCPU": 4, "MemTotal": 16_770_000_000}, 4),  # ubuntu-latest
        ({"NCPU": 2, "MemTotal": 8_330_000_000}, 2),
        ({"NCPU": 64, "MemTotal": 256_000_000_000}, 4),
        ({"NCPU": 1, "MemTotal": 256_000_000_000}, 1),
        ({"NCPU": 8, "MemTotal": 1_000_000_000}, 1),
    ],
)
def test_a_build_has_a_processor_and_memory(info: dict[str, Any], jobs: int) -> None:
    assert choose_jobs(info) == jobs


@pytest.mark.parametrize("info", [{}, {"NCPU": "4", "MemTotal": None}, {"NCPU": 0}])
def test_an_engine_that_does_not_say_is_taken_for_this_machine(info: dict[str, Any]) -> None:
    assert 1 <= choose_jobs(info) <= 4


def test_the_free_space_is_that_of_the_engines_folder(tmp_path: Path) -> None:
    free = find_free_bytes(str(tmp_path))
    assert free is not None
    assert free > 0


def test_the_space_of_another_machine_is_not_known(tmp_path: Path) -> None:
    if Path("/.dockerenv").exists():
        pytest.skip("in a container, its own root is where the engine's folder is")
    assert find_free_bytes(str(tmp_path / "none")) is None
