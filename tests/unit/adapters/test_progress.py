"""Progress on a terminal and elsewhere: steps with their times, and what `--quiet` leaves."""

import io
import re

import pytest
from rich.console import Console

from bot.adapters.plain_progress import PlainProgress, QuietProgress
from bot.adapters.progress import make_progress
from bot.adapters.terminal_progress import TerminalProgress


def show_steps(progress: PlainProgress | TerminalProgress) -> None:
    with progress.step("build api (head), 3 of 16") as show_detail:
        show_detail("[2/4] RUN [make]")
    progress.write_line("a line")
    progress.write_warning("warning: a login")


def test_a_terminal_shows_a_clock_beside_the_step() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    show_steps(TerminalProgress(console))
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", stream.getvalue())
    assert "0:00:00 build api (head), 3 of 16 [2/4] RUN [make]" in text
    assert re.search(r"build api \(head\), 3 of 16 \d+\.\d s\n", text)
    assert text.endswith("a line\nwarning: a login\n")


def test_a_long_step_stays_on_one_line() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=40, _environ={"TERM": "xterm"})
    with TerminalProgress(console).step("build " + "api " * 20) as show_detail:
        show_detail("detail")
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", stream.getvalue())
    lines = re.findall(r"[^\n\r]*0:00:00[^\n\r]*", text)
    assert lines
    assert all(len(line) <= 40 and line.rstrip().endswith("…") for line in lines)


def test_elsewhere_each_step_has_two_lines() -> None:
    stream = io.StringIO()
    show_steps(PlainProgress(stream))
    first, second, *others = stream.getvalue().splitlines()
    assert first == "build api (head), 3 of 16 …"
    assert re.fullmatch(r"build api \(head\), 3 of 16 \d+\.\d s", second)
    assert others == ["a line", "warning: a login"]


def test_quiet_leaves_warnings() -> None:
    stream = io.StringIO()
    show_steps(QuietProgress(stream))
    assert stream.getvalue() == "warning: a login\n"


@pytest.mark.parametrize(("is_quiet", "kind"), [(True, QuietProgress), (False, PlainProgress)])
def test_a_stream_that_is_no_terminal_gets_plain_progress_or_none(
    is_quiet: bool, kind: type[PlainProgress]
) -> None:
    assert type(make_progress(is_quiet=is_quiet)) is kind
