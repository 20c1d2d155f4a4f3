"""Engines on which nothing of a pull request is started."""

from collections.abc import Mapping

import pytest

from bot.adapters.docker.container_limits import check_limits
from bot.adapters.docker.engine_errors import EngineFailure


def test_an_engine_that_limits_memory_and_processes_may_start_images() -> None:
    check_limits("Docker Engine", {"MemoryLimit": True, "PidsLimit": True, "CPUCfsQuota": False})


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ({"MemoryLimit": False, "PidsLimit": False}, "cannot limit memory and processes:"),
        ({"MemoryLimit": True, "PidsLimit": False}, "cannot limit processes:"),
        ({"MemoryLimit": True}, "cannot limit processes:"),
        ({"MemoryLimit": "yes", "PidsLimit": True}, "cannot limit memory:"),
    ],
)
def test_an_engine_that_would_discard_limits_starts_nothing(
    info: Mapping[str, object], words: str
) -> None:
    with pytest.raises(EngineFailure, match=words):
        check_limits("Docker Engine", info)


def test_nothing_is_started_on_podman_whatever_it_says() -> None:
    with pytest.raises(EngineFailure, match="nothing is started on Podman:"):
        check_limits("Podman", {"MemoryLimit": True, "PidsLimit": True})
