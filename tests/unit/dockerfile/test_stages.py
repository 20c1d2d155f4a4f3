"""Stages, and the stages and images they refer to."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.stages import Dockerfile


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse(text.encode())


def test_final_and_required_stages() -> None:
    dockerfile = parse(
        "ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS Build\nRUN go\n"
        "FROM alpine AS tool\nFROM build\nCOPY --from=tool /a /b\n"
    )
    assert [(x.name, x.base_name, x.platform) for x in dockerfile.stages] == [
        ("Build", "golang:$V", "$BUILDPLATFORM"),
        ("tool", "alpine", None),
        (None, "build", None),
    ]
    assert [x.index for x in BuildPlan(dockerfile).final_stages] == [0, 2]
    assert [x.index for x in BuildPlan(dockerfile, "TOOL").final_stages] == [1]
    assert sorted(x.index for x in BuildPlan(dockerfile).required_stages) == [0, 1, 2]
    assert BuildPlan(dockerfile, "build", {"V": "9"}).external_images == ("golang:9",)
    assert BuildPlan(dockerfile).base_image == "golang:1"


def test_images_used_only_by_copy_or_mount_are_external_images() -> None:
    dockerfile = parse(
        "FROM scratch AS a\nFROM a\nCOPY --chown=1 --from=alpine:3 /x /y\n"
        "RUN --mount=type=bind,from=busybox,target=/b ls --from=nothing\nCOPY --from=0 /q /r\n"
    )
    assert BuildPlan(dockerfile).external_images == ("alpine:3", "busybox")


def test_stages_that_the_target_does_not_need_are_left_out() -> None:
    dockerfile = parse("FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=x / /\n")
    assert BuildPlan(dockerfile).external_images == ("a", "c")
    assert BuildPlan(dockerfile, "y").external_images == ("b",)


def test_stage_references_of_copy_add_and_mount() -> None:
    dockerfile = parse(
        "FROM a AS One\nFROM b\nCOPY --from=one /x /\nCOPY --from=0 /x /\nCOPY --from=busybox /x /\n"
        "RUN --mount=from=1,target=/x --mount=type=cache,target=/y ls\n"
        "ADD --from=c a b\nRUN echo --from=d\nCOPY --from=2 /x /\n"
    )
    assert [
        (stage_reference.name, stage_reference.stage.index if stage_reference.stage else None)
        for stage_reference in dockerfile.stage_references(dockerfile.stages[1])
    ] == [("one", 0), ("0", 0), ("busybox", None), ("1", None), ("c", None), ("2", None)]


@pytest.mark.parametrize(
    ("platform", "fixed"),
    [
        ("", None),
        ("--platform=$BUILDPLATFORM ", None),
        ("--platform=${X:-linux/arm64} ", None),
        ("--platform=linux/arm64 ", "linux/arm64"),
    ],
)
def test_a_fixed_platform_is_kept(platform: str, fixed: str | None) -> None:
    (stage,) = parse(f"FROM {platform}a AS b").stages
    assert (stage.base_name, stage.name, stage.fixed_platform) == ("a", "b", fixed)


def test_a_stage_can_be_named_by_a_variable() -> None:
    dockerfile = parse("ARG BASE=one\nFROM a AS one\nFROM b AS two\nFROM ${BASE}\n")
    assert [x.index for x in BuildPlan(dockerfile).final_stages] == [0, 2]
    assert [x.index for x in BuildPlan(dockerfile, None, {"BASE": "two"}).final_stages] == [1, 2]
    assert BuildPlan(dockerfile, None, {"BASE": "c"}).base_image == "c"
    assert BuildPlan(dockerfile, None, {"BASE": "two"}).external_images == ("b",)


def test_image_names_with_a_platform_variable_are_not_external_images() -> None:
    dockerfile = parse("FROM a-${TARGETARCH:-x}\nCOPY --from=b-$BUILDOS /x /y\nCOPY --from=c /x /y")
    assert BuildPlan(dockerfile).external_images == ("c",)
    assert BuildPlan(dockerfile, None, {"TARGETARCH": "z"}).external_images == ("c",)


def test_global_arguments() -> None:
    values = BuildPlan(parse("ARG A=1\nARG B=${A}2 C\nFROM x")).global_values
    assert {name: values[name] for name in "ABC" if name in values} == {"A": "1", "B": "12"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FROM node AS node\nFROM node\n", ["node"]),
        ("FROM node:latest AS node\nFROM node\n", ["node:latest"]),
        ("FROM docker.io/library/node AS Node\nFROM node\n", ["docker.io/library/node"]),
        ("FROM library/node:latest AS node\nFROM x\n", []),  # not needed for the last stage
        ("FROM debian AS node\nFROM x\nCOPY --from=node:latest /a /b\n", ["node:latest"]),
        ("FROM debian AS node\nFROM x\nRUN --mount=from=docker.io/node a\n", ["docker.io/node"]),
        ("FROM debian AS node\nFROM node:20\n", []),
        ("FROM debian AS node\nFROM team/node\n", []),
        ("FROM debian AS node\nFROM localhost/node\n", []),
        ("FROM debian AS a\nFROM node AS b\n", []),
        ("ARG BASE=node\nFROM $BASE AS node\n", ["node"]),
    ],
)
def test_images_that_have_the_name_of_a_stage(text: str, names: list[str]) -> None:
    assert list(BuildPlan(parse(text)).images_named_like_stages) == names


def test_of_two_stages_with_one_name_the_last_one_before_counts() -> None:
    text = "FROM a AS x\nFROM b AS X\nFROM c\nCOPY --from=x / /\nFROM d AS x\n"
    dockerfile = DockerfileReader().parse(text.encode())
    last, by_number = dockerfile.find_stage("x"), dockerfile.find_stage("00")
    earlier = dockerfile.find_earlier_stage("X", dockerfile.stages[2])
    assert last is dockerfile.stages[3]
    assert by_number is dockerfile.stages[0]
    assert earlier is dockerfile.stages[1]
    assert dockerfile.find_earlier_stage("x", dockerfile.stages[0]) is None


@pytest.mark.parametrize("name", ["", "4", "9" * 5_000])
def test_what_is_no_stage_is_not_found(name: str) -> None:
    dockerfile = DockerfileReader().parse(b"FROM a\nFROM b AS x\n")
    assert dockerfile.find_stage(name) is None
