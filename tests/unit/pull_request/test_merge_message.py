"""The number of the pull request in the message of a commit."""

import pytest

from bot.pull_request.merge_message import find_pull_request


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Merge pull request #12 from octo/feature\n\nAdd (#3)", 12),
        ("Add a thing (#12)", 12),
        ("Add a thing (#12)\n\nSee (#3)", 12),
        ('Revert "Add a thing (#12)" (#15)', 15),
        ("Merge branch 'x' into 'main'\n\nAdd\n\nSee merge request group/sub/app!7", 7),
        ("Merged in feature (pull request #9)", 9),
        ("Merged PR 31: Add a thing", 31),
        ('Revert "Add a thing (#12)"', None),
        ("Fix #12", None),
        ("Add a thing\n\nCloses (#12)", None),
        ("Use colour #123456", None),
        ("", None),
    ],
)
def test_number(message: str, number: int | None) -> None:
    assert find_pull_request(message) == number
