"""`--record`: what a command has measured is added to the history, on any CI."""

from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.cli.record_option import check_recordable, record_report
from bot.errors import InputError
from bot.line.declared_images import RevisionConfigs
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.report import ImageState
from bot.project.config_file import ProjectConfig
from bot.project.history_place import parse_history
from bot.project.overrides import Overrides
from tests.integration.git.clones import OpenGit
from tests.support.image_world import compared, review
from tests.support.record_world import measured
from tests.support.repository import Repository


def make_request(git: GitRepository, history: str = "dir:sizes") -> ReviewRequest:
    overrides = Overrides(history=parse_history(history)) if history else Overrides()
    head = ReviewedRevision(git.snapshot_working_tree(), "working tree")
    return ReviewRequest(head, RevisionConfigs(ProjectConfig()), overrides=overrides)


def test_the_images_of_a_commit_are_recorded(open_git: OpenGit, origin: Repository) -> None:
    sha = origin.commit({"a": "1"})
    git = open_git(origin.path)
    request = make_request(git)
    history = check_recordable(git, request)
    image = compared(None, measured("100MB"), name="api", state=ImageState.NEW)
    record_report(git, review(image), request, history)
    (path,) = (origin.path / "sizes").rglob("*.json")
    assert path.parent.name == sha


@pytest.mark.parametrize(("history", "file"), [("", {}), ("dir:sizes", {"a": "2"})])
def test_without_a_place_or_a_commit_nothing_is_built(
    open_git: OpenGit, origin: Repository, history: str, file: dict[str, str | None]
) -> None:
    origin.commit({"a": "1"})
    origin.write(file)
    git = open_git(origin.path)
    with pytest.raises(InputError) as raised:
        check_recordable(git, make_request(git, history))
    assert "--history" in raised.value.fix or "--rev HEAD" in raised.value.fix
    assert not Path(origin.path / "sizes").exists()
