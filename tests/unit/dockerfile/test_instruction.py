"""What the model of a Dockerfile knows beyond its lines."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader, split_instruction
from bot.dockerfile.edits import apply_changes, delete_lines, insert_lines, replace_lines
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.parser import parse_instructions
from bot.dockerfile.source_text import BOM, SourceText
from bot.dockerfile.stages import Dockerfile
from tests.support.generated_dockerfiles import dockerfiles


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse_dockerfile(text.encode())


def only(text: str) -> Instruction:
    (statement,) = parse(f"FROM a\n{text}").stages[0].instructions
    return statement


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
    assert (copy.argument_text.text, copy.arguments) == ("x y", ("x", "y"))


def test_a_flag_can_be_found_in_the_file() -> None:
    found = parse("FROM a\nCOPY \\\n # c\n --from='b' x y")
    (flag,) = found.stages[0].instructions[0].flags
    assert found.source.text_at(flag.span).text == "--from='b'"


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
def test_the_list_form_and_the_other_one(text: str, is_json: bool, words: tuple[str, ...]) -> None:
    found = only(text)
    assert (found.is_json, found.arguments) == (is_json, words)


def test_heredocs() -> None:
    found = parse("FROM a\nCOPY <<A <<-'B' /x/\n$1\nA\n\t2\n\tB\nUSER x")
    copy = found.stages[0].instructions[0]
    one, two = copy.heredocs
    assert (one.name, one.expands, one.strips_tabs, one.body.text) == ("A", True, False, "$1\n")
    assert (two.name, two.expands, two.strips_tabs, two.body.text) == ("B", False, True, "\t2\n")
    assert (two.line_start, two.line_end, copy.line_end) == (5, 6, 6)
    assert found.source.text_at(copy.span).text.endswith("\tB")


def test_a_blank_before_the_word_of_a_heredoc() -> None:
    """BuildKit takes it for a heredoc since 2025; the oracle is older."""
    assert [x.name for x in only("RUN cat << EOF\nUSER x\nEOF").heredocs] == ["EOF"]


def test_onbuild_holds_an_instruction() -> None:
    found = only("ONBUILD COPY --from=x <<E /y\nUSER z\nE")
    assert found.onbuild
    assert (found.onbuild.keyword, found.onbuild.flag_value("from")) == ("COPY", "x")
    assert (found.line_end, found.onbuild.line_end) == (4, 4)
    assert [x.name for x in found.onbuild.heredocs] == ["E"]


def test_comments_and_directives() -> None:
    found = parse(
        "# syntax=x\n# Escape=`\n# check=skip=all\n# one\nFROM a\n"
        "RUN b `\n  # two\n <<E\n# none\nE\n\t#three"
    )
    assert [(x.name, x.value) for x in found.directives] == [
        ("syntax", "x"),
        ("escape", "`"),
        ("check", "skip=all"),
    ]
    assert [(x.text, x.line) for x in found.comments] == [("one", 4), ("two", 7), ("three", 11)]
    assert found.escape == "`"


def test_the_comments_that_belong_to_an_instruction() -> None:
    found = parse("FROM a\n# one\n\n# two\n # three\nRUN b \\\n # four\n c\n# five\nRUN d")
    first, second = found.stages[0].instructions
    assert [x.text for x in found.find_comments(first)] == ["two", "three", "four"]
    assert [x.text for x in found.find_comments(second)] == ["five"]


def test_who_takes_from_whom() -> None:
    found = parse(
        "FROM a AS One\nFROM b\nCOPY --from=one /x /\nCOPY --from=0 /x /\nCOPY --from=busybox /x /\n"
        "RUN --mount=from=1,target=/x --mount=type=cache,target=/y ls\n"
        "ADD --from=c a b\nRUN echo --from=d\nCOPY --from=2 /x /\n"
    )
    assert [
        (x.name, x.stage.index if x.stage else None)
        for x in found.stage_references(found.stages[1])
    ] == [("one", 0), ("0", 0), ("busybox", None), ("1", None), ("c", None), ("2", None)]


@pytest.mark.parametrize(
    ("platform", "fixed"),
    [
        ("", None),
        ("--platform=$BUILDPLATFORM ", None),
        ("--platform=${X:-linux/arm64} ", None),
        ("--platform=linux/arm64 ", "linux/arm64"),
    ],
)
def test_a_platform_of_its_own(platform: str, fixed: str | None) -> None:
    (stage,) = parse(f"FROM {platform}a AS b").stages
    assert (stage.base_name, stage.name, stage.fixed_platform) == ("a", "b", fixed)


def test_a_stage_can_be_named_by_a_variable() -> None:
    found = parse("ARG BASE=one\nFROM a AS one\nFROM b AS two\nFROM ${BASE}\n")
    assert [x.index for x in found.final_stages()] == [0, 2]
    assert [x.index for x in found.final_stages(None, {"BASE": "two"})] == [1, 2]
    assert found.base_image(None, {"BASE": "c"}) == "c"
    assert found.external_images(None, {"BASE": "two"}) == ("b",)


@pytest.mark.parametrize(
    ("text", "build_args", "known"),
    [
        ("FROM a\nARG X=1\nARG Y=$X-2", {}, {"X": "1", "Y": "1-2"}),
        ("FROM a\nARG X=1 Y=$X", {"X": "9"}, {"X": "9", "Y": "9"}),
        ("FROM a\nARG X", {}, {}),
        ("FROM a\nARG X", {"X": "3", "Z": "4"}, {"X": "3"}),
        ("ARG G=1\nFROM a", {}, {}),
        ("ARG G=1\nFROM a\nARG G", {}, {"G": "1"}),
        ("ARG G=1\nFROM a\nARG G=2", {}, {"G": "2"}),
        ("ARG G=1\nFROM a\nARG G", {"G": "3"}, {"G": "3"}),
        ("FROM a\nENV X=1 Y=$X\nENV Z=$X", {}, {"X": "1", "Y": "$X", "Z": "1"}),
        ("FROM a\nENV X 'a  b'  c", {}, {"X": "a  b  c"}),
        ("FROM a\nENV X=\"a b\" Y=c\\ d Z='$X'", {}, {"X": "a b", "Y": "c d", "Z": "$X"}),
        ("FROM a\nARG X=1\nENV X=2", {"X": "3"}, {"X": "2"}),
        ("FROM a AS b\nARG X=1\nENV Y=2\nFROM b\nENV Z=$X$Y", {}, {"X": "1", "Y": "2", "Z": "12"}),
        ("FROM a AS b\nARG X=1\nFROM c\nENV Z=${X:-no}", {}, {"Z": "no"}),
        ("FROM a\nENV X=${Y", {}, {"X": "${Y"}),
        (
            "FROM a\nARG TARGETOS\nENV X=${TARGETOS:-y}",
            {},
            {"TARGETOS": "$TARGETOS", "X": "$TARGETOS"},
        ),
        ("FROM a\nENV X=${TARGETOS:-y}", {}, {"X": "y"}),
    ],
)
def test_which_variables_reach_the_end(
    text: str, build_args: Mapping[str, str], known: Mapping[str, str]
) -> None:
    found = parse(text)
    assert found.resolve_variables(found.stages[-1], build_args=build_args).values == known


def test_which_variables_reach_an_instruction_and_which_the_image() -> None:
    found = parse("FROM a\nARG X=1\nENV Y=$X\nRUN b\nENV Z=3")
    (stage,) = found.stages
    before = found.resolve_variables(stage, stage.instructions[2])
    assert (before.values, before.environment) == ({"X": "1", "Y": "1"}, {"Y": "1"})
    assert found.resolve_variables(stage).environment == {"Y": "1", "Z": "3"}


def test_what_only_the_builder_knows_is_no_image() -> None:
    found = parse("FROM a-${TARGETARCH:-x}\nCOPY --from=b-$BUILDOS /x /y\nCOPY --from=c /x /y")
    assert found.external_images(None, {}) == ("c",)
    assert found.external_images(None, {"TARGETARCH": "z"}) == ("c",)


def test_global_arguments() -> None:
    assert parse("ARG A=1\nARG B=${A}2 C\nFROM x").global_arg_defaults == {"A": "1", "B": "12"}


def seen(source: SourceText, statement: Instruction) -> tuple[str, bytes]:
    """A statement and its own bytes."""
    lines = source.span_of_lines(statement.line_start, statement.line_end)
    return statement.keyword, source.data[lines.start : lines.end].removeprefix(BOM).rstrip(b"\r\n")


@settings(deadline=None)
@given(dockerfiles(), st.data())
def test_an_edited_instruction_leaves_the_others_alone(text: str, data: st.DataObject) -> None:
    source = SourceText(text.encode())
    before = parse_instructions(source, split_instruction)
    number = data.draw(st.integers(0, len(before) - 1))
    chosen = before[number]
    assume(chosen.line_end < len(source.lines) or not text.endswith(("\\", "`")))
    lines = (chosen.line_start, chosen.line_end)
    others = [seen(source, x) for x in before]
    for change, there in (
        (replace_lines(source, *lines, "RUN true"), [("RUN", b"RUN true")]),
        (delete_lines(source, *lines), []),
        (insert_lines(source, lines[0], "RUN true"), [("RUN", b"RUN true"), others[number]]),
    ):
        after = SourceText(apply_changes(source, [change]))
        expected = [*others[:number], *there, *others[number + 1 :]]
        assert [seen(after, x) for x in parse_instructions(after, split_instruction)] == expected
