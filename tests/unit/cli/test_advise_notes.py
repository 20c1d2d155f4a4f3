"""What `advise` says of a build that may lack an image of its own repository."""

from pathlib import Path

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.budget.judge import ImageResult
from bot.cli.advise import note_own_bases
from bot.dockerfile.build_plan import BuildPlan
from bot.line.build_input import BuildInput
from bot.line.production import Production
from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec


def note(text: str, result: ImageResult) -> tuple[str, ...]:
    dockerfile = DockerfileReader().parse(text.encode())
    source = BuildInput(ImageSpec("a", "Dockerfile", "."), Path("/"), BuildPlan(dockerfile))
    return note_own_bases(Production(source, result=result))


def test_a_base_image_that_another_dockerfile_may_build_is_named() -> None:
    (sentence,) = note("FROM org/base\n", BuildFailure("not found"))
    assert "docker build -t org/base …" in sentence
    assert "set `provides` of its image" in sentence


@pytest.mark.parametrize(
    ("text", "result"), [("FROM debian\n", BuildFailure("no")), ("FROM org/base\n", None)]
)
def test_nothing_is_said_of_other_builds(text: str, result: ImageResult) -> None:
    assert note(text, result) == ()
