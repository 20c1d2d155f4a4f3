"""The reader of logs finds what GitHub's runner obeys."""

import pytest

from tests.support.runner_log import read_log

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    "line",
    [
        "::add-mask::x",
        "  \t::add-mask::x",
        "\u2028\u3000::ADD-MASK a=b,c=d::x",
        "words ##[add-mask]x",
        "words\r::add-mask::x",
        "::unknown::x ##[add-mask]x",
        "##[Add-Mask a=b;c=d]x",
    ],
)
def test_a_command_is_obeyed(line: str) -> None:
    assert read_log(line).obeyed == [("add-mask", "x")]


@pytest.mark.parametrize(
    "line",
    ["x ::add-mask::x", "::add-mask:x", "##[add-mask", "# #[add-mask]x", "\u200b::add-mask::x"],
)
def test_other_lines_are_shown(line: str) -> None:
    assert read_log(line).obeyed == []


def test_nothing_is_obeyed_until_the_token() -> None:
    log = f"::stop-commands::{TOKEN}\n::error::a%25\n::{TOKEN.upper()}::\n::error::b%0Ac\n"
    assert read_log(log).ignored == [("error", "a%")]
    assert read_log(log).obeyed == [("error", "b\nc")]


@pytest.mark.parametrize("log", [f"::stop-commands::{TOKEN}\n", "::stop-commands::x\n::x::"])
def test_a_runner_that_stays_stopped_or_a_poor_token_is_a_failure(log: str) -> None:
    with pytest.raises(AssertionError):
        read_log(log)
