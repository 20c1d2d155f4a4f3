"""Escaped text has no effect in Markdown, HTML, a terminal or a log, and stays readable."""

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report import escape
from tests.support.report_cases import FOLDER
from tests.support.runner_log import read_log
from tests.unit.report.rendered_page import parser


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a|b"),
        ("</details>", "</details>"),
        ("<!-- -->", "<!-- -->"),
        ("`x` **y** [z](http://u)", "`x` **y** [z](http://u)"),
        ("two\nlines\r\nmore\rend", "two↵lines↵more␍end"),
        ("\x1b[31m\x00\x7f\x9b", "␛[31m␀␡<U+009B>"),
        ("a\u202egnp.exe\u2066", "a<U+202E>gnp.exe<U+2066>"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("not-utf8-\udcff", "not-utf8-<FF>"),
        ("café 日本 🎉", "café 日本 🎉"),
        ("", "<empty>"),
        (" \t", "<blank>"),
    ],
)
def test_code_shows_every_character(text: str, shown: str) -> None:
    escaped = escape.code(text)
    assert unescape(escaped) == f"<code>{shown}</code>"
    assert not set("|`*_[]\\~@#:!{}()$\"'\n") & set(escaped.replace("&#", ""))


@pytest.mark.parametrize("text", ["@everyone", "#1", ":tada:", "o/r#1", "a@b.cc"])
def test_mentions_issues_and_emoji_are_split_by_a_zero_width_space(text: str) -> None:
    """Entities alone do not help: cmark-gfm#181."""
    shown = unescape(escape.plain(text))
    assert text not in shown
    assert shown.replace("\u200b", "") == text


@pytest.mark.parametrize("text", ["@everyone", "curl -d @data.json", "a @b"])
def test_code_holds_nothing_invisible(text: str) -> None:
    """GitHub mentions nobody in code, and people copy it."""
    assert unescape(escape.code(text)) == f"<code>{text}</code>"
    assert "@" not in escape.code(text)


@given(st.text())
def test_a_name_that_may_be_broken_is_copied_whole(text: str) -> None:
    cell = f"a {escape.code(text)} b"
    broken = escape.break_names(cell)
    assert broken.replace("<wbr>", "") == cell
    longest = max(len(unescape(part)) for part in broken[8:-9].split("<wbr>"))
    assert longest <= 13


@pytest.mark.parametrize(
    "text", ["python:3.12-slim", "at 03:04:05", "std::string", "C#", "a:b", "#include", "x: y"]
)
def test_prose_without_a_link_holds_nothing_invisible(text: str) -> None:
    assert unescape(escape.plain(text)) == text


@pytest.mark.parametrize(
    "text", ["python@sha256:0a1b", "npm i @types/node", "cpanm Foo::Bar", "root@host"]
)
def test_code_that_mentions_nobody_is_copied_as_it_is(text: str) -> None:
    assert unescape(escape.code(text)) == f"<code>{text}</code>"


def test_backticks_in_prose_are_code() -> None:
    assert escape.plain("a `b*` c") == "a <code>b&#42;</code> c"
    assert escape.plain("a ` b") == "a &#96; b"
    assert unescape(escape.plain("`@everyone`")) == "<code>@everyone</code>"


def test_a_line_is_copied_from_a_terminal_as_it_is() -> None:
    assert escape.terminal_line("RUN cpanm Foo::Bar:") == "RUN cpanm Foo::Bar:"
    assert read_log(escape.terminal_line("::error::x ##[error]x")).obeyed == []


def test_a_number_keeps_its_unit_but_not_in_code() -> None:
    text = escape.keep_numbers_whole("≤ 5 MB, 3 % of <code>5 MB</code> in 2 images")
    assert text == "≤\xa05\xa0MB, 3\xa0% of <code>5 MB</code> in 2 images"


def test_a_dollar_starts_no_formula() -> None:
    assert escape.plain("$x$") == "<span>&#36;</span>x<span>&#36;</span>"


@pytest.mark.parametrize(
    "text", ["- x", "1. x", "1) x", "+ x", "# x", "> x", "    x", "---", "==="]
)
def test_prose_at_the_start_of_a_line_is_a_paragraph(text: str) -> None:
    assert parser().render(escape.plain(text)).startswith("<p>")
    assert next(token.type for token in parser().parse(escape.plain(text))) == "paragraph_open"


