"""Variables that only the build reads."""

import pytest

from bot.rewrite.build_variables import find_build_variables, render_variables
from tests.support.rewrite_world import make_facts, read_image_startup

START = 'CMD ["gunicorn", "app:app"]\n'


def list_variables(
    lines: str, start: str = START, required: frozenset[str] = frozenset()
) -> list[str]:
    facts = make_facts(f"FROM x\n{lines}\nRUN make\n{start}")
    return sorted(find_build_variables(facts, read_image_startup(facts), required))


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1", ["PIP_NO_CACHE_DIR"]),
        ("ENV CGO_ENABLED 0\nENV GO111MODULE=on", ["CGO_ENABLED", "GO111MODULE"]),
        ("ENV DEBIAN_FRONTEND=noninteractive", ["DEBIAN_FRONTEND"]),
        ("ENV POETRY_HOME=/opt/poetry\nENV PATH=$POETRY_HOME/bin:$PATH", []),
        ("ENV POETRY_HOME=/opt/poetry PATH=${POETRY_HOME}/bin:$PATH", []),
        ("ENV GODEBUG=netdns=go NODE_ENV=production JAVA_OPTS=-Xmx1g", []),
    ],
)
def test_variables_of_tools(lines: str, names: list[str]) -> None:
    assert list_variables(lines) == names


def test_variables_of_a_tool_that_is_started() -> None:
    lines = "ENV POETRY_VIRTUALENVS_CREATE=false PIP_NO_CACHE_DIR=1"
    assert list_variables(lines, 'CMD ["poetry", "run", "x"]\n') == ["PIP_NO_CACHE_DIR"]
    assert list_variables(lines, 'CMD ["pip3", "list"]\n') == ["POETRY_VIRTUALENVS_CREATE"]


def test_a_variable_that_a_failed_attempt_missed() -> None:
    assert list_variables("ENV PIP_NO_CACHE_DIR=1", required=frozenset({"PIP_NO_CACHE_DIR"})) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ENV A=1 B=2", ["ENV A=1 B=2"]),
        ("ENV PIP_X=1 \\\n    PIP_Y=2", []),
        ('ENV A="a b" \\\n    PIP_X=1 \\\n    B=2', ['ENV A="a b" \\\n    B=2']),
        ("env A=1 PIP_X=1", ["ENV A=1"]),
    ],
)
def test_an_instruction_without_them(line: str, expected: list[str]) -> None:
    facts = make_facts(f"FROM x\n{line}\nRUN make\n{START}")
    dropped = frozenset({"PIP_X", "PIP_Y"})
    assert list(render_variables(facts, facts.rule_input.steps[0].instruction, dropped)) == expected
