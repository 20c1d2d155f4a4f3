"""The style of a Dockerfile, in which new lines are written: case, continuations, indentation."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.dockerfile.stages import Dockerfile

_DEFAULT_INDENT = "    "
MAX_LINE_LENGTH = 96
_KEYWORD = re.compile(r"^[A-Z]+(?= )")
_STAGE_NAME = re.compile(r" AS (?=\S+$)")


@dataclass(frozen=True, slots=True)
class TextStyle:
    """The style that most lines of a file have.

    `joins_at_end` is true where `&&` ends a line in place of beginning the next one.
    """

    escape: str = "\\"
    is_lower_case: bool = False
    joins_at_end: bool = False
    indent: str = _DEFAULT_INDENT

    def join_commands(self, commands: Iterable[str]) -> str:
        """Return one `RUN` of several commands, each on a line of its own."""
        joint = f" && {self.escape}\n" if self.joins_at_end else f" {self.escape}\n"
        start = self.indent if self.joins_at_end else f"{self.indent}&& "
        return "RUN " + f"{joint}{start}".join(commands)

    def wrap_words(self, words: Iterable[str]) -> str:
        """Return words on as many continued lines as they need."""
        lines = [""]
        for word in words:
            if lines[-1] and len(lines[-1]) + len(word) > MAX_LINE_LENGTH:
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else word
        return f" {self.escape}\n{self.indent}".join(lines)

    def format_line(self, line: str) -> str:
        """Return a new instruction with its keywords in the case of the file."""
        # Only the first word is a keyword: `from` in a comment or in a command stays as it is.
        if not self.is_lower_case:
            return line
        lower = _KEYWORD.sub(lambda match: match[0].lower(), line)
        return _STAGE_NAME.sub(" as ", lower) if lower.startswith("from ") else lower


def read_text_style(dockerfile: Dockerfile) -> TextStyle:
    """Return the style of a file: what most of its lines do."""
    data = dockerfile.source.data
    text = data.decode("utf-8", "surrogateescape")
    escape = re.escape(dockerfile.escape)
    starts = [data[x.span.start :][: len(x.keyword)] for x in dockerfile.statements]
    lower = sum(keyword.islower() for keyword in starts)
    at_end = len(re.findall(rf"&&[ \t]*{escape}[ \t]*\r?\n", text))
    at_start = len(re.findall(rf"{escape}[ \t]*\r?\n[ \t]*&&", text))
    indents = re.findall(rf"^RUN\b.*{escape}[ \t]*\r?\n([ \t]+)\S", text, re.IGNORECASE | re.M)
    counts = Counter(indents).most_common(1)
    return TextStyle(
        dockerfile.escape,
        is_lower_case=2 * lower > len(starts),
        joins_at_end=at_end > at_start,
        indent=counts[0][0] if counts else _DEFAULT_INDENT,
    )
