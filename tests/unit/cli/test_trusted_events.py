"""`--verify` on events that have a trusted token."""

from pathlib import Path

import pytest

from bot.cli.advise import run_advise
from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.commands import AdviseOptions, ReviewOptions
from bot.cli.review import run_review
from bot.errors import InputError

TRUSTED = ("pull_request_target", "workflow_run", "issue_comment")


@pytest.mark.parametrize("event", TRUSTED)
def test_nothing_is_started_with_the_rights_of_the_base(tmp_path: Path, event: str) -> None:
    environment = {"GITHUB_EVENT_NAME": event}
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    advise = parse_arguments(["advise", str(tmp_path / "Dockerfile"), "--verify"])
    assert isinstance(advise, AdviseOptions)
    with pytest.raises(InputError, match=f"starts nothing on {event}"):
        run_advise(advise, environment)
    review = parse_arguments(["review", "--repo", str(tmp_path), "--verify"])
    assert isinstance(review, ReviewOptions)
    with pytest.raises(InputError, match=f"starts nothing on {event}"):
        run_review(review, environment)


def test_suggestions_that_start_nothing_are_made_on_every_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    options = parse_arguments(["advise", str(tmp_path / "Dockerfile")])
    assert isinstance(options, AdviseOptions)
    assert run_advise(options, {"GITHUB_EVENT_NAME": "issue_comment"}) == 0
    assert "Nothing was built" in capsys.readouterr().out
