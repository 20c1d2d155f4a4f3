r"""Lists of patterns that are kept as data, so that they can be read and reviewed line by line.

A list is a text file in the folder `data` of a package:

    # A comment. It names the image, application or page behind the lines below it.
    [directories] (?:^|/){}/
    \.git
    target/(?:[\w-]+/)?debug/deps    # app/target/debug/deps/libx.rlib

    [program names]
    g++

A section with a template holds regular expressions, one a line; the template says where they are
anchored, and each line takes the place of `{}` in it. The text after ` # ` on a line is an example
that the line matches. A section without a template holds plain names. Indentation and empty lines
are ignored.

The format is ours because JSON has no comments, and YAML and TOML would have every regular
expression quoted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_HEADER = re.compile(r"\[(?P<name>[^\]]+)\](?:\s+(?P<template>\S.*))?")
# Blanks on both sides, so that a `#` in a pattern or a URL stays.
_EXAMPLE = re.compile(r"\s+#\s+")
_PLACEHOLDER = "{}"
# By path: importlib.resources takes longer to import than a list to read.
_ROOT = Path(__file__).parents[1]


class PatternListError(ValueError):
    """A line of a list that cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class PatternLine:
    """A pattern or a name, and the example beside it; empty if there is none."""

    text: str
    example: str
    number: int


@dataclass(frozen=True)
class PatternSection:
    """The lines below a header; `template` is empty where they are plain names."""

    name: str
    template: str
    lines: list[PatternLine] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the lines as they are."""
        return tuple(line.text for line in self.lines)

    @property
    def expression(self) -> str:
        """Return one regular expression for all lines."""
        return self.template.replace(_PLACEHOLDER, f"(?:{'|'.join(self.names)})")


def compile_sections(package: str, file_name: str, *section_names: str) -> re.Pattern[str]:
    """Compile one pattern for several sections of a list, or for all if none is named."""
    sections = read_pattern_list(package, file_name)
    names = section_names or tuple(sections)
    return re.compile("|".join(sections[name].expression for name in names))


def read_names(package: str, file_name: str, section_name: str) -> tuple[str, ...]:
    """Return the plain names of a section, in the order of the file."""
    return read_pattern_list(package, file_name)[section_name].names


@cache
def read_pattern_list(package: str, file_name: str) -> Mapping[str, PatternSection]:
    """Read `data/<file_name>` of a package, once; return its sections by name.

    Its expressions are compiled where they are used; a test compiles them line by line.
    """
    text = _ROOT.joinpath(*package.split("."), "data", file_name).read_text("utf-8")
    return parse_pattern_list(text, file_name, compiles=False)


def parse_pattern_list(
    text: str, file_name: str, *, compiles: bool = True
) -> Mapping[str, PatternSection]:
    """Return the sections of a list by name; raise PatternListError for a line at fault.

    Without `compiles`, a line may be no regular expression.
    """
    sections: dict[str, PatternSection] = {}
    section: PatternSection | None = None
    for number, raw_line in enumerate(text.splitlines(), 1):
        line = raw_line.strip()
        location = f"{file_name}:{number}"
        if header := _HEADER.fullmatch(line):
            section = _start_section(header, sections, location)
            sections[section.name] = section
        elif line and not line.startswith("#"):
            if section is None:
                raise PatternListError(f"{location}: a line in front of the first [section]")
            pattern = _parse_line(line, number, section, location)
            if compiles and section.template:
                _check_expression(pattern, location)
            section.lines.append(pattern)
    return sections


def _start_section(
    header: re.Match[str], sections: Mapping[str, PatternSection], location: str
) -> PatternSection:
    name, template = header["name"], header["template"] or ""
    if name in sections:
        raise PatternListError(f"{location}: a second section [{name}]")
    if template and template.count(_PLACEHOLDER) != 1:
        raise PatternListError(f"{location}: the template of [{name}] needs {_PLACEHOLDER} once")
    return PatternSection(name, template)


def _parse_line(line: str, number: int, section: PatternSection, location: str) -> PatternLine:
    text, example = [*_EXAMPLE.split(line, maxsplit=1), ""][:2]
    if text in section.names:
        raise PatternListError(f"{location}: {text} appears twice")
    return PatternLine(text, example, number)


def _check_expression(pattern: PatternLine, location: str) -> None:
    try:
        re.compile(pattern.text)
    except re.error as error:
        raise PatternListError(f"{location}: not a regular expression: {error}") from error
