"""The builder of buildx that is in use, as `docker buildx inspect` describes it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.docker.buildx_instance import BuildxInstance, find_buildx_instance
from bot.adapters.process import ProcessResult
from bot.errors import EngineUnavailableError

# Of buildx 0.13.1, with BuildKit 0.18.2 on loopback.
REMOTE = b"""\
Name:          far
Driver:        remote
Last Activity: 2026-11-26 23:03:59 +0000 UTC

Nodes:
Name:             far0
Endpoint:         tcp://127.0.0.1:17171
Status:           running
Platforms:        linux/arm64*, linux/amd64, linux/386
"""
# Without an engine.
UNREACHABLE = b"""\
Name:   default
Driver:
Error:  Cannot connect to the Docker daemon

Nodes:
Name:     default
Endpoint: default
"""


def find(output: bytes, status: int = 0) -> BuildxInstance:
    def run(arguments: Sequence[str | Path], timeout_s: float) -> ProcessResult:
        is_inspect = arguments == ["inspect"]
        return ProcessResult(status if is_inspect else 0, output, ('no builder "far" found',))

    return find_buildx_instance(run, {"BUILDX_BUILDER": "far"})


def test_a_builder_has_a_driver_and_a_platform_of_its_own() -> None:
    instance = find(REMOTE)
    assert instance == BuildxInstance("far", "remote", "linux/arm64")
    assert not instance.uses_store


def test_the_builder_of_an_engine_that_does_not_answer_is_the_engines() -> None:
    assert find(UNREACHABLE) == BuildxInstance("default", "docker")


def test_a_builder_that_is_not_there_is_an_error_with_the_ways_to_name_another() -> None:
    with pytest.raises(EngineUnavailableError, match="'far' cannot be used") as caught:
        find(b"", 1)
    assert all(word in str(caught.value.fix) for word in ("--builder", "BUILDX_BUILDER", "ls"))
