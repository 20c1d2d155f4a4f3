"""Shell scripts, and above all where in the Dockerfile each of their commands stands."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.edits import TextChange, apply_changes
from bot.dockerfile.shell_script import Command, Script
from bot.dockerfile.source_text import SourceText


def script(text: str) -> tuple[Script, SourceText]:
    """The script of the last instruction of a Dockerfile."""
    found = DockerfileReader().parse_dockerfile(f"FROM a\n{text}".encode())
    script = found.stages[-1].instructions[-1].script
    assert script is not None
    return script, found.source


def run(text: str) -> list[Command]:
    return list(script(f"RUN {text}")[0].commands)


def names(commands: Sequence[Command]) -> list[str]:
    """Each command in short: its joint, its blocks, its name."""
    return [
        f"{x.separator.operator if x.separator else '.'} {''.join(f'{b.kind}:' for b in x.enclosing)}{x.name}"
        for x in commands
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [". a"]),
        ("a && b || c; d | e & f", [". a", "&& b", "|| c", "; d", "| e", "& f"]),
        ("(a; b) && { c; }", [". subshell:a", "; subshell:b", "&& group:c"]),
        ("if a; then b; else c; fi; d", [". if:a", ". if:b", ". if:c", "; d"]),
        ("for x in 1 $(a); do b; done", [". loop:substitution:a", ". loop:b"]),
        ("while a; do b; c; done < f", [". loop:a", ". loop:b", "; loop:c"]),
        ("case $x in y) a;; *) b; c;; esac", [". case:a", ". case:b", "; case:c"]),
        ("f() { a; }; f", [". function:group:a", "; f"]),
        ("! a && b", [". not:a", "&& b"]),
        ('a "$(b | c)" && d', [". a", ". substitution:b", "| substitution:c", "&& d"]),
        ("[ -f x ] && /usr/bin/make", [". [", "&& make"]),
        ("X=1 make; Y=2; export Z=3; $cc x", [". make", "; None", "; export", "; None"]),
    ],
)
def test_commands_and_what_joins_them(text: str, expected: list[str]) -> None:
    assert names(run(text)) == expected


@pytest.mark.parametrize(
    ("word", "value", "is_pattern"),
    [
        ("plain", "plain", False),
        ("'a b'", "a b", False),
        ('"a \\"b\\" \\x"', 'a "b" \\x', False),
        ("a\\ b", "a b", False),
        ("a'b'\"c\"", "abc", False),
        ("/var/lib/*", "/var/lib/*", True),
        ("'*'", "*", False),
        ("~/.cache", "~/.cache", True),
        ("x.{c,h}", "x.{c,h}", True),
        ("{}", "{}", False),
        ("$x", None, False),
        ("a${x}b", None, False),
        ('"$(ls)"', None, False),
        ("`ls`", None, False),
        ("'$x'", "$x", False),
        ("\\$x", "$x", False),
        ("é", "é", False),
    ],
)
def test_words(word: str, value: str | None, is_pattern: bool) -> None:
    (found,) = run(f"echo {word}")[0].arguments
    assert (found.text, found.value, found.is_pattern) == (word, value, is_pattern)


def test_redirections_and_assignments() -> None:
    first, second, third = run("A=1 B=$x a 2>&1 > /dev/null && { b; c; } >> log")
    assert [(x.name, x.value and x.value.value) for x in first.assignments] == [
        ("A", "1"),
        ("B", None),
    ]
    assert [(x.operator, x.target and x.target.value) for x in first.redirections] == [
        ("2>&", "1"),
        (">", "/dev/null"),
    ]
    assert [x.redirections[0].operator for x in (second, third)] == [">>", ">>"]


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get update && \\\n    # what we need\n\n    apt-get install -y \\\n      gcc && rm x",
        "RUN --mount=type=cache,target=/x \\\n  a && apt-get install -y gcc",
        "RUN <<EOF\nset -e\napt-get install -y gcc\nEOF",
        "RUN <<-EOF\n\tset -e\n\t\tapt-get install -y gcc\n\tEOF",
        "RUN cat <<A > /x && apt-get install -y gcc\n$x\nA",
        "RUN echo é 数 \\\r\n  && apt-get install -y gcc",
        "ONBUILD RUN a; apt-get install -y gcc",
        "HEALTHCHECK --retries=2 CMD a || apt-get install -y gcc",
        "CMD exec apt-get; apt-get install -y gcc",
    ],
)
def test_each_word_can_be_found_in_the_file(text: str) -> None:
    found = DockerfileReader().parse_dockerfile(f"FROM a\n{text}".encode())
    (statement,) = found.stages[0].instructions
    read = (statement.onbuild or statement).script
    assert read is not None
    assert read.is_complete
    word = next(w for c in read.find_commands("apt-get") for w in c.arguments if w.value == "gcc")
    assert found.source.text_at(word.span).text == "gcc"
    changed = apply_changes(found.source, [TextChange(word.span, "g++")])
    assert changed == found.source.data.replace(b"gcc", b"g++")


def test_the_escape_of_the_directive() -> None:
    found = DockerfileReader().parse_dockerfile(b"# escape=`\nFROM a\nRUN a C:\\x `\n && b")
    read = found.stages[0].instructions[0].script
    assert read is not None
    assert names(read.commands) == [". a", "&& b"]
    assert found.source.line_at(read.commands[1].span.start) == 4


@pytest.mark.parametrize(
    ("instruction", "command", "left"),
    [
        ("RUN a && \\\n  # why\n  b && \\\n  c", "a", "RUN b && \\\n  c"),
        ("RUN a && \\\n  # why\n  b && \\\n  c", "b", "RUN a && \\\n  c"),
        ("RUN a && \\\n  # why\n  b && \\\n  c", "c", "RUN a && \\\n  # why\n  b"),
        ("RUN <<E\na\nb\nE", "a", "RUN <<E\nb\nE"),
        ("RUN <<E\na\nb\nE", "b", "RUN <<E\na\nE"),
        ("RUN a && (b; c)", "a", "RUN  (b; c)"),
        ("RUN a && (b; c)", "b", "RUN a && (c)"),
        ("RUN if a; then b; c; fi", "b", "RUN if a; then c; fi"),
        ("RUN a > x 2>&1 && b", "a", "RUN b"),
    ],
)
def test_a_command_taken_out(instruction: str, command: str, left: str) -> None:
    found, source = script(instruction)
    span = found.removal_span(next(found.find_commands(command)))
    assert span is not None
    assert apply_changes(source, [TextChange(span, "")]).decode() == f"FROM a\n{left}"


@pytest.mark.parametrize(
    ("instruction", "command"),
    [
        ("RUN a", "a"),
        ("RUN a || b", "a"),
        ("RUN a || b", "b"),
        ("RUN a | b", "b"),
        ("RUN a && b | c", "b"),
        ("RUN (a) && b", "a"),
        ("RUN if a; then b; fi", "a"),
        ("RUN if a; then b; fi", "b"),
        ("RUN ! a && b", "a"),
        ("RUN a <<E && b\nx\nE", "a"),
        ("RUN a && b (", "a"),
        ('RUN ["a", "b"]', "a"),
    ],
)
def test_a_command_that_cannot_just_be_left_out(instruction: str, command: str) -> None:
    found, _ = script(instruction)
    assert found.removal_span(next(found.find_commands(command))) is None


@pytest.mark.parametrize(
    "text",
    [
        'SHELL ["powershell", "-Command"]\nRUN Remove-Item x',
        'SHELL ["cmd", "/S", "/C"]\nRUN del x',
        "RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF",
        "RUN",
        "HEALTHCHECK NONE",
        "ENV a=b",
    ],
)
def test_what_no_shell_reads_is_not_read(text: str) -> None:
    found = DockerfileReader().parse_dockerfile(f"FROM a\n{text}".encode())
    assert found.stages[0].instructions[-1].script is None


def test_a_stage_has_the_shell_of_the_one_it_starts_from() -> None:
    found = DockerfileReader().parse_dockerfile(
        b'FROM a AS w\nSHELL ["cmd"]\nFROM w\nRUN x\nSHELL ["/bin/bash", "-c"]\nRUN y\nFROM a\nRUN z'
    )
    runs = [x for x in found.instructions if x.keyword == "RUN"]
    assert [x.script is not None for x in runs] == [False, True, True]


@pytest.mark.parametrize("text", ["a && (b", "a 'b", "if a; then b", "a <<E <<F\nE\nF"])
def test_what_the_grammar_cannot_read_says_so(text: str) -> None:
    assert not script(f"RUN {text}")[0].is_complete


def test_a_list_is_one_command() -> None:
    (command,) = script('RUN ["apt-get", "install", "a b"]')[0].commands
    assert (command.name, command.argument_values) == ("apt-get", ("install", "a b"))


pieces = st.sampled_from(["a", "b 'c d'", "d $(e | f)", "(g; h)", "{ i; j; }", "k > l", "! m"])
joints = st.sampled_from([" && ", "; ", " || ", " | ", " \\\n  && ", " && \\\n # no\n\n  "])


@st.composite
def scripts(draw: st.DrawFn) -> str:
    text = draw(pieces)
    for piece in draw(st.lists(pieces, max_size=4)):
        text += draw(joints) + piece
    return text


@settings(deadline=None)
@given(scripts(), st.data())
def test_whatever_is_taken_out_the_rest_stays(text: str, data: st.DataObject) -> None:
    found, source = script(f"RUN {text}\nUSER x\nRUN {text}")
    command = data.draw(st.sampled_from(found.commands))
    span = found.removal_span(command)
    assume(span is not None)
    assert span is not None
    after = (
        DockerfileReader()
        .parse_dockerfile(apply_changes(source, [TextChange(span, "")]))
        .stages[0]
        .instructions
    )
    assert [x.keyword for x in after] == ["RUN", "USER", "RUN"]
    taken = range(command.span.start, command.span.end)
    expected = [x.argument_values for x in found.commands if x.span.start not in taken]
    assert after[2].script
    assert after[2].script.is_complete
    assert [x.argument_values for x in after[2].script.commands] == expected


@settings(deadline=None)
@given(st.text(alphabet="ab ()|&;<>{}[]$'\"\\`#!=*\n"))
def test_nothing_makes_it_stumble(text: str) -> None:
    for statement in (
        DockerfileReader().parse_dockerfile(f"FROM a\nRUN {text}".encode()).instructions
    ):
        for command in statement.script.commands if statement.script else ():
            assert statement.span.start <= command.span.start <= command.span.end
            assert command.span.end <= statement.span.end
