"""The command that tries a folder of applications: what it makes of reports, and which bases it needs."""

from pathlib import Path
from typing import Any

import pytest

from bench.rewrites import Outcome, base_images, judged, main, summary

SLIM = "full-base-where-slim-serves"
PROOF = {"unpacked_bytes": 30, "log": "build: done\nstart: not run, why"}


def image(*suggestions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"head": {"unpacked_bytes": 100}, "suggestions": [*suggestions], **fields}


def suggestion(confidence: str, rule: str = "single-stage-build") -> dict[str, Any]:
    return {"rule": rule, "confidence": confidence, "verification": PROOF}


@pytest.mark.parametrize(
    ("measured", "result"),
    [
        ({"head": None, "reason": "no"}, "broken"),
        (image(), "left"),
        (image(suggestion("verified", "pip-cache-left-behind")), "left"),
        (
            image(notes=["No multi-stage rewrite is offered: a rewrite was tried and failed: x."]),
            "failed",
        ),
        (image(suggestion("estimated")), "unproved"),
        (image(suggestion("verified")), "verified"),
        (image(suggestion("verified", SLIM)), "left"),
        (
            image(
                suggestion("verified", SLIM),
                notes=[
                    "No multi-stage rewrite is offered: its slim base image alone makes it as small."
                ],
            ),
            "verified",
        ),
    ],
)
def test_results(measured: dict[str, Any], result: str) -> None:
    assert judged("a", "?", measured, 1.0).result == result


def test_what_was_not_run_is_the_reason() -> None:
    assert (
        judged("a", "rewrite", image(suggestion("estimated")), 1.0).reason == "start: not run, why"
    )


def test_the_sums() -> None:
    outcomes = [
        Outcome("a", "rewrite", "verified", 100, 30),
        Outcome("b", "rewrite", "unproved", 100, 30),
        Outcome("c", "leave", "left", 100),
        Outcome("d", "leave", "verified", 100, 10),
        Outcome("e", "?", "left", 100),
    ]
    assert [" ".join(line.split()) for line in summary(outcomes)] == [
        "applicable 2",
        "verified 1 (50.0 %; StageCraft 60.3 %)",
        "not verified 1",
        "left alone rightly 1 of 2",
        "median reduction 70.0 % (StageCraft 52.2 %)",
    ]
    assert [x.is_right for x in outcomes] == [True, False, True, False, True]


def test_bases_and_their_slim_variants_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = (
        "FROM python:3.12\n",
        "FROM python:3.12\n",
        "FROM nobody/knows:1\n",
        "FROM scratch\n",
        "x",
    )
    for number, text in enumerate(texts):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}/Dockerfile").write_text(text)
    assert base_images(sorted(tmp_path.iterdir())) == ("python:3.12", "python:3.12-slim")
    assert "There is no stand-in for nobody/knows:1." in capsys.readouterr().err


def test_a_folder_without_applications(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