def test_an_address_is_no_link() -> None:
    assert escape.plain("www.example.org") == "www&#46;example.org"
    assert "://" not in escape.code("http://x")


@pytest.mark.parametrize("escaper", [escape.code, escape.plain, escape.terminal])
def test_long_text_is_cut_with_an_ellipsis(escaper: escape.Escaper) -> None:
    assert escaper("a" * 200, 200).count("a") == 200
    cut = escaper("b" * 201, 200)
    assert (cut.count("b"), cut.count("…")) == (199, 1)
    assert escaper("\u202e" * 10**6, 200).count("U+202E") == 25


def test_a_log_cannot_close_its_block() -> None:
    block = escape.code_block(
        ["```", "</code></pre>", "", "10%\r50%\rdone\r", "\x1b[31;1mred\x1b[0m"]
    )
    assert unescape(block).splitlines() == [
        "<pre><code>```",
        "</code></pre>",
        "",
        "done",
        "red",
        "</code></pre>",
    ]
    assert block.count("</") == 2


def test_a_terminal_gets_no_sequences_and_the_runner_no_commands() -> None:
    hostile = "\x1b]0;title\x07a\x1b[2Jb\x9b31mc\x1bPq\x1b\\d [bold]"
    assert escape.terminal(hostile) == "abcd [bold]"
    assert "::" not in escape.terminal("::error::x")
    assert "##[" not in escape.terminal("##[error]x")


def test_a_workflow_command_cannot_be_broken_out_of() -> None:
    assert escape.command_property("a,b::c\n100%") == "a%2Cb%3A%3Ac%0A100%25"
    assert escape.command_message("a, b: c\n100%") == "a, b: c%0A100%25"
    assert escape.command_message("a\x1b[31mb\x00") == "ab␀"


HOSTILE_LINES = [
    "::set-output name=verdict::pass",
    "\n  ::set-output name=verdict::pass",
    "x\r::set-output name=verdict::pass",
    "x\r\n\u2028\u3000::Set-Output name=verdict::pass",
    "\ufeff::set-output::x\n\u200b::set-output::x",
    "why: ##[set-output name=verdict]pass ##[add-mask]x",
    "###[add-matcher]m.json\n##[error]",
    "a\x0b::error::x\x0c::error::x\x85::error::x",
]


@pytest.mark.parametrize("text", HOSTILE_LINES)
@pytest.mark.parametrize("escaper", [escape.log_lines, escape.defuse_commands, escape.terminal])
def test_the_runner_finds_no_command(escaper: Callable[[str], str], text: str) -> None:
    assert read_log(escaper(text)).obeyed == []


@given(st.text(st.sampled_from("#[]: \t\r\n\v\u2028\u200berror-x")))
def test_the_runner_finds_no_command_in_any_text(text: str) -> None:
    escaped = escape.log_lines(text)
    assert read_log(escaped).obeyed == read_log(escape.defuse_commands(text)).obeyed == []
    assert escape.log_lines(escaped) == escaped


def test_lines_of_a_log_show_control_characters() -> None:
    hostile = "a\x1b[31m\x07b\x9b\u202ec\x7f\r\n\td\udcff"
    assert escape.log_lines(hostile) == "a␛[31m␇b<U+009B><U+202E>c␡\n\td<FF>"
    assert (
        escape.log_lines("std::vector, [::1]:5000\ncafé ##") == "std::vector, [::1]:5000\ncafé ##"
    )


def test_a_json_document_in_a_log_keeps_its_meaning() -> None:
    value = {"##[add-mask]": "\\##[x] ::error::"}
    escaped = escape.json_for_log(json.dumps(value, indent=2))
    assert json.loads(escaped) == value
    assert read_log(escaped).obeyed == []


PAGES = [path for path in sorted(FOLDER.iterdir()) if path.suffix in {".md", ".txt", ".html"}]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_log_gets_the_pages_unchanged(path: Path) -> None:
    page = path.read_text("utf-8")
    escaped = escape.defuse_commands(page)
    assert read_log(escaped).obeyed == []
    assert (escaped == page) is (path.name != "hostile.html")
