"""The scopes of ARG and ENV."""

from collections.abc import Mapping

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.stages import Dockerfile


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse(text.encode())


@pytest.mark.parametrize(
    ("text", "build_args", "values"),
    [
        ("FROM a\nARG X=1\nARG Y=$X-2", {}, {"X": "1", "Y": "1-2"}),
        ("FROM a\nARG X=1 Y=$X", {"X": "9"}, {"X": "9", "Y": "9"}),
        ("FROM a\nARG X", {}, {}),
        ("FROM a\nARG X", {"X": "3", "Z": "4"}, {"X": "3"}),
        ("ARG G=1\nFROM a", {}, {}),
        ("ARG G=1\nFROM a\nARG G", {}, {"G": "1"}),
        ("ARG G=1\nFROM a\nARG G=2", {}, {"G": "2"}),
        ("ARG G=1\nFROM a\nARG G", {"G": "3"}, {"G": "3"}),
        ("FROM a\nENV X=1 Y=$X\nENV Z=$X", {}, {"X": "1", "Y": "$X", "Z": "1"}),
        ("FROM a\nENV X 'a  b'  c", {}, {"X": "a  b  c"}),
        ("FROM a\nENV X=\"a b\" Y=c\\ d Z='$X'", {}, {"X": "a b", "Y": "c d", "Z": "$X"}),
        ("FROM a\nARG X=1\nENV X=2", {"X": "3"}, {"X": "2"}),
        ("FROM a AS b\nARG X=1\nENV Y=2\nFROM b\nENV Z=$X$Y", {}, {"X": "1", "Y": "2", "Z": "12"}),
        ("FROM a AS b\nARG X=1\nFROM c\nENV Z=${X:-no}", {}, {"Z": "no"}),
        ("FROM a\nENV X=${Y", {}, {"X": "${Y"}),
        (
            "FROM a\nARG TARGETOS\nENV X=${TARGETOS:-y}",
            {},
            {"TARGETOS": "$TARGETOS", "X": "$TARGETOS"},
        ),
        ("FROM a\nENV X=${TARGETOS:-y}", {}, {"X": "y"}),
    ],
)
def test_variables_at_the_end_of_a_stage(
    text: str, build_args: Mapping[str, str], values: Mapping[str, str]
) -> None:
    dockerfile = parse(text)
    assert (
        BuildPlan(dockerfile, None, build_args).resolve_variables(dockerfile.stages[-1]).values
        == values
    )


def test_variables_before_an_instruction_and_in_the_image() -> None:
    dockerfile = parse("FROM a\nARG X=1\nENV Y=$X\nRUN b\nENV Z=3")
    (stage,) = dockerfile.stages
    before = BuildPlan(dockerfile).resolve_variables(stage, stage.instructions[2])
    assert (before.values, before.environment) == ({"X": "1", "Y": "1"}, {"Y": "1"})
    assert BuildPlan(dockerfile).resolve_variables(stage).environment == {"Y": "1", "Z": "3"}


def test_arguments_that_double_stay_within_bounds() -> None:
    lines = ["ARG A0=aaaaaaaa", *(f"ARG A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 3_000))]
    plan = BuildPlan(parse("\n".join([*lines, "FROM $A10", "FROM $A2999"])))
    values = plan.global_values
    assert values["A16"] == "a" * 524_288
    assert values["A17"] == "$A16$A16"
    assert sum(map(len, values.values())) < 60_000_000
    assert plan.base_image is not None
    assert plan.external_images == ()
