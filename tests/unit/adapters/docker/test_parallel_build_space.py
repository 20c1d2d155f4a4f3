"""The free space that an engine has for images."""

from pathlib import Path

import pytest

from bot.adapters.docker.parallel_build_space import find_free_bytes


def test_the_free_space_is_that_of_the_engines_folder(tmp_path: Path) -> None:
    free = find_free_bytes(str(tmp_path))
    assert free is not None
    assert free > 0


def test_the_space_of_another_machine_is_not_known(tmp_path: Path) -> None:
    if Path("/.dockerenv").exists():
        pytest.skip("in a container, its own root is where the engine's folder is")
    assert find_free_bytes(str(tmp_path / "none")) is None
