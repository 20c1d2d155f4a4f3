"""Builds and their time limit, images that are pinned, and the output of buildx."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.buildx_runs import BuildxRuns, parse_warnings
from bot.adapters.docker.client_folder import ClientFolder
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.plain_progress import PlainProgress
from bot.adapters.process import ProcessResult


def test_warnings_have_their_rule_and_detail() -> None:
    output = (
        b'{"warnings": [{"ruleName": "StageNameCasing", "description": "Stage names should be lower",'
        b' "detail": "Stage name \'BUILD\' should be lowercase", "location": {}}]}'
    )
    assert parse_warnings(output) == ("StageNameCasing: Stage name 'BUILD' should be lowercase",)
    assert parse_warnings(b'{"sources": []}') == ()


@pytest.mark.parametrize("output", [b"no JSON", b'{"warnings": [1]}', b"[]", b"[" * 100_000])
def test_other_output_has_no_warnings_to_read(output: bytes) -> None:
    assert parse_warnings(output) is None


def test_a_from_that_is_no_reference_is_asked_of_nobody() -> None:
    """BuildKit refuses it; an engine would read it as a path of its API."""
    builder = BuildxBuilder(EngineHandle({}), {}, PlainProgress(io.StringIO()))
    pins = builder.pin_images(["../containers", "UPPER"], "linux/amd64")
    assert pins.resolved == {}
    assert pins.unresolved["../containers"] == "'../containers' is not the name of an image"
    assert "lower-case" in pins.unresolved["UPPER"]


class _FailingRuns(BuildxRuns):
    """Runs without an engine: each build breaks with an error of the network."""

    def __init__(self) -> None:
        client = ClientFolder({}, lambda _: None, lambda _: None)
        super().__init__(EngineHandle({}), {}, PlainProgress(io.StringIO()), client)
        self.limits: list[float] = []

    def _run_build(
        self,
        step: str,
        arguments: Sequence[str | Path],
        timeout_s: float,
        variables: Mapping[str, str],
    ) -> ProcessResult:
        self.limits.append(timeout_s)
        return ProcessResult(1, b"", ("curl: (6) Could not resolve host: example.com",))


def test_a_build_and_its_repetition_share_one_time_limit() -> None:
    runs = _FailingRuns()
    runs.try_build("build", (), 1500)
    first, second = runs.limits
    assert first == 1500 > second > 1


# Docker's command, as far as a builder is looked for by it.
_DOCKER = """\
#!/bin/sh
printf 'Name: %s\\nDriver: remote\\n' "${BUILDX_BUILDER:-default}"
"""


@pytest.mark.parametrize(
    ("own", "variable", "configured", "used"),
    [
        ("option", "variable", "file", "option"),
        (None, "variable", "file", "variable"),
        (None, "", "file", "file"),
    ],
)
def test_a_builder_is_named_by_the_caller_or_else_by_the_file(
    tmp_path: Path, own: str | None, variable: str, configured: str, used: str
) -> None:
    command = tmp_path / "docker"
    command.write_text(_DOCKER)
    command.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/bin:/usr/bin", "HOME": str(tmp_path)}
    environment |= {"BUILDX_BUILDER": variable}
    options = BuildOptions(builder=own, config_builder=configured)
    screen = PlainProgress(io.StringIO())
    builder = BuildxBuilder(EngineHandle(environment), environment, screen, options)
    try:
        # Without an engine: images of a builder that somebody named go to a folder.
        assert builder.description == f"BuildKit, builder {used!r} (remote driver)"
    finally:
        builder.close()
