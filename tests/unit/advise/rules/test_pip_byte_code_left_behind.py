"""The byte code of pip's own modules."""

import pytest

from bot.advise.finding import FixSafety
from bot.advise.subject import RuleInput
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "pip-byte-code-left-behind"
PIP = "usr/local/lib/python3.12/site-packages/pip"
BYTE_CODE = f"{PIP}/_internal/__pycache__/main.cpython-312.pyc 5MB @2"


FIND = "usr/bin/find 9kB @1"


def built(lines: str, tree: str = BYTE_CODE, find: str = FIND) -> RuleInput:
    """Return the input of a Dockerfile with one `RUN` or two, and an image of it."""
    layers = " / ".join(
        f"{line.partition('|')[0]} 60MB" for line in ("FROM a", *lines.splitlines())
    )
    return make_rule_input(f"FROM a\n{lines}\n", layers, f"{tree}, {find}")


@pytest.mark.parametrize(
    ("lines", "tree"),
    [
        ("RUN pip install flask", f"{PIP}/main.py 9MB @1"),
        ("RUN pip install flask", f"{PIP}/__pycache__/main.cpython-312.pyc 900kB @2"),
        # pip compiles a pip that it installs.
        ("RUN pip install -U pip", f"{BYTE_CODE}, {PIP}/_internal/main.py 9kB @2"),
        ("RUN ./install", BYTE_CODE),
    ],
)
def test_not_reported(lines: str, tree: str) -> None:
    assert run_rule(RULE, built(lines, tree)) == []


def test_nothing_is_reported_without_an_image() -> None:
    assert run_rule(RULE, "FROM python\nRUN pip install flask\n") == []


DELETED = "find /usr/local/lib -path '*/site-packages/pip/*.pyc' -delete"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN pip install flask", f"RUN pip install flask \\\n    && {DELETED}"),
        (
            "RUN pip install flask\nRUN echo\nRUN pip check",
            f"RUN pip install flask \\\n    && {DELETED}\nRUN echo\nRUN pip check \\\n    && {DELETED}",
        ),
        (
            "RUN pip install flask\nUSER app\nRUN pip check",
            f"RUN pip install flask \\\n    && {DELETED}\nUSER app\nRUN pip check",
        ),
    ],
)
def test_each_run_that_calls_pip_deletes_it(lines: str, expected: str) -> None:
    world = built(lines)
    (finding,) = run_rule(RULE, world)
    assert (finding.saving_bytes, finding.safety) == (5_000_000, FixSafety.SAFE)
    assert apply_rule(RULE, world) == f"FROM a\n{expected}\n"


def test_without_find_there_is_no_edit() -> None:
    (finding,) = run_rule(RULE, built("RUN pip install flask", find="usr/bin/sh 9kB @1"))
    assert (finding.saving_bytes, finding.changes) == (5_000_000, ())


def test_each_folder_with_a_pip_is_named() -> None:
    venv = "opt/venv/lib/python3.12/site-packages/pip/__pycache__/x.cpython-312.pyc 2MB @2"
    (finding,) = run_rule(RULE, built("RUN pip install flask", f"{BYTE_CODE}, {venv}"))
    assert finding.saving_bytes == 7_000_000
    assert "find /opt/venv/lib /usr/local/lib -path" in finding.changes[0].text


@pytest.mark.parametrize(
    "lines",
    [
        "RUN sudo pip install flask",
        "RUN bash -c 'pip install flask'",
        'RUN ["pip", "install", "flask"]',
        "RUN pip install flask\nRUN pipenv sync",
    ],
)
def test_no_change_where_a_later_pip_may_store_it_again(lines: str) -> None:
    (finding,) = run_rule(RULE, built(lines))
    assert finding.changes == ()
