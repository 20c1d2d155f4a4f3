"""What an advisor leaves out before anything is looked into or built."""

import io
from pathlib import Path

import pytest

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.plain_progress import PlainScreen
from bot.errors import ReviewError
from bot.line.advice import Advised, Case
from bot.model.image import Built
from bot.model.spec import ImageSpec
from bot.wiring import bench
from tests.support.image_world import image

NOWHERE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
GO = "FROM golang:1.24\nRUN go build\nCMD a\n"
REASONED = "# image-size: ignore[single-stage-build] we debug inside of it\n"


def advised(text: str, folder: Path) -> Advised:
    """Of an image that no engine has: whoever looks into it finds none."""
    dockerfile = DockerfileReader().parse(text.encode())
    built = image("FROM golang:1.24 800MB / RUN go build 90MB")
    case = Case(ImageSpec("a", "Dockerfile", "."), folder, dockerfile, built, Built("a:1"))
    with bench(NOWHERE, PlainScreen(io.StringIO()), BuildOptions(), verifies=False) as tools:
        return tools.advisor.advise(case)


def test_a_rewrite_that_is_ignored_is_not_even_looked_for(tmp_path: Path) -> None:
    found = advised(REASONED + GO, tmp_path)
    assert found.left_alone == "a comment in its file says to ignore it"
    assert found.notes == ()


def test_without_a_reason_it_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ReviewError):
        advised(f"# image-size: ignore[single-stage-build]\n{GO}", tmp_path)
