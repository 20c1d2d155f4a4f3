"""The lists of patterns in data/: their syntax, and that each line of each list does something."""

import fnmatch
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.pattern_lists import (
    PatternLine,
    PatternListError,
    PatternSection,
    compile_sections,
    parse_pattern_list,
    read_names,
)

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "bot").rglob("data/*.txt"))

# A path, variable or package that a plain line of a section matches, `{}` being the line.
SAMPLES = {
    "compiler_files.txt": {"compiler suffixes": "app/x.{}"},
    "build_residue.txt": {
        "directories": "app/{}/x",
        "directory entries": "app/{}",
        "intermediate output": "src/obj/{}",
        "suffixes in node_modules": "app/node_modules/a/b.{}",
        "folders in node_modules": "app/node_modules/a/{}/b.js",
        "suffixes in site-packages": "x/site-packages/a/b.{}",
        "files in site-packages": "x/site-packages/a/{}",
        "suffixes in vendor": "app/vendor/a/b.{}",
        "folders in bundles": "usr/local/bundle/ruby/{}/a",
    },
    "development_files.txt": {
        "tools": "app/{}",
        "documentation": "app/{}.md",
        "manifest folders": "app/{}/a.yaml",
        "test folders": "app/{}/a.txt",
    },
    "tool_paths.txt": {"folders": "{}/x", "files": "{}"},
    "build_inputs.txt": {"transpiled suffixes": "app/a.{}"},
    "lost_files.txt": {
        "data suffixes": "app/a.{}",
        "source suffixes": "app/a.{}",
        "source names": "app/{}",
    },
    "volatile_files.txt": {"suffixes": "app/a.{}", "names": "app/{}", "directories": "app/{}/x"},
    "executed_programs.txt": {"calls": "{}("},
    "residue.txt": {"project files": "app/{}", "test folders": "app/{}/x.js"},
}
# Lists whose sections are always read together: a line must not repeat one of another section.
READ_TOGETHER = {
    "build_only.txt",
    "build_residue.txt",
    "compiler_files.txt",
    "tool_paths.txt",
    "development_files.txt",
}
_REGEX_CHARACTERS = re.compile(r"(?<!\\)[.*+?|()\[\]{}^$]|\\[a-zA-Z]")
_ESCAPE = re.compile(r"\\(\W)")


def sections() -> Iterator[tuple[str, PatternSection]]:
    for path in FILES:
        for section in parse_pattern_list(path.read_text("utf-8"), path.name).values():
            yield path.name, section


def pattern_lines() -> list[tuple[str, PatternSection, PatternLine]]:
    return [(name, x, line) for name, x in sections() if x.template for line in x.lines]


LINES = pattern_lines()


def example_of(file_name: str, section: PatternSection, line: PatternLine) -> str:
    """Return the example beside a line, or the line itself in the section's sample."""
    if line.example:
        return line.example
    assert not _REGEX_CHARACTERS.search(line.text), f"{file_name}:{line.number} needs an example"
    sample = SAMPLES.get(file_name, {}).get(section.name, "{}")
    return sample.replace("{}", _ESCAPE.sub(r"\1", line.text))


@cache
def compile_line(template: str, text: str) -> re.Pattern[str]:
    return re.compile(template.replace("{}", f"(?:{text})"))


def others_of(
    file_name: str, section: PatternSection, line: PatternLine
) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of a section, or of its file, without one line."""
    yield from (compile_line(section.template, x.text) for x in section.lines if x != line)
    if file_name in READ_TOGETHER:
        for name, other, other_line in LINES:
            if name == file_name and other != section:
                yield compile_line(other.template, other_line.text)


def test_there_are_lists() -> None:
    assert len(FILES) > 10
    assert len(LINES) > 500


@pytest.mark.parametrize(
    ("file_name", "section", "line"),
    [pytest.param(*each, id=f"{each[0]}:{each[2].number}") for each in LINES],
)
def test_each_line_matches_its_example_and_no_other_line_does(
    file_name: str, section: PatternSection, line: PatternLine
) -> None:
    example = example_of(file_name, section, line)
    assert compile_line(section.template, line.text).search(example)
    assert not any(x.search(example) for x in others_of(file_name, section, line))


def test_no_section_is_empty() -> None:
    assert [f"{name} [{section.name}]" for name, section in sections() if not section.lines] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_list_is_read_and_has_a_description(path: Path) -> None:
    modules = [x.read_text("utf-8") for x in (ROOT / "bot").rglob("*.py")]
    assert any(f'"{path.name}"' in text for text in modules)
    assert path.read_text("utf-8").startswith("# ")


def test_an_installation_has_the_lists() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    for path in FILES:
        name = path.relative_to(path.parents[1]).as_posix()
        assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def test_a_list_is_read_section_by_section() -> None:
    text = "# for tests\n[a] ^{}$\n  x+  # xx\n\n[b]\ng++\n"
    assert parse_pattern_list(text, "list.txt") == {
        "a": PatternSection("a", "^{}$", [PatternLine("x+", "xx", 3)]),
        "b": PatternSection("b", "", [PatternLine("g++", "", 6)]),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nx\n", r"list.txt:2: a line in front of the first \[section\]"),
        ("[a] {}\nx\nx\n", "list.txt:3: x appears twice"),
        ("[a] {}\n[a] {}\n", r"list.txt:2: a second section \[a\]"),
        ("[a] ^$\n", "list.txt:1: the template of .a. needs {} once"),
        ("[a] {}\nx(\n", "list.txt:2: not a regular expression: missing"),
    ],
)
def test_a_line_at_fault_is_named(text: str, message: str) -> None:
    with pytest.raises(PatternListError, match=message):
        parse_pattern_list(text, "list.txt")


def test_sections_become_one_expression() -> None:
    pattern = compile_sections("bot.verify", "tool_paths.txt", "files")
    assert pattern.match("etc/passwd-")
    assert not pattern.match("etc/passwd.txt")


def test_names_are_in_the_order_of_the_file() -> None:
    assert read_names("bot.verify", "source_mentions.txt", "common suffixes")[:2] == ("json", "yml")
