"""The place of records: a branch or a folder, and nothing that git or a path could misread."""

import pytest

from bot.project.history_place import (
    HistoryKind,
    HistoryPlace,
    choose_history,
    parse_history,
    validate_file_history,
)


def test_a_place_is_a_branch_or_a_folder() -> None:
    assert parse_history("branch:image-sizes") == HistoryPlace(HistoryKind.BRANCH, "image-sizes")
    assert parse_history("branch:data/v1.0") == HistoryPlace(HistoryKind.BRANCH, "data/v1.0")
    assert parse_history("dir:/var/lib/sizes") == HistoryPlace(HistoryKind.FOLDER, "/var/lib/sizes")
    assert str(parse_history("dir:a:b")) == "dir:a:b"


def test_none_takes_the_place_of_one_that_a_file_names() -> None:
    nowhere, branch = parse_history("none"), parse_history("branch:sizes")
    assert str(nowhere) == "none"
    assert choose_history(nowhere, branch) is None
    assert choose_history(None, branch) == choose_history(branch, nowhere) == branch
    assert choose_history(None, None) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "sizes", "branch", "branch:", "dir:", "file:x", "dir:a\0b", "branch:-x", "branch:+x"),
        *("branch:a..b", "branch:a//b", "branch:a b", "branch:a:b", "branch:a.lock", "branch:a/"),
        *("branch:a.lock/b", "branch:.a", "branch:a/.b", "branch:é", "branch:" + "a" * 300),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is neither branch:NAME nor dir|is not the name of a branch"
    ):
        parse_history(text)


@pytest.mark.parametrize("text", ["dir:/etc", "dir:../x", "dir:a/../../b"])
def test_a_file_names_only_folders_of_the_repository(text: str) -> None:
    assert parse_history(text)
    with pytest.raises(ValueError, match="not a path inside the repository's folder"):
        validate_file_history(text)
