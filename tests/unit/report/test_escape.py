"""Escaped text has no effect in Markdown, HTML, a terminal or a log, and stays readable."""

from html import unescape

import pytest

from bot.report import escape
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


def test_mentions_are_split_in_code_too() -> None:
    """A reply by e-mail quotes the text without its tags: dependabot-core#3157."""
    assert "\u200b" in unescape(escape.code("@everyone"))


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
