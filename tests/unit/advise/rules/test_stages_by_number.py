"""Stages that are called by number."""

import pytest

from tests.support.rule_inputs import apply_rule, run_rule
from tests.support.seeds import MULTI_STAGE

RULE = "stages-by-number"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS b\nFROM c\nCOPY --from=b /x /x",
        "FROM a\nCOPY --from=nginx /x /x",
        "FROM a\nFROM c\nCOPY --from=7 /x /x",
        "FROM a\nFROM b\nCOPY --from=0 /x /x\nFROM c",
        "FROM a\nCOPY x /x",
        "FROM a AS x\nFROM b AS X\nFROM c\nCOPY --from=0 /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM a\nFROM b\nCOPY --from=0 /x /x\n",
            "FROM a AS build\nFROM b\nCOPY --from=build /x /x\n",
        ),
        (
            "FROM a\nFROM b\nFROM c\nCOPY --from=0 /x /x\nCOPY --from=1 /y /y\n",
            "FROM a AS build\nFROM b AS stage-1\nFROM c\nCOPY --from=build /x /x\nCOPY --from=stage-1 /y /y\n",
        ),
        (
            "FROM a\nFROM build\nCOPY --from=0 /x /x\n",
            "FROM a AS stage-0\nFROM build\nCOPY --from=stage-0 /x /x\n",
        ),
        (
            "FROM a\nFROM Build AS stage-0\nRUN --mount=from=stage-1,target=/x y\nCOPY --from=0 /x /x\n",
            "FROM a AS stage-2\nFROM Build AS stage-0\nRUN --mount=from=stage-1,target=/x y\nCOPY --from=stage-2 /x /x\n",
        ),
        (
            "FROM a AS c\nFROM b\nCOPY --chown=1 --from=0 /x /x\n",
            "FROM a AS c\nFROM b\nCOPY --chown=1 --from=c /x /x\n",
        ),
        (
            "FROM a\nFROM b AS build\nFROM build\nCOPY --from=0 /x /x\n",
            "FROM a AS stage-0\nFROM b AS build\nFROM build\nCOPY --from=stage-0 /x /x\n",
        ),
        (
            "FROM a\nFROM b\nRUN --mount=type=bind,from=0,target=/y ls\n",
            "FROM a AS build\nFROM b\nRUN --mount=type=bind,from=build,target=/y ls\n",
        ),
    ],
)
def test_the_fix_names_the_stage_everywhere(text: str, expected: str) -> None:
    assert apply_rule(RULE, text) == expected


def test_the_fix_of_a_multi_stage_example() -> None:
    """The tutorial's own multi-stage file."""
    before = MULTI_STAGE["Dockerfile"]
    expected = before.replace("golang:1.16\n", "golang:1.16 AS build\n").replace(
        "--from=0", "--from=build"
    )
    assert apply_rule(RULE, before) == expected
