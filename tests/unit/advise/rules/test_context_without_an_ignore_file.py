"""Contexts that are copied whole."""

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule

RULE = "context-without-an-ignore-file"
FULL = {"Dockerfile": 100, ".git/x": 9_000_000, "main.py": 1_000}


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("FROM a\nCOPY . /app", None),
        ("FROM a\nCOPY . /app", BuildContext(FULL, has_ignore_file=True)),
        ("FROM a\nCOPY . /app", BuildContext({"main.py": 1})),
        ("FROM a\nCOPY . /app", BuildContext({"main.py": 1, "Dockerfile": 300})),
        ("FROM a\nCOPY . /app", BuildContext({"main.py": 1, "README.md": 9_000, ".gitignore": 9})),
        ("FROM a\nCOPY main.py /app", BuildContext(FULL)),
        ("FROM a AS b\nCOPY . /app\nFROM a\nCOPY --from=b /x /x", BuildContext(FULL)),
        # Others test in these.
        ("FROM gcr.io/oss-fuzz-base/base-builder-python\nCOPY . $SRC/x", BuildContext(FULL)),
        ("# Test image\nFROM a\nCOPY . /app", BuildContext(FULL)),
    ],
)
def test_not_reported(text: str, context: BuildContext | None) -> None:
    assert run_rule(RULE, make_rule_input(text, context=context)) == []


def test_the_message_lists_existing_entries() -> None:
    (finding,) = run_rule(
        RULE, make_rule_input("FROM a\nCOPY x /x\nCOPY . /app\n", context=BuildContext(FULL))
    )
    assert "`.git`, `Dockerfile`." in finding.message
    assert finding.instruction.line_start == 3


def test_other_dockerfiles_are_listed() -> None:
    context = BuildContext({"api.dockerfile": 1, "Dockerfile.old": 1, ".env": 1})
    (finding,) = run_rule(RULE, make_rule_input("FROM a\nCOPY . /app\n", context=context))
    assert "`.env`, `Dockerfile.old`, `api.dockerfile`." in finding.message


def test_a_large_readme_is_worth_a_file() -> None:
    context = BuildContext({"README.md": 100_000, "main.py": 1})
    (finding,) = run_rule(RULE, make_rule_input("FROM a\nCOPY . /app\n", context=context))
    assert "`README.md`." in finding.message


def test_the_history_is_not_named_if_git_is_called_later() -> None:
    context = BuildContext({".git/x": 9, "a": 1})
    for run, count in (("git describe --tags", 0), ("git clone x", 1)):
        text = f"FROM a\nCOPY . /app\nRUN {run}\n"
        assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"app.py": 'env_file=BASE / ".env"'}, 0),
        ({"package.json": '{"dependencies": {"dotenv": "16"}}'}, 0),
        ({"Makefile": "include .env\nrun:\n\t./x\n"}, 0),
        ({"run.sh": "set -a; . ./.env\n./x\n"}, 0),
        ({"run.sh": "cp .env.example x"}, 1),
        ({"app.py": "os.environ['A']"}, 1),
    ],
)
def test_settings_that_the_program_reads_are_not_named(files: dict[str, str], count: int) -> None:
    sizes = dict.fromkeys((*files, ".env", "README.md"), 9)
    context = BuildContext(sizes, read_text=lambda path: files.get(path, ""))
    assert len(run_rule(RULE, make_rule_input("FROM a\nCOPY . /app\n", context=context))) == count
