"""Images of another Dockerfile are recognised by their history."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.image.build_history import is_from_another_dockerfile, match_instructions
from bot.model.image import Layer

API = """\
FROM python:3.12
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
"""
PYTHON = ("# debian.sh --arch 'amd64'", "RUN /bin/sh -c set -eux; make install # buildkit")
OWN = (
    "WORKDIR /app",
    "RUN /bin/sh -c apt-get update && apt-get install -y gcc libpq-dev # buildkit",
    "COPY requirements.txt . # buildkit",
    "RUN /bin/sh -c pip install -r requirements.txt # buildkit",
    "COPY . . # buildkit",
)
LEGACY = (
    "/bin/sh -c #(nop) WORKDIR /app",
    "/bin/sh -c apt-get update && apt-get install -y gcc libpq-dev",
    "/bin/sh -c #(nop) COPY file:0a1b in . ",
    "/bin/sh -c pip install -r requirements.txt",
    "/bin/sh -c #(nop) COPY dir:2c3d in . ",
)
CMD = 'CMD ["python" "app.py"]'
EDITED = (*OWN[:3], "RUN |1 V=1 /bin/sh -c pip install -r old.txt # buildkit", OWN[4])
WEB = (
    "RUN /bin/sh -c groupadd --gid 1000 node # buildkit",
    "WORKDIR /app",
    "COPY package.json . # buildkit",
    "RUN /bin/sh -c npm ci # buildkit",
    "COPY . . # buildkit",
)


def is_refused(dockerfile: str, layers: Sequence[str], *settings: str) -> bool:
    """Return True if an image of these layers and this history is refused."""
    stage = DockerfileReader().parse_dockerfile(dockerfile.encode()).stages[-1]
    matched = match_instructions([*layers, *settings], stage.instructions)
    first = next((number for number, instruction in enumerate(matched) if instruction), len(layers))
    bare = Layer(0, "sha256:0", 1, 1, 1, "")
    image_layers = [
        replace(bare, created_by=text, instruction=matched[number], from_base_image=number < first)
        for number, text in enumerate(layers)
    ]
    return is_from_another_dockerfile(image_layers, stage.instructions)


@pytest.mark.parametrize(
    "layers",
    [
        (*PYTHON, *OWN),
        (*PYTHON, *LEGACY),
        (*PYTHON, *EDITED),
        (*PYTHON, *OWN, "RUN /bin/sh -c echo of a line that is gone # buildkit"),
        (*PYTHON, ""),  # squashed
        ("",),  # imported
        (),
    ],
)
def test_an_image_built_from_the_file_is_accepted(layers: Sequence[str]) -> None:
    assert not is_refused(API, layers, CMD)


@pytest.mark.parametrize(
    "layers",
    [
        (*PYTHON, *WEB),
        (*PYTHON, *WEB, "RUN /bin/sh -c npm run build # buildkit"),
        ("# debian.sh --arch 'amd64' out/ 'bookworm'",),
        ("/bin/sh -c #(nop) ADD file:a0b1 in / ",),
    ],
)
def test_an_image_built_from_another_file_is_refused(layers: Sequence[str]) -> None:
    assert is_refused(API, layers, CMD)


def test_a_stage_without_files_is_accepted() -> None:
    assert not is_refused("FROM debian:12\nENV A=1\nCMD a\n", ("# debian.sh",), "ENV A=1", "CMD a")


def test_a_heredoc_is_not_compared() -> None:
    text = "FROM debian:12\nRUN <<EOF\nmake all\nEOF\n"
    assert not is_refused(text, ("# debian.sh", "RUN /bin/sh -c make all # buildkit"))


def test_a_squashed_image_is_accepted() -> None:
    assert not is_refused(API, ("# debian.sh", '/bin/sh -c #(nop) CMD ["python"]'))
