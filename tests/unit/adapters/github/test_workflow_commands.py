"""Commands to the runner, and files that a job leaves in a workspace with an untrusted checkout."""

from pathlib import Path

import pytest

from bot.adapters.github.workflow_commands import RunnerCommands
from bot.errors import InputError
from bot.report.formats.annotations import Annotation
from tests.support.runner_log import read_log


def workflow(workspace: Path, step: str = "size") -> RunnerCommands:
    return RunnerCommands(
        {"GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION": step}, lambda text: None
    )


def test_two_uses_in_one_job_keep_their_files_apart(tmp_path: Path) -> None:
    paths = [
        workflow(tmp_path, step).save_file("report.json", step) for step in ("api", "../web 2")
    ]
    assert [(tmp_path / path).read_text("utf-8") for path in paths] == ["api", "../web 2"]
    assert paths == ["image-size-review/api/report.json", "image-size-review/---web-2/report.json"]


def test_the_runner_may_clean_up(tmp_path: Path) -> None:
    path = tmp_path / workflow(tmp_path).save_file("report.json", "{}")
    modes = [x.stat().st_mode & 0o777 for x in (path, path.parent, path.parent.parent)]
    assert modes == [0o666, 0o777, 0o777]


def test_no_link_of_the_checkout_is_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine", "utf-8")
    checkout = tmp_path / "checkout"
    (checkout / "image-size-review/size").mkdir(parents=True)
    (checkout / "image-size-review/size/report.json").symlink_to(target)
    workflow(checkout).save_file("report.json", "{}")
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize("taken", ["image-size-review", "image-size-review/size"])
@pytest.mark.parametrize("what", ["file", "link"])
def test_a_path_in_the_way_is_an_error(tmp_path: Path, taken: str, what: str) -> None:
    path = tmp_path / taken
    path.parent.mkdir(exist_ok=True)
    if what == "file":
        path.touch()
    else:
        path.symlink_to("/")
    with pytest.raises(InputError, match=f"{taken}' in the workspace is not a folder"):
        workflow(tmp_path).save_file("report.json", "{}")


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
    commands.annotate([Annotation("error", name, 1, 2, name, name)])
    assert read_log("".join(pieces)).names == {"error"}
    assert len(read_log("".join(pieces)).obeyed) == 1
    properties = "".join(pieces).removeprefix("::error ").partition("::")[0].split(",")
    assert [text.partition("=")[0] for text in properties] == ["file", "line", "endLine", "title"]


def test_masks_are_lines_of_four_characters_or_more() -> None:
    commands, pieces = make_log()
    commands.mask_values(["e", "abc", " ab ", "true", "", "one-1\r\ntwo\n  three%0A\rone-1"])
    assert read_log("".join(pieces)).masks == ["one-1", "three%0A"]
