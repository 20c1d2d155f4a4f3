"""Reads Dockerfiles with dockerfile-parse, and the commands in them with the shell's grammar.

dockerfile-parse 2.0.1 tells keywords from values. But it knows no heredocs, ends an instruction at an
empty line inside a continuation, and stumbles over a byte order mark, bytes that are no UTF-8, some
escapes and comments. So it is given one instruction at a time, joined to one line, in which whatever
it would take for something else stands as an `x`; and what it returns is measured, not copied.
"""

import io
import re

from dockerfile_parse import DockerfileParser

from bot.adapters.parsing.shell_parser import parse_script
from bot.dockerfile.parser import parse_dockerfile
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import SourceText, Span
from bot.dockerfile.stages import Dockerfile

_UNSAFE_CHARACTERS = re.compile(r"[^\t\v\f\r -~]|[\\`#]")


class DockerfileReader:
    """The port `Parser`."""

    def parse_dockerfile(self, text: bytes) -> Dockerfile:
        """The stages of a Dockerfile; ValueError if it has none."""
        return parse_dockerfile(SourceText(text), split_instruction, parse_script)

    def parse_script(self, text: str) -> Script:
        """The commands of a shell script."""
        data = text.encode("utf-8", "surrogateescape")
        return parse_script(SourceText(data).text_at(Span(0, len(data))))


def split_instruction(instruction: str) -> tuple[int, int]:
    """The lengths of an instruction's keyword and of what follows it."""
    harmless = _UNSAFE_CHARACTERS.sub("x", instruction)
    parser = DockerfileParser(fileobj=io.BytesIO(harmless.encode()))
    if not parser.structure:
        return len(instruction), 0
    return len(parser.structure[0]["instruction"]), len(parser.structure[0]["value"])
