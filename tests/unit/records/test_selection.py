"""Records are selected by their paths: of one image, of commits that count, the newest first."""

import pytest

from bot.records.record import ImageKey
from bot.records.record_paths import digest_key, make_path, split_path
from bot.records.selection import check_place, select_newest
from tests.support.record_world import recorded

COMMITS = [character * 40 for character in "cbad"]
POSITIONS = {commit: position for position, commit in enumerate(COMMITS)}
KEY = ImageKey("api", "linux/amd64")


def test_a_path_is_of_a_month_a_commit_and_an_image() -> None:
    record = recorded(commit="a" * 40)
    parts = split_path(make_path(record))
    assert parts is not None
    assert parts == (make_path(record), "2026-11", "a" * 40, digest_key(KEY))


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        f"records/2026-11/{'A' * 40}/0123456789abcdef.json",
        f"records/2026-11/{'a' * 40}/../0123456789abcdef.json",
        f"records/2026-11/{'a' * 40}/0123456789abcdef.json\n",
        f"/records/2026-11/{'a' * 40}/0123456789abcdef.json",
    ],
)
def test_other_files_are_no_records(path: str) -> None:
    assert split_path(path) is None


def test_the_newest_records_of_an_image_come_first() -> None:
    paths = [make_path(recorded(commit=commit)) for commit in sorted(COMMITS)]
    selected = select_newest(["README.md", *paths], KEY, POSITIONS, 3)
    assert [path.commit for path in selected] == COMMITS[:3]


def test_records_of_other_images_platforms_and_histories_are_left_out() -> None:
    paths = [
        make_path(recorded(name="web", commit=COMMITS[0])),
        make_path(recorded(commit="f" * 40)),
    ]
    assert select_newest(paths, KEY, POSITIONS, 9) == []
    own = make_path(recorded(commit=COMMITS[1]))
    assert select_newest([own], ImageKey("api", "linux/arm64"), POSITIONS, 9) == []


def test_a_record_that_lies_at_the_place_of_another_is_refused() -> None:
    record = recorded(commit=COMMITS[0])
    path = split_path(make_path(record))
    assert path is not None
    check_place(record, path, KEY)
    with pytest.raises(ValueError, match="it is of the commit bbbb"):
        check_place(recorded(commit=COMMITS[1]), path, KEY)
    with pytest.raises(ValueError, match="it is of another image"):
        check_place(recorded(name="web", commit=COMMITS[0]), path, KEY)
