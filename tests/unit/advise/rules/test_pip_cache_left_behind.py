"""pip's and uv's caches."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "pip-cache-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM python\nRUN pip install --no-cache-dir x",
        "FROM python\nRUN python3 -m pip --no-cache-dir install x",
        "FROM python\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x",
        "FROM python\nENV PIP_NO_CACHE_DIR on\nRUN pip install x",
        "FROM python\nARG PIP_NO_CACHE_DIR=yes\nRUN pip install x",
        "FROM python AS base\nENV PIP_NO_CACHE_DIR=true\nFROM base\nRUN pip install x",
        "FROM python\nRUN PIP_NO_CACHE_DIR=1 pip install x",
        "FROM python\nRUN export PIP_NO_CACHE_DIR=1 && pip install x",
        "FROM python\nRUN --mount=type=cache,target=/root/.cache/pip pip install x",
        "FROM python\nRUN --mount=type=cache,target=/home/app/.cache pip install x",
        "FROM python\nRUN --mount=type=tmpfs,target=/root/.cache pip install x",
        "FROM python\nRUN pip install x && rm -rf ~/.cache/pip",
        "FROM python\nRUN pip install x && rm -rf /root/.cache",
        "FROM python\nRUN pip install x && pip cache purge",
        "FROM python\nENV PIP_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c pip install x",
        "FROM python\nRUN pipx install x",
        "FROM python\nRUN pipenv install",
        "FROM python\nRUN pip freeze",
        "FROM python\nRUN pip --version",
        "FROM python\nRUN uv sync --no-cache",
        "FROM python\nENV UV_NO_CACHE=1\nRUN uv sync",
        "FROM python\nRUN uv --version",
        "FROM python AS a\nRUN pip install x\nFROM python\nCOPY --from=a /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("pip install x", "pip install --no-cache-dir x"),
        (
            "pip3 install x && pip install y",
            "pip3 install --no-cache-dir x && pip install --no-cache-dir y",
        ),
        ("python -m pip install -U x", "python -m pip install --no-cache-dir -U x"),
        ("/venv/bin/pip install x", "/venv/bin/pip install --no-cache-dir x"),
        ("uv sync --locked", "uv sync --no-cache --locked"),
        ("uv pip install x", "uv pip install --no-cache x"),
    ],
)
def test_installed_without_a_cache(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM python\nRUN {run}\n") == f"FROM python\nRUN {expected}\n"


def test_a_variable_set_to_false_has_no_effect() -> None:
    assert run_rule(RULE, "FROM python\nENV PIP_NO_CACHE_DIR=0\nRUN pip install x\n")


@pytest.mark.parametrize("home", ["root", "home/app"])
def test_saving_is_the_cache_of_that_run(home: str) -> None:
    tree = f"{home}/.cache/pip/http/a 4MB @2, {home}/.cache/other 1MB @2, usr/lib/x 9MB @2"
    looked_at = make_rule_input(
        "FROM python\nRUN pip install x\n", "FROM python 90MB / RUN pip 20MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [4_000_000]


def test_an_almost_empty_cache_is_not_reported() -> None:
    tree = "root/.cache/pip/selfcheck.json 300B @2, usr/lib/x 9MB @2"
    looked_at = make_rule_input(
        "FROM python\nRUN pip install x\n", "FROM python 90MB / RUN pip 20MB", tree
    )
    assert run_rule(RULE, looked_at) == []
