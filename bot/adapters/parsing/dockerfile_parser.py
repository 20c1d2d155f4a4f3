"""Dockerfiles read with dockerfile-parse, and their commands with the shell's grammar.

dockerfile-parse 2.0.1 splits keywords from values. But it has no heredocs, ends an instruction at
an empty line inside a continuation, and fails on a byte order mark, bytes that are no UTF-8, some
escapes and comments. So it gets one instruction at a time, joined to one line, with an `x` for each
character that it would misread; only the lengths of its results are used.
"""

import io
import re
from functools import lru_cache, partial

from dockerfile_parse import DockerfileParser

from bot.adapters.parsing.shell_nodes import ParsingTime
from bot.adapters.parsing.shell_parser import parse_script
from bot.dockerfile.parser import parse_dockerfile
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import SourceText, Span
from bot.dockerfile.stages import Dockerfile

# An escape or `#` could end or start a line for dockerfile-parse; other bytes make it raise.
_UNSAFE_CHARACTERS = re.compile(r"[^\t\v\f\r -~]|[\\`#]")

# Larger ones are rare, and a cache of them could fill the memory.
_MAX_SHORT_BYTES = 20_000
_MAX_KEPT_DOCKERFILES = 1000


class DockerfileReader:
    """The port `Parser`."""

    def parse(self, data: bytes) -> Dockerfile:
        """Parse the stages of a Dockerfile; raise ValueError if it has none."""
        return _parse_short(data) if len(data) <= _MAX_SHORT_BYTES else _parse(data)

    def parse_script(self, text: str) -> Script:
        """Parse the commands of a shell script."""
        data = text.encode("utf-8", "surrogateescape")
        return parse_script(SourceText(data).text_at(Span(0, len(data))))


@lru_cache(_MAX_KEPT_DOCKERFILES)
def _parse_short(text: bytes) -> Dockerfile:
    """Parse a Dockerfile once: the steps of a plan ask for it on both sides."""
    return _parse(text)


def _parse(text: bytes) -> Dockerfile:
    parse = partial(parse_script, parsing_time=ParsingTime())
    return parse_dockerfile(SourceText(text), split_instruction, parse)


def split_instruction(instruction: str) -> tuple[int, int]:
    """Return the lengths of an instruction's keyword and of what follows it."""
    # One for one: only the lengths count.
    harmless = _UNSAFE_CHARACTERS.sub("x", instruction)
    # The property parses anew each time.
    structure = DockerfileParser(fileobj=io.BytesIO(harmless.encode())).structure
    if not structure:
        return len(instruction), 0
    return len(structure[0]["instruction"]), len(structure[0]["value"])
