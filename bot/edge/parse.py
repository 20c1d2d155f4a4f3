"""Reads Dockerfiles with dockerfile-parse.

dockerfile-parse 2.0.1 knows no heredocs, ends an instruction at an empty line inside a continuation,
stumbles over a byte order mark and loses an instruction that ends in a backslash. So these are
masked, line for line, before it sees the text.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from dockerfile_parse import DockerfileParser

from bot.core.dockerfile import Dockerfile, Stage
from bot.core.model import Instruction

_HEREDOC = re.compile(
    r"(?<![<\w$(])<<(?P<dash>-?)(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)(?![<\w])"
)
_TAKES_HEREDOCS = re.compile(r"\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s", re.IGNORECASE)
_FROM = re.compile(
    r"(?:--platform=(?P<platform>\S+)\s+)?(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?\s*", re.IGNORECASE
)
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(?P<character>[\\`])\s*", re.IGNORECASE)


class DockerfileReader:
    """The port `Parser`."""

    def parse(self, text: bytes) -> Dockerfile:
        """The stages of a Dockerfile; ValueError if it has none."""
        lines = text.decode(errors="replace").removeprefix("\ufeff").splitlines()
        masked, ends = _mask(lines)
        parser = DockerfileParser(
            fileobj=io.BytesIO("\n".join(masked).encode()), cache_content=True
        )
        instructions = [_instruction(entry, ends) for entry in parser.structure]
        return _stages([x for x in instructions if x.keyword != "COMMENT"])


def _mask(lines: list[str]) -> tuple[list[str], dict[int, int]]:
    """The lines with heredoc bodies and inner blank lines as comments; and, for an instruction that
    a heredoc follows, its last own line -> the line of the last terminator (both from 0)."""
    masked, ends = list(lines), dict[int, int]()
    escape, first = _escape(lines), 0
    while first < len(lines):
        last = _last_line(masked, first, escape)
        if last == len(lines) - 1 and _ends_in_escape(masked[last], escape):
            masked[last] = masked[last].rstrip()[:-1]
        if _TAKES_HEREDOCS.match(lines[first]):
            for body in _bodies(lines, first, last):
                masked[body] = "#"
                ends[last] = body
        first = ends.get(last, last) + 1
    return masked, ends


def _last_line(lines: list[str], first: int, escape: str) -> int:
    """Where the instruction that starts at `first` ends; blank lines inside become comments."""
    if _is_idle(lines[first]):
        return first
    for number in range(first, len(lines)):
        if number > first and _is_idle(lines[number]):
            lines[number] = "#"
        elif not _ends_in_escape(lines[number], escape):
            return number
    return len(lines) - 1


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _ends_in_escape(line: str, escape: str) -> bool:
    stripped = line.rstrip(" \t")
    return stripped.endswith(escape) and not stripped.endswith(escape * 2)


def _bodies(lines: list[str], first: int, last: int) -> Iterator[int]:
    """The line numbers of the heredocs that an instruction opens, terminators included."""
    number = last + 1
    for heredoc in _HEREDOC.finditer("\n".join(lines[first : last + 1])):
        while number < len(lines):
            line = lines[number].lstrip("\t") if heredoc["dash"] else lines[number]
            yield number
            number += 1
            if line == heredoc["word"]:
                break


def _escape(lines: list[str]) -> str:
    for line in lines:
        if not re.match(r"#\s*\w+\s*=", line):
            break
        match = _ESCAPE.fullmatch(line)
        if match:
            return match["character"]
    return "\\"


def _instruction(entry: dict[str, Any], ends: dict[int, int]) -> Instruction:
    keyword, end = entry["instruction"].upper(), entry["endline"]
    text = f"{keyword} {entry['value']}" if entry["value"] else keyword
    return Instruction(keyword, text, entry["startline"] + 1, ends.get(end, end) + 1)


def _stages(instructions: list[Instruction]) -> Dockerfile:
    starts = [number for number, x in enumerate(instructions) if x.keyword == "FROM"]
    if not starts:
        raise ValueError("the Dockerfile has no FROM instruction")
    arguments = dict(
        pair for x in instructions[: starts[0]] if x.keyword == "ARG" for pair in _arguments(x.text)
    )
    spans = zip(starts, [*starts[1:], len(instructions)], strict=True)
    stages = tuple(
        _stage(index, instructions[start], instructions[start + 1 : end])
        for index, (start, end) in enumerate(spans)
    )
    return Dockerfile(stages, arguments)


def _stage(index: int, origin: Instruction, instructions: list[Instruction]) -> Stage:
    match = _FROM.fullmatch(origin.text.removeprefix("FROM").strip())
    if not match:
        raise ValueError(f"line {origin.line_start}: {origin.text!r} is no FROM instruction")
    return Stage(
        index, match["name"], match["base"], match["platform"], origin, tuple(instructions)
    )


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    """The names and default values of an `ARG` instruction."""
    for word in text.split()[1:]:
        name, _, value = word.partition("=")
        yield name, value.strip("\"'")
