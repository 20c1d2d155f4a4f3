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
        "FROM python\nRUN pip install --no-cache x",
        "FROM python\nRUN pip install --no-ca x",
        "FROM python\nRUN pip3.11 install --no-cache-dir x",
        "FROM python\nRUN pip install --cache-dir /c x && rm -rf /c",
        "FROM python\nRUN pip install --no-index --find-links=/wheels x",
        "FROM python\nRUN pip install --no-deps /wheels/x.whl",
        "FROM python\nRUN pip install --no-deps --no-build-isolation -e .",
        "FROM python\nRUN pip install --no-deps --find-links /wheels x",
        "FROM python\nRUN pip install --help",
        "FROM python\nRUN pip config set global.no-cache-dir true\nRUN pip install x",
        "FROM python\nRUN printf '[global]\\nno-cache-dir = 1\\n' > /etc/pip.conf && pip install x",
        "FROM python\nCOPY <<E /etc/pip.conf\n[global]\nno-cache-dir = yes\nE\nRUN pip install x",
        "FROM python\nRUN pip install x && rm -rf /app/.cache",
        'FROM python\nRUN pip install x && rm -rf "$HOME"/.cache',
        "FROM python\nRUN pip install x && cd && rm -rf .cache",
        "FROM python\nRUN --mount=type=cache,target=/srv/home/.cache/pip pip install x",
        "FROM python\nRUN bash -c 'pip install x && rm -rf ~/.cache'",
        "FROM python\nRUN uv pip --help",
        "FROM python\nRUN uv pip list",
        "FROM python\nRUN env PIP_NO_CACHE_DIR=1 pip install x",
        "FROM python\nRUN sudo PIP_NO_CACHE_DIR=1 pip install x",
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
        ("rm -rf ~/.cache && pip install x", "rm -rf ~/.cache && pip install --no-cache-dir x"),
        ("pip3.11 install x", "pip3.11 install --no-cache-dir x"),
        ("python3.11 -m pip install x", "python3.11 -m pip install --no-cache-dir x"),
        ("python3 -u -m pip install x", "python3 -u -m pip install --no-cache-dir x"),
        ("pypy3 -m pip install x", "pypy3 -m pip install --no-cache-dir x"),
        ("$VENV/bin/pip install x", "$VENV/bin/pip install --no-cache-dir x"),
        ("pip --proxy http://p install x", "pip --proxy http://p install --no-cache-dir x"),
        ("pip install --no-deps x", "pip install --no-cache-dir --no-deps x"),
        ("sudo -H -u app pip install x", "sudo -H -u app pip install --no-cache-dir x"),
        ("bash -c 'a && pip install x'", "bash -c 'a && pip install --no-cache-dir x'"),
        (
            'bash -exo pipefail -c "pip install x$V \\"y\\""',
            'bash -exo pipefail -c "pip install --no-cache-dir x$V \\"y\\""',
        ),
        ("uv sync --locked", "uv sync --no-cache --locked"),
        ("uv pip install x", "uv pip install --no-cache x"),
    ],
)
def test_installed_without_a_cache(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM python\nRUN {run}\n") == f"FROM python\nRUN {expected}\n"


@pytest.mark.parametrize("value", ["0", "false", "no", "off", "1", "True", "n"])
def test_any_value_of_the_variable_turns_the_cache_off(value: str) -> None:
    assert not run_rule(RULE, f"FROM python\nENV PIP_NO_CACHE_DIR={value}\nRUN pip install x\n")


@pytest.mark.parametrize("variable", ["PIP_NO_CACHE_DIR=", "UV_NO_CACHE=0"])
def test_an_empty_variable_and_one_of_uv_set_to_false_have_no_effect(variable: str) -> None:
    assert run_rule(RULE, f"FROM python\nENV {variable}\nRUN pip install x && uv sync\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # pip 1.5 has neither a cache nor the option; what a newer one installs is cached.
        ("FROM ubuntu:14.04\nRUN pip install x\n", "FROM ubuntu:14.04\nRUN pip install x\n"),
        ("FROM ubuntu:15.04\nRUN pip install x\n", "FROM ubuntu:15.04\nRUN pip install x\n"),
        ("FROM node:6-jessie\nRUN pip install x\n", "FROM node:6-jessie\nRUN pip install x\n"),
        (
            "FROM python:2-jessie\nRUN pip install x\n",
            "FROM python:2-jessie\nRUN pip install --no-cache-dir x\n",
        ),
        (
            "FROM debian:8\nRUN pip install -U pip && pip install x\n",
            "FROM debian:8\nRUN pip install -U pip && pip install --no-cache-dir x\n",
        ),
        (
            "FROM debian:8\nRUN curl u | python get-pip.py\nRUN pip install x\n",
            "FROM debian:8\nRUN curl u | python get-pip.py\nRUN pip install --no-cache-dir x\n",
        ),
    ],
)
def test_an_old_pip_gets_no_option_that_it_lacks(text: str, expected: str) -> None:
    assert apply_rule(RULE, text) == expected


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


@pytest.mark.parametrize(
    ("later", "is_fixed"),
    [
        ("rm -rf /root/.cache", True),
        ("chown -R app /home/app", True),
        ("mkdir -p ~/.cache && ls /", True),
        ("rm -r /root/.cache", False),
        ("rm -r ~/.cache/pip", False),
        ("chown -R app ~/.cache", False),
    ],
)
def test_a_later_line_may_fail_without_the_cache(later: str, is_fixed: bool) -> None:
    (finding,) = run_rule(RULE, f"FROM python\nRUN pip install x\nRUN {later}\n")
    assert bool(finding.changes) == is_fixed


@pytest.mark.parametrize(
    "run", ['["pip", "install", "x"]', '["sh", "-c", "pip install x"]', '[ "pip3.11","install" ]']
)
def test_a_json_form_stays_one(run: str) -> None:
    (finding,) = run_rule(RULE, f"FROM python\nRUN {run}\n")
    assert finding.changes == ()
