"""Targets of a Makefile."""

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule

MAKEFILE = """\
CC = gcc
FETCH = curl -O \\
  https://example.com/x
.PHONY: fetch deps all
fetch:
\t@$(FETCH)
all: app docs

app: fetch
\t$(CC) -o app app.c
deps: fetch
\t-echo done
docs:
\tcp a b
"""


@pytest.mark.parametrize(
    ("call", "is_build"),
    [
        ("make fetch", False),
        ("make deps docs", False),
        ("make app", True),
        ("make all", True),
        # What these do is not known.
        ("make", True),
        ("make install", True),
        ("make -C src fetch", True),
        ("make $TARGET", True),
    ],
)
def test_a_target_builds_if_its_recipes_do(call: str, is_build: bool) -> None:
    context = BuildContext({"Makefile": 9}, read_text={"Makefile": MAKEFILE}.__getitem__)
    text = f'FROM a\nWORKDIR /app\nCOPY Makefile .\nRUN {call}\nCMD ["/app/app", "x"]\n'
    findings = run_rule("single-stage-build", make_rule_input(text, context=context))
    assert bool(findings) is is_build


@pytest.mark.parametrize(("targets", "count"), [("test", 0), ("lint test", 0), ("test app", 1)])
def test_without_a_makefile_checks_are_told_by_their_names(targets: str, count: int) -> None:
    text = f'FROM a\nWORKDIR /app\nCOPY . .\nRUN make {targets}\nCMD ["/app/app", "x"]\n'
    assert len(run_rule("single-stage-build", text)) == count


def test_without_a_makefile_any_target_may_build() -> None:
    text = 'FROM a\nWORKDIR /app\nCOPY . .\nRUN make fetch\nCMD ["/app/app", "x"]\n'
    assert len(run_rule("single-stage-build", text)) == 1
