"""Commands to the runner."""

import pytest

from bot.adapters.github.workflow_commands import RunnerCommands
from bot.report.formats.annotations import Annotation
from tests.support.runner_log import read_log


def make_log() -> tuple[RunnerCommands, list[str]]:
    pieces: list[str] = []
    return RunnerCommands({}, pieces.append), pieces


HOSTILE = "a\n ::set-output name=verdict::pass\r##[add-mask]x\x1b[31m"


def test_only_own_commands_are_obeyed() -> None:
    commands, pieces = make_log()
    commands.log(HOSTILE)
    commands.notice(HOSTILE)
    commands.error(HOSTILE)
    with commands.stop_commands():
        commands.log(HOSTILE)
    log = read_log("".join(pieces))
    assert [name for name, _ in log.obeyed] == ["notice", "error"]
    assert log.ignored == []
    assert "\x1b" not in "".join(pieces)


def test_own_commands_are_obeyed_while_others_are_stopped() -> None:
    commands, pieces = make_log()
    with commands.stop_commands():
        pieces.append("::error::of a build\n")
        commands.notice("ours")
        pieces.append("::error::of another build\n")
    log = read_log("".join(pieces))
    assert (log.obeyed, len(log.ignored)) == ([("notice", "ours")], 2)
    stops = [piece for piece in pieces if piece.startswith("::stop-commands::")]
    assert len(set(stops)) == len(stops) == 2


def test_the_runner_listens_again_after_an_exception() -> None:
    commands, pieces = make_log()
    with pytest.raises(KeyError), commands.stop_commands():
        raise KeyError
    commands.notice("ours")
    assert read_log("".join(pieces)).obeyed == [("notice", "ours")]


def test_annotations_keep_to_their_properties() -> None:
    commands, pieces = make_log()
    name = "a,line=9::x\n::set-output name=verdict::pass%0A"
    commands.annotate([Annotation("r", "error", name, 1, 2, name, name)])
    assert read_log("".join(pieces)).names == {"error"}
    assert len(read_log("".join(pieces)).obeyed) == 1
    properties = "".join(pieces).removeprefix("::error ").partition("::")[0].split(",")
    assert [text.partition("=")[0] for text in properties] == ["file", "line", "endLine", "title"]


def test_masks_are_lines_of_four_characters_or_more() -> None:
    commands, pieces = make_log()
    commands.mask_values(["e", "abc", " ab ", "true", "", "one-1\r\ntwo\n  three%0A\rone-1"])
    assert read_log("".join(pieces)).masks == ["one-1", "three%0A"]
