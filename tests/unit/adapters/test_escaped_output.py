"""Standard error is escaped whole line by whole line, whoever writes to it."""

import io
import logging
import sys
import traceback

import pytest

from bot.adapters.escaped_output import EscapedOutput, escape_standard_error, get_raw_stream
from tests.support.runner_log import read_log


def written(*pieces: str) -> str:
    below = io.StringIO()
    stream = EscapedOutput(below)
    for piece in pieces:
        stream.write(piece)
        stream.flush()
    stream.finish()
    return below.getvalue()


def test_a_command_in_pieces_is_found() -> None:
    assert read_log(written("#", "#", "[add-mask", "]x\n", " :", ":error::x\n")).obeyed == []


def test_plain_lines_are_unchanged_and_the_last_one_is_ended() -> None:
    assert written("a\n", "b", "c\nd") == "a\nbc\nd\n"
    assert written() == ""


def test_secrets_are_masked_over_several_lines() -> None:
    assert written("-----BEGIN PRIVATE KEY-----\nabc\n-----END x\n") == "*** x\n"


def test_libraries_are_escaped_and_own_commands_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    raw = sys.stderr
    with escape_standard_error():
        traceback.print_exception(ValueError("\n::error::of a library"))
        logging.lastResort.emit(logging.makeLogRecord({"msg": "\x1b[31m ##[add-mask]x"}))  # type: ignore[union-attr]
        get_raw_stream(sys.stderr).write("::notice::ours\n")
    assert sys.stderr is raw
    errors = capsys.readouterr().err
    assert read_log(errors).obeyed == [("notice", "ours")]
    assert "of a library" in errors
    assert "␛[31m" in errors


def _write_half_a_line_and_fail() -> None:
    sys.stderr.write("half")
    raise ZeroDivisionError


def test_a_stream_is_restored_and_finished_after_an_exception(
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw = sys.stderr
    with pytest.raises(ZeroDivisionError), escape_standard_error():
        _write_half_a_line_and_fail()
    assert sys.stderr is raw
    assert capsys.readouterr().err == "half\n"
