"""Our reading of a Dockerfile held against BuildKit's own parser, instruction by instruction.

The oracle is BuildKit 0.12.5. Where today's BuildKit reads otherwise, so do we, and what we compare
stays clear of it: `<< EOF` with a blank is a heredoc since 2025; a list with something behind it is
no JSON any more; `# check=` is a directive that others may follow; a backtick escapes in flags too.
It also takes flags for Latin-1.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import dockerfile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader, split_instruction
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.parser import parse_instructions
from bot.dockerfile.source_text import SourceText
from tests.support.generated_dockerfiles import dockerfiles
from tests.support.seeds import BUILDER_PATTERN, FRONT_END, MULTI_STAGE

ROOT = Path(__file__).parents[4]
OURS = sorted((ROOT / "tests/support/dockerfiles").iterdir())
IN_THE_TREE = sorted(
    path
    for folder in ("", "demo", "tests/support/engine")
    for path in (ROOT / folder).glob("**/Dockerfile" if folder else "Dockerfile")
)
IN_TESTS = [
    text
    for example in (BUILDER_PATTERN, MULTI_STAGE, FRONT_END)
    for name, text in example.items()
    if name.startswith("Dockerfile")
]
GENERATED = 600

Row = tuple[str, str, int, int, tuple[str, ...], bool, tuple[str, ...]]


def ours(text: str) -> list[Row]:
    return [
        _row(statement)
        for statement in parse_instructions(SourceText(text.encode()), split_instruction)
    ]


def _row(statement: Instruction) -> Row:
    said = statement.onbuild or statement
    return (
        statement.keyword.upper(),
        statement.onbuild.keyword.upper() if statement.onbuild else "",
        statement.line_start,
        statement.line_end,
        tuple(flag.text for flag in statement.flags),
        said.is_json,
        said.arguments,
    )


def buildkits(text: str) -> list[Row] | None:
    """What BuildKit makes of a file; None if it refuses it."""
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    return [
        (
            (x.cmd or "").upper(),
            (x.sub_cmd or "").upper(),
            x.start_line,
            x.end_line,
            tuple(flag.encode("latin-1").decode() for flag in x.flags),
            x.json,
            () if x.value == ("",) else x.value,
        )
        for x in commands
    ]


def differences(found: list[Row], expected: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    for one, other in itertools.zip_longest(found, expected):
        if one != other:
            yield one, other


def test_the_agreement_is_above_999_in_1000() -> None:
    """Every Dockerfile of this repository, and hundreds that are put together to be hard."""
    instructions, files, refused = 0, 0, 0
    wrong: list[tuple[str, Row | None, Row | None]] = []

    def compare(text: str) -> None:
        nonlocal instructions, files, refused
        expected = buildkits(text)
        files += 1
        if expected is None:
            refused += 1
            return
        instructions += len(expected)
        wrong.extend((text, *pair) for pair in differences(ours(text), expected))

    @settings(max_examples=GENERATED, derandomize=True, deadline=None, database=None)
    @given(dockerfiles())
    def generated(text: str) -> None:
        compare(text)

    for path in [*OURS, *IN_THE_TREE]:
        compare(path.read_bytes().decode(errors="replace"))
    for text in IN_TESTS:
        compare(text)
    generated()
    rate = 1 - len(wrong) / instructions
    print(
        f"{rate:.3%} of {instructions:,} instructions in {files} files, {refused} of them refused"
    )
    assert rate > 0.999, wrong[:3]
    assert refused < files / 2


@pytest.mark.parametrize("path", [*OURS, *IN_THE_TREE], ids=lambda path: path.name)
def test_no_dockerfile_in_the_tree_is_read_otherwise(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    expected = buildkits(text)
    assert expected is not None
    assert list(differences(ours(text), expected)) == []


@settings(deadline=None)
@given(st.one_of(st.binary(), dockerfiles().map(str.encode), st.text().map(str.encode)))
def test_nothing_makes_it_stumble(data: bytes) -> None:
    """A file without FROM is refused in words; whatever else comes is read, and comes out whole."""
    try:
        found = DockerfileReader().parse_dockerfile(data)
    except ValueError:
        return
    assert found.source.data == data
    for statement in found.instructions:
        assert 0 <= statement.span.start <= statement.span.end <= len(data)
        assert found.source.line_at(statement.span.start) >= statement.line_start
    found.external_images(None, {})
    for stage in found.stages:
        found.resolve_variables(stage)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_what_a_template_or_a_foreign_byte_leaves_is_read_too(path: Path) -> None:
    data = path.read_bytes()
    for cut in range(0, len(data), 17):
        for statement in parse_instructions(SourceText(data[cut:]), split_instruction):
            assert statement.line_end >= statement.line_start
