"""Shell scripts, and the offset of each of their commands in the Dockerfile."""

import resource
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.edits import TextChange, apply_changes
from bot.dockerfile.shell_script import Command, Script
from bot.dockerfile.source_text import SourceText


def script(text: str) -> tuple[Script, SourceText]:
    """Return the script of the last instruction of a Dockerfile."""
    dockerfile = DockerfileReader().parse(f"FROM a\n{text}".encode())
    script = dockerfile.stages[-1].instructions[-1].script
    assert script is not None
    return script, dockerfile.source


def run(text: str) -> list[Command]:
    return list(script(f"RUN {text}")[0].commands)


def names(commands: Sequence[Command]) -> list[str]:
    """Describe each command by its separator, its blocks and its name."""
    return [
        f"{command.separator.operator if command.separator else '.'} {''.join(f'{b.kind}:' for b in command.enclosing)}{command.name}"
        for command in commands
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
def test_commands_and_separators(text: str, expected: list[str]) -> None:
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
        ("$'a b'", "a b", False),
        ("$'a\\nb'", None, False),
        ("'é'$'\\t'", None, False),
        ("é", "é", False),
    ],
)
def test_words(word: str, value: str | None, is_pattern: bool) -> None:
    (argument,) = run(f"echo {word}")[0].arguments
    assert (argument.text, argument.value, argument.is_pattern) == (word, value, is_pattern)


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
    dockerfile = DockerfileReader().parse(f"FROM a\n{text}".encode())
    (instruction,) = dockerfile.stages[0].instructions
    script = (instruction.onbuild or instruction).script
    assert script is not None
    assert script.is_complete
    word = next(w for c in script.find_commands("apt-get") for w in c.arguments if w.value == "gcc")
    assert dockerfile.source.text_at(word.span).text == "gcc"
    changed = apply_changes(dockerfile.source, [TextChange(word.span, "g++")])
    assert changed == dockerfile.source.data.replace(b"gcc", b"g++")


def test_the_escape_of_the_directive() -> None:
    dockerfile = DockerfileReader().parse(b"# escape=`\nFROM a\nRUN a C:\\x `\n && b")
    script = dockerfile.stages[0].instructions[0].script
    assert script is not None
    assert names(script.commands) == [". a", "&& b"]
    assert dockerfile.source.line_at(script.commands[1].span.start) == 4


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
def test_instructions_without_a_shell_script(text: str) -> None:
    dockerfile = DockerfileReader().parse(f"FROM a\n{text}".encode())
    assert dockerfile.stages[0].instructions[-1].script is None


def test_a_stage_has_the_shell_of_the_one_it_starts_from() -> None:
    dockerfile = DockerfileReader().parse(
        b'FROM a AS w\nSHELL ["cmd"]\nFROM w\nRUN x\nSHELL ["/bin/bash", "-c"]\nRUN y\nFROM a\nRUN z'
    )
    runs = [x for x in dockerfile.statements if x.keyword == "RUN"]
    assert [x.script is not None for x in runs] == [False, True, True]


@pytest.mark.parametrize("text", ["a && (b", "a 'b", "if a; then b", "a <<E <<F\nE\nF"])
def test_incomplete_scripts(text: str) -> None:
    assert not script(f"RUN {text}")[0].is_complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "((a | b) && c || d) && e",
            [
                ". subshell:subshell:a",
                "| subshell:subshell:b",
                "&& subshell:c",
                "|| subshell:d",
                "&& e",
            ],
        ),
        ("a; ((b); (c))", [". a", "; subshell:subshell:b", "; subshell:subshell:c"]),
        ("((x = 1 + 2)) && a", ["&& a"]),
        ("echo '((a)' && ((a) || b)", [". echo", "&& subshell:subshell:a", "|| subshell:b"]),
        ("if a; then (b) else (c) fi", [". if:a", ". if:subshell:b", ". if:subshell:c"]),
        ("for x in 1; do (a) done && b", [". loop:subshell:a", "&& b"]),
    ],
)
def test_subshells_that_the_grammar_does_not_know(text: str, expected: list[str]) -> None:
    parsed, _ = script(f"RUN {text}")
    assert parsed.is_complete
    assert [x for x in names(parsed.commands) if not x.endswith("None")] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<EOF bash\na && b\nEOF", [". a", "&& b"]),
        ("<<-'EOF' /bin/bash -eux -o pipefail\n\ta\n\tEOF", [". a"]),
        ("<<EOF /usr/bin/env bash\na\nEOF", [". a"]),
        ("bash -e <<EOF\na\nb\nEOF", [". a", "\n b"]),
        ("<<EOF python3 -\nprint()\nEOF", [". python3"]),
        ("<<EOF bash -c a\nb\nEOF", [". bash"]),
        ("<<EOF tee /x | cat\nb\nEOF", [". tee", "| cat"]),
        ("python3 <<EOF\nprint()\nEOF", [". python3"]),
    ],
)
def test_a_heredoc_belongs_to_the_program_of_its_line(text: str, expected: list[str]) -> None:
    parsed, _ = script(f"RUN {text}")
    assert parsed.is_complete
    assert names(parsed.commands) == expected


def test_exec_form_is_one_command() -> None:
    (command,) = script('RUN ["apt-get", "install", "a b"]')[0].commands
    assert (command.name, command.argument_values) == ("apt-get", ("install", "a b"))


@settings(deadline=None)
@given(st.text(alphabet="ab ()|&;<>{}[]$'\"\\`#!=*\n"))
def test_arbitrary_text_never_raises(text: str) -> None:
    dockerfile = DockerfileReader().parse(f"FROM a\nRUN {text}".encode())
    assert [x.keyword for x in dockerfile.statements[:2]] == ["FROM", "RUN"]
    for instruction in dockerfile.statements:
        for command in instruction.script.commands if instruction.script else ():
            assert instruction.span.start <= command.span.start <= command.span.end
            assert command.span.end <= instruction.span.end


def test_the_scripts_of_a_file_share_the_time_that_they_may_take() -> None:
    hostile = "RUN " + "=(>" * 100_000
    dockerfile = DockerfileReader().parse(f"FROM a\n{hostile}\nRUN make\n".encode())
    first, second = (x.script for x in dockerfile.stages[0].instructions)
    assert first == Script((), is_complete=False)
    assert second is not None
    assert second.is_complete
    assert [x.name for x in second.commands] == ["make"]


def test_text_that_makes_no_sense_leaves_no_memory_behind() -> None:
    def read_memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    before = read_memory()
    for count in range(4_000, 4_003):  # the same text is read once
        assert not script("RUN " + "=(>" * count)[0].is_complete
    assert read_memory() - before < 60_000_000  # a copy for each offset takes 95 MB a text


def test_a_long_script_has_time_enough() -> None:
    text = "RUN " + "apt-get install --yes a && (cd b; make) || exit 1; " * 2_000
    assert script(text)[0].is_complete
