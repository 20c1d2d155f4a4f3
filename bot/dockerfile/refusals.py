"""Files that BuildKit refuses, found before a build: the checks of its parser on a whole file.

frontend/dockerfile/parser of moby/buildkit refuses lines and lists, its `instructions.Parse` single
instructions (instruction_refusals.py). A frontend of another name may take what both refuse.
"""

from collections.abc import Iterator

from bot.dockerfile.arguments import has_other_json_values, split_quoted_words
from bot.dockerfile.frontends import names_other_frontend
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.instruction_refusals import find_instruction_refusal
from bot.dockerfile.logical_lines import ESCAPE_CHARACTERS, read_directives, read_repeated_directive
from bot.dockerfile.source_text import SourceText
from bot.dockerfile.stages import Dockerfile

# bufio.MaxScanTokenSize of Go: a line with its line feed has to fit.
_MAX_LINE_BYTES = 1 << 16


def find_refusal(dockerfile: Dockerfile) -> str:
    """Return the line that BuildKit refuses, and the reason; empty if it takes the file."""
    if names_other_frontend(dockerfile.source.data):
        return ""
    reasons = (*_list_line_refusals(dockerfile), *_list_statement_refusals(dockerfile))
    if not reasons:
        return ""
    line, reason = min(reasons)
    return f"line {line}: {reason}"


def _list_line_refusals(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    """Yield the directives and the lines that the parser refuses."""
    source = dockerfile.source
    for directive in read_directives(source):
        if directive.name == "escape" and directive.value not in ESCAPE_CHARACTERS:
            yield (
                directive.line,
                f"the escape character is {directive.value!r}, and may only be `\\` or a backtick",
            )
    repeated = read_repeated_directive(source)
    if repeated:
        yield repeated.line, f"the directive {repeated.name!r} appears twice"
    yield from _list_long_lines(source)


def _list_long_lines(source: SourceText) -> Iterator[tuple[int, str]]:
    for number, span in enumerate(source.lines, 1):
        ends = source.data[: span.end].endswith(b"\n")
        if span.end - span.start >= _MAX_LINE_BYTES + ends:
            yield number, f"it has more than {_MAX_LINE_BYTES - 1:,} bytes"


def _list_statement_refusals(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    has_stage = False
    for statement in dockerfile.statements:
        has_stage = has_stage or statement.keyword == "FROM"
        reason = (
            _find_syntax_refusal(statement.onbuild or statement, dockerfile.escape)
            or find_instruction_refusal(statement, dockerfile.escape)
            or ("" if has_stage or statement.keyword == "ARG" else "a FROM has to come before it")
        )
        if reason:
            yield statement.line_start, reason


def _find_syntax_refusal(statement: Instruction, escape: str) -> str:
    """Return the reason to refuse the syntax of an instruction, or of the one behind `ONBUILD`."""
    keyword = statement.keyword
    if any(not heredoc.is_terminated for heredoc in statement.heredocs):
        return f"the heredoc {statement.heredocs[-1].name!r} has no end"
    if keyword in ("ENV", "LABEL"):
        return _find_pair_refusal(keyword, statement.argument_text.text, escape)
    if has_other_json_values(keyword, statement.argument_text):
        return f"the JSON list of {keyword} may hold only strings"
    return ""


def _find_pair_refusal(keyword: str, text: str, escape: str) -> str:
    words = split_quoted_words(text, escape)
    if words and "=" not in words[0] and len(text.split(maxsplit=1)) < 2:
        return f"{keyword} {text} has no value"
    bare = [word for word in words if "=" not in word] if words and "=" in words[0] else []
    return f"{bare[0]!r} has no `=`: {keyword} takes name=value" if bare else ""
