"""What dockerfile-parse gets wrong by itself, and the stages that come out."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.expansion import expand
from bot.dockerfile.stages import Dockerfile


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse_dockerfile(text.encode())


def lines(text: str) -> list[tuple[str, int, int]]:
    return [
        (x.keyword, x.line_start, x.line_end)
        for stage in parse(text).stages
        for x in stage.instructions
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN x\nCMD y\n", [("RUN", 2, 2), ("CMD", 3, 3)]),
        ("FROM a\nRUN x \\\n  y\nCMD z\n", [("RUN", 2, 3), ("CMD", 4, 4)]),
        ("FROM a\nRUN x \\\n\n  # c\n  y\nCMD z\n", [("RUN", 2, 5), ("CMD", 6, 6)]),
        ("FROM a\nRUN <<EOF\nFROM b\nEOF\nCMD z", [("RUN", 2, 4), ("CMD", 5, 5)]),
        ("FROM a\nRUN <<-'E'\n\tx\n\tE\nCMD z", [("RUN", 2, 4), ("CMD", 5, 5)]),
        ("FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\nCMD z", [("COPY", 2, 6), ("CMD", 7, 7)]),
        ("FROM a\nRUN cat \\\n # c\n <<EOF\nENV\nEOF\nCMD z", [("RUN", 2, 6), ("CMD", 7, 7)]),
        ("FROM a\nRUN echo $((1<<2)) <<<x\nCMD z", [("RUN", 2, 2), ("CMD", 3, 3)]),
        ("\ufeffFROM a\nRUN x", [("RUN", 2, 2)]),
        ("FROM a\nRUN x \\", [("RUN", 2, 2)]),
        ("# escape=`\nFROM a\nRUN x `\n  y\nCMD z", [("RUN", 3, 4), ("CMD", 5, 5)]),
        ("from a\nrun x", [("RUN", 2, 2)]),
    ],
)
def test_instructions_and_their_lines(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN x\n", "ARG A\n"])
def test_a_file_without_from_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no FROM"):
        parse(text)


def test_stages_and_what_ships() -> None:
    found = parse(
        "ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS Build\nRUN go\n"
        "FROM alpine AS tool\nFROM build\nCOPY --from=tool /a /b\n"
    )
    assert [(x.name, x.base_name, x.platform) for x in found.stages] == [
        ("Build", "golang:$V", "$BUILDPLATFORM"),
        ("tool", "alpine", None),
        (None, "build", None),
    ]
    assert [x.index for x in found.final_stages()] == [0, 2]
    assert [x.index for x in found.final_stages("TOOL")] == [1]
    assert sorted(x.index for x in found.required_stages()) == [0, 1, 2]
    assert found.external_images("build", {"V": "9"}) == ("golang:9",)
    assert found.base_image(None, {}) == "golang:1"


def test_images_that_are_only_copied_from_or_mounted_count_too() -> None:
    found = parse(
        "FROM scratch AS a\nFROM a\nCOPY --chown=1 --from=alpine:3 /x /y\n"
        "RUN --mount=type=bind,from=busybox,target=/b ls --from=nothing\nCOPY --from=0 /q /r\n"
    )
    assert found.external_images(None, {}) == ("alpine:3", "busybox")


def test_stages_that_the_target_does_not_need_are_left_out() -> None:
    found = parse("FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=x / /\n")
    assert found.external_images(None, {}) == ("a", "c")
    assert found.external_images("y", {}) == ("b",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:$V", "a:1"),
        ("a:${V}", "a:1"),
        ("a:${V:-2}", "a:1"),
        ("a:${W:-2}", "a:2"),
        ("a${V:+-slim}", "a-slim"),
        ("a${W:+-slim}", "a"),
        ("a:$W", "a:$W"),
    ],
)
def test_variables(text: str, expected: str) -> None:
    assert expand(text, {"V": "1"}) == expected
