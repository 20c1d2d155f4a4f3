"""The lines of an instruction, with the comments right above it and its heredocs."""

from bot.dockerfile.instruction import Instruction
from bot.dockerfile.source_text import SourceText
from bot.dockerfile.stages import Dockerfile


def find_first_line(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Return the first line of the comments right above an instruction."""
    comments = {comment.line for comment in dockerfile.comments}
    # A comment within a continued instruction belongs to that one.
    before = [x for x in dockerfile.statements if x.line_start < instruction.line_start]
    end = max((find_last_line(x) for x in before), default=0)
    first = instruction.line_start
    while first - 1 in comments and first - 1 > end:
        first -= 1
    return first


def find_last_line(instruction: Instruction) -> int:
    """Return the last line of an instruction, heredocs included."""
    return instruction.heredocs[-1].line_end if instruction.heredocs else instruction.line_end


def read_lines(source: SourceText, first: int, last: int) -> str:
    """Return lines of a file as text, without the line feed at their end."""
    span = source.span_of_lines(first, last)
    text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").rstrip("\n")
