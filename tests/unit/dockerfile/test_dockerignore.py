"""Ignore files against what BuildKit's own modules answer, and what holds for any of them."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.dockerignore import (
    DockerIgnore,
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.dockerfile.ignore_automaton import Automaton
from bot.dockerfile.ignore_expressions import compile_pattern
from tests.support.ignore_oracle.compare import find_answer
from tests.support.ignore_oracle.kept_answers import read_answers
from tests.support.ignore_oracle.oracle import Answer
from tests.support.ignore_oracle.questions import Question, generate_questions

BROKEN = (
    "a*{" + "9" * 5_000 + "}",
    "a*b{1,1001}",
    "\\8",
    "a[^z-a]*",
    "[[:x:]]",
    "\\pX",
    "b*[a",
    "[a]{2}{3}",
    "\\x{110000}",
    "*|{2}",
    "\\é",
)


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("", "a", False),
        ("# a\n", "a", False),
        (" # a\n", "# a", True),
        ("a", "a", True),
        ("a", "b/a", False),
        ("/a", "a", True),
        ("a/", "a/b/c", True),
        ("*", "a/b", True),
        ("*.md", "a/x.md", False),
        ("**/*.md", "a/b/x.md", True),
        ("**/*.md", "x.md", True),
        ("a/**", "a/b", True),
        ("a/**", "a", False),
        ("**", "a/b", True),
        ("*\n!a", "a", False),
        ("*\n!a", "a/b", False),
        ("*\n!a\na/b", "a/b", True),
        ("!a\n*", "a", True),
        ("?.txt", "a.txt", True),
        ("?.txt", "ab.txt", False),
        ("[ab].txt", "a.txt", True),
        ("[ab].txt", "c.txt", False),
        ("readme", "README", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("./a", "a", True),
        ("b/../a", "a", True),
        ("  a  ", "a", True),
        ("! a", "a", False),
        (".", "a", False),
        ("\ufeffa", "a", True),
        # Of the expressions that `**` becomes, the slash is a part.
        ("**.log*", "app.log.1", False),
        ("**.log*", "logs/.log.1", True),
        ("docs/**.md", "docs/readme.md", False),
        ("**a", "ba", True),
        ("**/**", "a\nb", False),
        # Letters behind a backslash mean what they mean in an expression.
        ("\\data", "data", False),
        ("\\data", "1ata", True),
        ("[*]", "*", False),
        ("[*]", "[]", True),
        ("a*|b", "xb", True),
        ("a*{x}", "a{x}", True),
        ("[a]{2}", "aa", True),
        # A line ends at a line feed alone.
        ("# vendored\f*\n", "a", False),
        ("a\rb", "a", False),
        ("a\r\nb", "a", True),
        ("a\u2028*", "b", False),
        # What a pattern has not been asked of a folder, it is not asked below.
        ("d\n!d/keep\n**/d\n", "d/keep/x", False),
        ("d\n!d/*/**\n", "d/keep/x", True),
        ("!../../a", "a", True),
    ],
)
def test_patterns(patterns: str, path: str, ignored: bool) -> None:
    assert parse_dockerignore(patterns.encode()).is_ignored(path) is ignored


def test_bytes_that_are_no_text_match_as_replacement_characters() -> None:
    rules = parse_dockerignore(b"\xe9*\nexact\xe9\n[\xff].txt\n")
    assert rules.is_ignored(os.fsdecode(b"\xe8x"))
    assert rules.is_ignored(os.fsdecode(b"\xc3.txt"))
    assert not rules.is_ignored(os.fsdecode(b"exact\xe9"))


@pytest.mark.parametrize(
    "text", [b"[", b"a\\", b"!", b"a\n! \n", b"!/", b"x" * 65_536, b"a\n#" + b"x" * 65_535 + b"\n"]
)
def test_a_file_that_ends_the_build_is_illegal(text: bytes) -> None:
    with pytest.raises(IllegalIgnoreFileError):
        parse_dockerignore(text)


@pytest.mark.parametrize("pattern", BROKEN)
def test_a_pattern_that_go_refuses_ends_the_build_once_it_is_asked(pattern: str) -> None:
    rules = parse_dockerignore(f"asked\n{pattern}\n".encode())
    assert rules.is_ignored("asked")
    with pytest.raises(IllegalIgnoreFileError):
        rules.is_ignored("other")
    with pytest.raises(IllegalIgnoreFileError):
        rules.check_buildable()


def test_control_characters_end_a_build_unless_the_patterns_are_encoded() -> None:
    with pytest.raises(IllegalIgnoreFileError):
        parse_dockerignore(b"a\tb\n").check_buildable()
    parse_dockerignore("a\tb\né\n".encode()).check_buildable()
    parse_dockerignore(b"\ta\t\n").check_buildable()


def test_a_folder_is_pruned_if_no_exception_can_be_below_it() -> None:
    rules = parse_dockerignore(b"*\n!a/b/c\n")
    assert [x for x in ("a", "a/b", "a/x", "ab", "z") if rules.is_pruned(x)] == ["a/x", "ab", "z"]
    assert not parse_dockerignore(b"*\n!**/c\n").is_pruned("a")
    assert not parse_dockerignore(b"a/*\n").is_pruned("a")
    assert not parse_dockerignore(b"").is_pruned("a")


@pytest.mark.parametrize(("question", "answer"), read_answers())
def test_the_kept_answers_of_buildkit(question: Question, answer: Answer) -> None:
    ours = find_answer(question)
    assert bool(ours.error) == bool(answer.error)
    assert ours.sent == answer.sent


def test_the_order_of_questions_does_not_matter() -> None:
    for question in generate_questions(seed=3, count=150):
        answer = find_answer(question)
        shuffled = list(question.paths)
        random.Random(4).shuffle(shuffled)
        again = find_answer(Question(question.text, tuple(shuffled)))
        if not answer.error:
            by_path = dict(zip(question.paths, answer.sent, strict=True))
            assert again.sent == tuple(by_path[path] for path in shuffled)


@given(
    st.lists(st.sampled_from([*"ab/*?!\\[]^-{}|,2.# \n\r", "**", "**/", "[[:", ":]", "\\p{", "é"]))
)
def test_any_text_has_an_answer(pieces: list[str]) -> None:
    answer = find_answer(Question("".join(pieces).encode(), (b"a", b"ab/a", b"b/a/b.a")))
    assert answer.error or len(answer.sent) == 3


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=20))
def test_any_bytes_have_an_answer(text: bytes, path: bytes) -> None:
    answer = find_answer(Question(text, (path,)))
    assert answer.error or len(answer.sent) == 1


@pytest.mark.parametrize(
    "pattern", ["**/d/" * 12 + "x", "*a" * 12, "**a" * 12, "*?" * 15, "a*" * 500, "[a-z]*" * 99]
)
def test_the_work_grows_with_the_path_alone(pattern: str) -> None:
    programs = [(0, program) for program in compile_pattern(pattern) or ()]
    automaton = Automaton(programs)
    path = "d/" * 500 + "a" * 500 + "y"
    state = automaton.move(automaton.start, path)
    steps = sum(len(program) + 1 for _, program in programs)
    assert automaton.find_matches(state) in {0, 1}
    assert 0 < automaton.cost_bits <= len(path) * (steps + 20_000)


def test_a_second_path_of_the_same_characters_costs_nothing() -> None:
    automaton = Automaton([(0, program) for program in compile_pattern("**/*.log") or ()])
    automaton.move(automaton.start, "abc/abc.log")
    cost = automaton.cost_bits
    automaton.move(automaton.start, "abc/abc.log")
    assert automaton.cost_bits == cost


def test_more_steps_than_can_be_followed_are_refused() -> None:
    with pytest.raises(TooCostlyError):
        parse_dockerignore(b"[a]{1000}\n" * 101)


def test_nothing_is_ignored_without_patterns() -> None:
    rules = DockerIgnore(())
    assert not rules.is_ignored("a/b")
    rules.check_buildable()
