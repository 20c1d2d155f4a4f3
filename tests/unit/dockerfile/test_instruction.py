"""Flags, mounts, arguments and heredocs of one instruction."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.stages import Dockerfile


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse(text.encode())


def only(text: str) -> Instruction:
    (instruction,) = parse(f"FROM a\n{text}").stages[0].instructions
    return instruction


def test_flags_and_arguments() -> None:
    copy = only('COPY --chown=1:2 --link --exclude="a b" --exclude=c x y')
    assert [(flag.name, flag.value) for flag in copy.flags] == [
        ("chown", "1:2"),
        ("link", None),
        ("exclude", "a b"),
        ("exclude", "c"),
    ]
    assert (copy.flag_value("chown"), copy.flag_value("link"), copy.flag_value("exclude")) == (
        "1:2",
        "",
        "c",
    )
    assert copy.flag_value("from") is None
    assert (copy.argument_text.text, copy.words) == ("x y", ("x", "y"))


def test_a_flag_can_be_found_in_the_file() -> None:
    dockerfile = parse("FROM a\nCOPY \\\n # c\n --from='b' x y")
    (flag,) = dockerfile.stages[0].instructions[0].flags
    assert dockerfile.source.text_at(flag.span).text == "--from='b'"


def test_mounts() -> None:
    cache, other, quoted = only(
        "RUN --mount=type=cache,dst=/a,sharing=locked,ro --mount=FROM=b,src=/x,target=/y"
        """ --mount='type=bind,"target=/with,comma"' ls"""
    ).mounts
    assert (cache.kind, cache.target, cache.from_name) == ("cache", "/a", None)
    assert (cache.options["sharing"], cache.options["readonly"]) == ("locked", "true")
    assert (other.kind, other.from_name, other.source, other.target) == ("bind", "b", "/x", "/y")
    assert quoted.target == "/with,comma"


@pytest.mark.parametrize(
    ("text", "is_json", "words"),
    [
        ('CMD ["a", "b\\n"]', True, ("a", "b\n")),
        ("CMD ['a']", False, ("['a']",)),
        ('CMD ["a", 1]', False, ('["a", 1]',)),
        ('CMD ["a"] && x', False, ('["a"] && x',)),
        ('CMD ["\\ud800"]', True, ("\ufffd",)),
        ('COPY ["a b", "c"]', True, ("a b", "c")),
        ("CMD []", True, ()),
        ("ENV a=b c='d e'", False, ("a", "b", "c", "'d e'")),
        ("ENV a b  c", False, ("a", "b  c")),
        ("EXPOSE 80 81/udp", False, ("80", "81/udp")),
        ('HEALTHCHECK CMD ["a"]', True, ("CMD", "a")),
    ],
)
def test_exec_form_and_shell_form(text: str, is_json: bool, words: tuple[str, ...]) -> None:
    instruction = only(text)
    assert (instruction.is_json, instruction.words) == (is_json, words)


def test_heredocs() -> None:
    dockerfile = parse("FROM a\nCOPY <<A <<-'B' /x/\n$1\nA\n\t2\n\tB\nUSER x")
    copy = dockerfile.stages[0].instructions[0]
    first, second = copy.heredocs
    assert (first.name, first.expands, first.strips_tabs, first.body.text) == (
        "A",
        True,
        False,
        "$1\n",
    )
    assert (second.name, second.expands, second.strips_tabs, second.body.text) == (
        "B",
        False,
        True,
        "\t2\n",
    )
    assert (second.line_start, second.line_end, copy.line_end) == (5, 6, 6)
    assert dockerfile.source.text_at(copy.span).text.endswith("\tB")


def test_a_heredoc_may_have_a_space_before_its_delimiter() -> None:
    """Read `<< EOF` as a heredoc, as BuildKit does since 2025; the oracle is older."""
    assert [x.name for x in only("RUN cat << EOF\nUSER x\nEOF").heredocs] == ["EOF"]


def test_onbuild_holds_an_instruction() -> None:
    instruction = only("ONBUILD COPY --from=x <<E /y\nUSER z\nE")
    assert instruction.onbuild
    assert (instruction.onbuild.keyword, instruction.onbuild.flag_value("from")) == ("COPY", "x")
    assert (instruction.line_end, instruction.onbuild.line_end) == (4, 4)
    assert [x.name for x in instruction.onbuild.heredocs] == ["E"]
