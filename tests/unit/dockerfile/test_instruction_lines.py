"""The lines of an instruction."""

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.instruction_lines import find_first_line, find_last_line, read_lines

TEXT = b"""FROM x
RUN a \\
# Within.
  b
# Above.
# Right above.
RUN <<EOF
c
EOF

# Apart.

RUN d
"""


def test_comments_and_heredocs_count() -> None:
    dockerfile = DockerfileReader().parse(TEXT)
    first, second, third = dockerfile.stages[0].instructions
    lines = [(find_first_line(dockerfile, x), find_last_line(x)) for x in (first, second, third)]
    assert lines == [(2, 4), (5, 9), (13, 13)]


def test_lines_are_text_without_their_end() -> None:
    source = DockerfileReader().parse(TEXT.replace(b"\n", b"\r\n")).source
    assert read_lines(source, 5, 6) == "# Above.\n# Right above."
