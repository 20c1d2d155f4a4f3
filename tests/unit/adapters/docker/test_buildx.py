"""The output of buildx, parsed: build failures, lost connections, warnings."""

import io

import pytest

from bot.adapters.docker.buildx import (
    BuildxBuilder,
    is_network_failure,
    parse_build_failure,
    parse_warnings,
)
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.plain_progress import PlainProgress
from bot.adapters.process import ProcessResult
from bot.model.image import BuildFailure

FAILED_STEP = """\
#5 [2/2] RUN echo words of the step; exit 7
#5 0.1 words of the step
#5 ERROR: process "/bin/sh -c echo words of the step; exit 7" did not complete successfully
------
 > [2/2] RUN echo words of the step; exit 7:
0.1 words of the step
------
Dockerfile:2
ERROR: failed to build: failed to solve: process "/bin/sh -c exit 7" did not complete
"""


def test_a_build_failure_has_the_error_and_the_output_of_its_step() -> None:
    result = ProcessResult(1, b"", tuple(FAILED_STEP.splitlines()))
    assert parse_build_failure(result) == BuildFailure(
        'process "/bin/sh -c exit 7" did not complete',
        (
            " > [2/2] RUN echo words of the step; exit 7:",
            "0.1 words of the step",
            "------",
            "Dockerfile:2",
            'ERROR: failed to build: failed to solve: process "/bin/sh -c exit 7" did not complete',
        ),
    )


def test_a_build_that_dies_without_an_error_has_its_exit_status_and_last_lines() -> None:
    lines = tuple(f"line {number}" for number in range(50))
    failure = parse_build_failure(ProcessResult(137, b"", lines))
    assert failure == BuildFailure("exit status 137", lines[-20:])


@pytest.mark.parametrize(
    ("line", "is_lost"),
    [
        ("#7 1.2 Temporary failure resolving 'deb.debian.org'", True),
        ("#7 9.1 curl: (6) Could not resolve host: example.com", True),
        ("#7 3.0 npm ERR! code ECONNRESET", True),
        ("ERROR: failed to do request: net/http: TLS handshake timeout", True),
        ("#7 0.2 main.go:5:2: no required module provides package x", False),
        ("#7 0.1 make: *** [all] Error 2", False),
    ],
)
def test_a_lost_connection_is_not_a_defect_of_the_build(line: str, is_lost: bool) -> None:
    assert is_network_failure(["#7 [2/3] RUN make", line]) is is_lost


def test_warnings_have_their_rule_and_detail() -> None:
    output = (
        b'{"warnings": [{"ruleName": "StageNameCasing", "description": "Stage names should be lower",'
        b' "detail": "Stage name \'BUILD\' should be lowercase", "location": {}}]}'
    )
    assert parse_warnings(output) == ("StageNameCasing: Stage name 'BUILD' should be lowercase",)
    assert parse_warnings(b'{"sources": []}') == ()


@pytest.mark.parametrize("output", [b"no JSON", b'{"warnings": [1]}', b"[]"])
def test_other_output_has_no_warnings_to_read(output: bytes) -> None:
    assert parse_warnings(output) is None


def test_a_from_that_is_no_reference_is_asked_of_nobody() -> None:
    """BuildKit refuses it; an engine would read it as a path of its API."""
    builder = BuildxBuilder(EngineHandle({}), {}, PlainProgress(io.StringIO()))
    pins = builder.pin_images(["../containers", "UPPER"], "linux/amd64")
    assert pins.resolved == {}
    assert pins.unresolved["../containers"] == "'../containers' is not the name of an image"
    assert "lower-case" in pins.unresolved["UPPER"]
