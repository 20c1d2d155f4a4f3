"""Our Dockerfile parser held against BuildKit's own, instruction by instruction.

The oracle is BuildKit 0.12.5. Where today's BuildKit reads otherwise, so do we, and the comparison
avoids it: `<< EOF` with a blank is a heredoc since 2025; a list with text behind it is no JSON any
more; `# check=` is a directive that others may follow; a backtick escapes in flags too.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import dockerfile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader, split_instruction
from bot.dockerfile.build_plan import BuildPlan
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


def parse_with_ours(text: str) -> list[Row]:
    return [
        _row(instruction)
        for instruction in parse_instructions(SourceText(text.encode()), split_instruction)
    ]


def _row(instruction: Instruction) -> Row:
    inner = instruction.onbuild or instruction
    return (
        instruction.keyword.upper(),
        instruction.onbuild.keyword.upper() if instruction.onbuild else "",
        instruction.line_start,
        instruction.line_end,
        tuple(flag.text for flag in instruction.flags),
        inner.is_json,
        inner.words,
    )


def parse_with_buildkit(text: str) -> list[Row] | None:
    """Return the rows of BuildKit's parser; None if it refuses the file."""
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    return [
        (
            (command.cmd or "").upper(),
            (command.sub_cmd or "").upper(),
            command.start_line,
            command.end_line,
            command.flags,
            command.json,
            () if command.value == ("",) else command.value,
        )
        for command in commands
    ]


def differences(actual: list[Row], expected: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    for actual_row, expected_row in itertools.zip_longest(actual, expected):
        if actual_row != expected_row:
            yield actual_row, expected_row


def test_the_agreement_is_above_999_in_1000() -> None:
    """Compare every Dockerfile of this repository, and hundreds of generated hard ones."""
    instructions, files, refused = 0, 0, 0
    wrong: list[tuple[str, Row | None, Row | None]] = []

    def compare(text: str) -> None:
        nonlocal instructions, files, refused
        expected = parse_with_buildkit(text)
        files += 1
        if expected is None:
            refused += 1
            return
        instructions += len(expected)
        wrong.extend((text, *pair) for pair in differences(parse_with_ours(text), expected))

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
def test_dockerfiles_in_the_tree_are_read_as_by_buildkit(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    expected = parse_with_buildkit(text)
    assert expected is not None
    assert list(differences(parse_with_ours(text), expected)) == []


@settings(deadline=None)
@given(st.one_of(st.binary(), dockerfiles().map(str.encode), st.text().map(str.encode)))
def test_arbitrary_bytes_raise_only_value_error(data: bytes) -> None:
    """Refuse a file without FROM; parse any other one without loss."""
    try:
        dockerfile = DockerfileReader().parse(data)
    except ValueError:
        return
    assert dockerfile.source.data == data
    for instruction in dockerfile.statements:
        assert 0 <= instruction.span.start <= instruction.span.end <= len(data)
        assert dockerfile.source.line_at(instruction.span.start) >= instruction.line_start
    plan = BuildPlan(dockerfile)
    assert not any("$" in name for name in plan.external_images)
    for stage in dockerfile.stages:
        plan.resolve_variables(stage)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_fragments_of_dockerfiles_are_read_too(path: Path) -> None:
    data = path.read_bytes()
    assert parse_instructions(SourceText(data), split_instruction)
    for cut in range(0, len(data), 17):
        for instruction in parse_instructions(SourceText(data[cut:]), split_instruction):
            assert instruction.line_end >= instruction.line_start
