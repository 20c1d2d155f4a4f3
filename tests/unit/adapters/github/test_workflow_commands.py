"""Files that a job leaves for later steps, in a workspace with an untrusted checkout."""

from pathlib import Path

import pytest

from bot.adapters.github.workflow_commands import RunnerCommands
from bot.errors import InputError


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
