"""Files that a step leaves in a workspace with an untrusted checkout, which belongs to somebody else."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.github.step_folder import StepFolder
from bot.adapters.github.workflow_commands import RunnerCommands
from bot.errors import InputError
from tests.support.repository import Repository

RUNNER, OTHER = 12345, 12346
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")


def save(workspace: Path, text: str = "{}", step: str = "size") -> str:
    return StepFolder(workspace, step).save_file("report.json", text)


def list_owners(workspace: Path) -> dict[str, tuple[int, int]]:
    """Return the users and the modes of everything below a folder."""
    paths = sorted(workspace.rglob("*"))
    return {path.name: (path.stat().st_uid, path.stat().st_mode & 0o777) for path in paths}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def test_two_uses_in_one_job_keep_their_files_apart(tmp_path: Path) -> None:
    paths = []
    for step in ("api", "../web 2"):
        variables = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_ACTION": step}
        runner = RunnerCommands(variables, lambda text: None)
        paths.append(runner.save_file("report.json", step))
    assert [(tmp_path / path).read_text("utf-8") for path in paths] == ["api", "../web 2"]
    assert paths == ["image-size-review/api/report.json", "image-size-review/---web-2/report.json"]


@as_root
def test_files_belong_to_the_owner_of_the_workspace(open_folder: Path) -> None:
    os.chown(open_folder, RUNNER, RUNNER)
    old = os.umask(0o022)
    save(open_folder)
    os.umask(old)
    assert list_owners(open_folder) == {
        "image-size-review": (RUNNER, 0o755),
        "size": (RUNNER, 0o755),
        ".gitignore": (RUNNER, 0o644),
        "report.json": (RUNNER, 0o644),
    }


@as_root
def test_folders_that_an_earlier_run_left_to_root_are_given_back(open_folder: Path) -> None:
    (open_folder / "image-size-review/size").mkdir(parents=True)
    (open_folder / "image-size-review/size/report.json").write_text("old", "utf-8")
    os.chown(open_folder, RUNNER, RUNNER)
    save(open_folder)
    assert {user for user, _ in list_owners(open_folder).values()} == {RUNNER}


@as_root
def test_where_files_cannot_be_given_away_everybody_may_remove_them(open_folder: Path) -> None:
    os.chown(open_folder, RUNNER, RUNNER)
    os.seteuid(OTHER)
    try:
        save(open_folder)
    finally:
        os.seteuid(0)
    owners = list_owners(open_folder)
    assert owners["size"] == (OTHER, 0o777)
    assert owners["report.json"] == (OTHER, 0o666)


def test_git_shows_nothing_of_them(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    head = repository.commit({"a": "1"})
    save(tmp_path)
    assert repository.git("status", "--porcelain", "--untracked-files=all") == ""
    assert repository.commit({}) != head
    assert repository.git("ls-files") == "a"


def test_a_file_of_the_repository_stays_as_it_is(tmp_path: Path) -> None:
    name = "image-size-review/size/.gitignore"
    repository = Repository(tmp_path)
    repository.commit({name: "report.*\n"})
    save(tmp_path)
    assert (tmp_path / name).read_text("utf-8") == "report.*\n"
    assert repository.git("status", "--porcelain") == ""


def test_no_link_of_the_checkout_is_written_through(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    folder = checkout / "image-size-review/size"
    folder.mkdir(parents=True)
    for name in ("report.json", ".gitignore"):
        (tmp_path / name).write_text("mine", "utf-8")
        (folder / name).symlink_to(tmp_path / name)
    save(checkout)
    assert [(tmp_path / name).read_text("utf-8") for name in ("report.json", ".gitignore")] == [
        "mine",
        "mine",
    ]
    assert (folder / "report.json").read_text("utf-8") == "{}"


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
        save(tmp_path)


def test_a_folder_in_place_of_the_report_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "image-size-review/size/report.json").mkdir(parents=True)
    with pytest.raises(InputError, match=r"report.json' in the workspace is a folder"):
        save(tmp_path)
