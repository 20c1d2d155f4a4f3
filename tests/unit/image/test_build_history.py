"""Images of another Dockerfile are recognised by their history."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.image.build_history import (
    is_from_another_dockerfile,
    list_build_steps,
    list_own_steps,
    match_instructions,
)
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
    stage = DockerfileReader().parse(dockerfile.encode()).stages[-1]
    matched = match_instructions([*layers, *settings], list_own_steps(stage.instructions))
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


def match_lines(
    dockerfile: str, history: Sequence[str], base_triggers: Sequence[str] = ()
) -> list[int | None]:
    """Return the line of each history entry, for a file in which each stage is based on the last."""
    stages = DockerfileReader().parse(dockerfile.encode()).stages
    matched = match_instructions(history, list_build_steps(stages, base_triggers))
    return [reference.line_start if reference else None for reference in matched]


def test_a_trigger_that_is_only_declared_leaves_no_entry() -> None:
    text = "FROM debian:12\nCOPY lib /lib\nONBUILD COPY . /app\nWORKDIR /app\nONBUILD RUN make\n"
    history = ("# debian.sh", "COPY lib /lib # buildkit", "WORKDIR /app")
    assert match_lines(text, history) == [None, 2, 4]


def test_the_entries_that_the_classic_builder_has_for_triggers_are_passed_over() -> None:
    text = "FROM debian:12\nCOPY lib /lib\nONBUILD COPY . /app\nWORKDIR /app\n"
    history = (
        "/bin/sh -c #(nop) ADD file:a0b1 in / ",
        "/bin/sh -c #(nop) COPY dir:2c3d in /lib ",
        "/bin/sh -c #(nop)  ONBUILD COPY . /app",
        "/bin/sh -c #(nop) WORKDIR /app",
    )
    assert match_lines(text, history) == [None, 2, None, 4]


def test_triggers_of_the_base_image_are_at_the_line_of_its_from() -> None:
    history = (
        "COPY payload /opt # buildkit",  # of the base image itself
        "COPY payload /payload # buildkit",
        "RUN /bin/sh -c make # buildkit",
        "COPY Dockerfile /d # buildkit",
    )
    triggers = ("COPY payload /payload", "run make")
    assert match_lines("# note\nFROM base\nCOPY Dockerfile /d\n", history, triggers) == [
        *(None, 2, 2, 3)
    ]


def test_triggers_of_an_earlier_stage_run_once_in_the_next_one() -> None:
    text = (
        "FROM debian:12 AS a\nRUN one\nONBUILD RUN two\nONBUILD ENV A=1\n"
        "FROM a AS b\nRUN three\nFROM b\nRUN four\n"
    )
    history = [f"RUN /bin/sh -c {word} # buildkit" for word in ("one", "two")]
    history += ["ENV A=1", *(f"RUN /bin/sh -c {word} # buildkit" for word in ("three", "four"))]
    assert match_lines(text, history) == [2, 3, 4, 6, 8]


def test_no_stages_have_no_triggers() -> None:
    assert list_build_steps((), ("RUN make",)) == []
