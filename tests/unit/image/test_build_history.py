"""Images of another Dockerfile are recognised by their history."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.stages import Stage
from bot.image.build_history import (
    has_wrong_lines,
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


def match_layers(
    dockerfile: str, layers: Sequence[str], settings: Sequence[str] = ()
) -> tuple[list[Layer], Stage]:
    """Return layers with what matches their history, and the last stage of a Dockerfile."""
    stage = DockerfileReader().parse(dockerfile.encode()).stages[-1]
    matched = match_instructions([*layers, *settings], list_own_steps(stage.instructions))
    first = next((number for number, instruction in enumerate(matched) if instruction), len(layers))
    bare = Layer(0, "sha256:0", 1, 1, 1, "")
    image_layers = [
        replace(bare, created_by=text, instruction=matched[number], from_base_image=number < first)
        for number, text in enumerate(layers)
    ]
    return image_layers, stage


def is_refused(dockerfile: str, layers: Sequence[str], *settings: str) -> bool:
    """Return True if an image of these layers and this history is refused."""
    image_layers, stage = match_layers(dockerfile, layers, settings)
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


@pytest.mark.parametrize(
    "layers",
    [
        (*PYTHON, *OWN),
        (*PYTHON, *LEGACY),
        (*PYTHON, *EDITED),
        (*PYTHON, *OWN, "RUN /bin/sh -c echo of a line that is gone # buildkit"),
        (*PYTHON, ""),
        (),
    ],
)
def test_the_lines_of_an_image_of_the_file_are_right(layers: Sequence[str]) -> None:
    assert not has_wrong_lines(match_layers(API, layers, (CMD,))[0])


@pytest.mark.parametrize(
    "layer",
    [
        "COPY /src/made /app # buildkit",
        "COPY --chown=1000 /src/made /app # buildkit",
        "/bin/sh -c #(nop) COPY multi:0a1b in /app ",
    ],
)
def test_what_is_filled_in_is_no_other_line(layer: str) -> None:
    text = "FROM debian:12\nARG FROM_HERE=/src/made\nCOPY $FROM_HERE $HOME\n"
    assert not has_wrong_lines(match_layers(text, ("# debian.sh", layer))[0])


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (
            "RUN make all",
            ("RUN /bin/sh -c make all # buildkit", "RUN /bin/sh -c npm ci # buildkit"),
        ),
        ("RUN make all\nRUN npm ci", ("RUN /bin/sh -c make all # buildkit",)),
        ("COPY a /a\nCOPY b /b", ("COPY a /a # buildkit",)),
        (
            "RUN make all\nCOPY app /app",
            ("RUN /bin/sh -c make all # buildkit", "COPY x /y # buildkit"),
        ),
    ],
)
def test_lines_that_were_added_or_removed_since_move_the_others(
    text: str, layers: Sequence[str]
) -> None:
    assert has_wrong_lines(match_layers(f"FROM debian:12\n{text}\n", ("# debian.sh", *layers))[0])
