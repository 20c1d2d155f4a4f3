"""Every ecosystem has a page, and what the page shows is what the rewriter does."""

from pathlib import Path

import dockerfile
import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.rewrite.ecosystems import ECOSYSTEMS
from tests.support.rewrite_world import plan_rewrite, rewrite_text
from tests.unit.rewrite.ecosystem_pages import FOLDER, INDEX, TABLE, read_page, row

NAMES = [ecosystem.name for ecosystem in ECOSYSTEMS]
_HELPERS = {"__init__", "elf_programs"}


def test_an_ecosystem_is_a_module_and_a_page() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - _HELPERS
    assert modules == {path.stem for path in FOLDER.glob("*.md")} == set(NAMES)


def test_every_module_has_a_test() -> None:
    modules = {path.stem for path in FOLDER.parent.glob("*.py")} - {"__init__", "ecosystem"}
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert modules == tests - {"ecosystem_pages", "ecosystems"}


@pytest.mark.parametrize("name", NAMES)
def test_the_rewrite_is_the_pages_after(name: str) -> None:
    """`python -m tests.unit.rewrite` writes it."""
    page = read_page(name)
    assert page.title == name
    assert rewrite_text(page.before, page.listing) == page.after


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_ecosystem_of_the_page(name: str) -> None:
    page = read_page(name)
    rewrite = plan_rewrite(page.before, page.listing)
    assert getattr(rewrite, "ecosystem", rewrite) is next(x for x in ECOSYSTEMS if x.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_buildkit_parses_the_rewrite(name: str) -> None:
    page = read_page(name)
    keywords = [x.cmd.upper() for x in dockerfile.parse_string(page.after)]
    ours = DockerfileReader().parse(page.after.encode())
    assert keywords == [x.keyword for x in ours.statements]
    assert keywords.count("FROM") == 2


def test_the_index_names_every_ecosystem() -> None:
    table = INDEX.read_text("utf-8").partition(TABLE)[2].partition("\n\n")[0]
    assert table.splitlines() == [row(name) for name in NAMES]
