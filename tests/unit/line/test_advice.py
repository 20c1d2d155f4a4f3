"""Advice that is left out before anything is read or built."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.plain_progress import PlainProgress
from bot.advise.finding import Finding, FixSafety
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.edits import TextChange
from bot.dockerfile.source_text import Span
from bot.line.advice import ImageAdvice, is_worth_build
from bot.line.build_input import BuildInput
from bot.line.production import Production
from bot.model.image import BuiltImage
from bot.model.image_location import engine_image
from bot.model.spec import ImageSpec
from bot.wiring import open_image_tools
from tests.support.image_world import image

NOWHERE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
GO = "FROM golang:1.24\nRUN go build\nCMD a\n"
REASONED = "# image-size: ignore[single-stage-build] we debug inside of it\n"


def advised(text: str, folder: Path) -> ImageAdvice:
    """Return the advice on an image that is missing in the engine."""
    dockerfile = DockerfileReader().parse(text.encode())
    built = image("FROM golang:1.24 800MB / RUN go build 90MB")
    source = BuildInput(ImageSpec("a", "Dockerfile", "."), folder, BuildPlan(dockerfile))
    case = Production(source, result=built, built=BuiltImage(engine_image("a:1")))
    with open_image_tools(
        NOWHERE, PlainProgress(io.StringIO()), BuildOptions(), verify=False
    ) as tools:
        return tools.advisor.advise(case)


def test_an_ignored_rewrite_is_not_computed(tmp_path: Path) -> None:
    advice = advised(REASONED + GO, tmp_path)
    assert advice.no_rewrite_reason == "a comment in its file says to ignore it"
    assert advice.notes == ()


def test_an_ignore_comment_without_a_reason_has_no_effect(tmp_path: Path) -> None:
    """The rewrite is looked for; without an engine it costs a note, and not the other advice."""
    advice = advised(f"# image-size: ignore[single-stage-build]\n{GO}", tmp_path)
    assert advice.no_rewrite_reason.startswith("No Docker Engine answers")
    assert advice.notes[-1].startswith("No multi-stage rewrite was considered: No Docker")


@pytest.mark.parametrize(
    ("saving_bytes", "is_built"), [(None, True), (5_000_000, True), (57_344, False), (0, False)]
)
def test_nothing_is_built_to_prove_less_than_a_megabyte(
    saving_bytes: int | None, *, is_built: bool
) -> None:
    dockerfile = DockerfileReader().parse(GO.encode())
    change = TextChange(Span(0, 0), "#")
    finding = Finding(
        *(dockerfile.stages[0].instructions[0], "title", "message", saving_bytes, (change,)),
        safety=FixSafety.NEEDS_CHECK,
    )
    assert is_worth_build(finding) is is_built
    assert is_worth_build(replace(finding, must_shrink=False))
    assert not is_worth_build(replace(finding, safety=FixSafety.SAFE))
    assert not is_worth_build(replace(finding, changes=()))
