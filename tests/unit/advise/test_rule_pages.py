"""Every rule has a page, and the page's examples are true."""

from pathlib import Path

import dockerfile
import pytest

from bot.advise.rules import RULES
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule
from tests.unit.advise.rule_pages import INDEX, read_page, row
from tests.unit.advise.rule_pages import RULES as FOLDER

NAMES = sorted(RULES)
STEMS = {name: name.replace("-", "_") for name in NAMES}


def test_a_rule_is_a_file_a_page_and_a_test() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert modules == {path.stem for path in FOLDER.glob("*.md")} == set(STEMS.values())
    tests = {
        path.stem.removeprefix("test_") for path in (Path(__file__).parent / "rules").glob("*.py")
    }
    assert modules == tests - {"__init__"}


@pytest.mark.parametrize("name", NAMES)
def test_before_is_reported_and_after_is_not(name: str) -> None:
    page = read_page(STEMS[name])
    assert run_rule(name, page.make_input(page.before))
    assert run_rule(name, make_rule_input(page.after)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_edits_turn_before_into_after(name: str) -> None:
    page = read_page(STEMS[name])
    findings = run_rule(name, page.make_input(page.before))
    if any(finding.changes for finding in findings):
        assert apply_rule(name, page.make_input(page.before)) == page.after


@pytest.mark.parametrize("name", NAMES)
def test_buildkit_parses_the_fixed_dockerfile(name: str) -> None:
    text = read_page(STEMS[name]).after
    keywords = [x.cmd.upper() for x in dockerfile.parse_string(text)]
    assert keywords == [x.keyword for x in make_rule_input(text).dockerfile.statements]


def test_rules_do_not_import_one_another() -> None:
    importing = [
        path.name
        for path in FOLDER.glob("*.py")
        if path.stem != "__init__" and "bot.advise.rules" in path.read_text("utf-8")
    ]
    assert importing == []


def test_the_index_names_every_rule() -> None:
    """`python -m tests.unit.advise` writes it."""
    table = INDEX.read_text("utf-8").partition("| --- | --- |\n")[2]
    assert table.splitlines() == [row(name) for name in RULES]
