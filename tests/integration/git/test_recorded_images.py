"""Records in the history of a commit: only those of its own branch, and broken ones lose nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.record_folder import RecordFolder
from bot.line.recorded_images import RecordedImages
from bot.line.trends import add_trends
from bot.pull_request.event import Commit
from bot.records.record import ImageKey, Record
from bot.records.record_paths import make_path
from bot.records.record_writer import render_record
from tests.integration.git.clones import OpenGit
from tests.support.image_world import compared, review
from tests.support.record_world import measured, recorded
from tests.support.repository import Repository

KEY = ImageKey("api", "linux/amd64")
Open = Callable[[str], RecordedImages]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def commits(origin: Repository) -> list[str]:
    """Make the five commits of a branch; the oldest first."""
    return [origin.commit({"a": str(number)}) for number in range(5)]


@pytest.fixture
def open_records(open_git: OpenGit, origin: Repository, folder: Path) -> Open:
    git = open_git(origin.path)
    return lambda commit: RecordedImages(git, RecordFolder(folder), Commit(commit))


def keep(folder: Path, *records: Record) -> None:
    RecordFolder(folder).add_files({make_path(x): render_record(x) for x in records}, "")


def sizes(records: tuple[Record, ...]) -> list[int]:
    return [record.unpacked_bytes // 1_000_000 for record in records]


def test_without_records_there_are_none(commits: list[str], open_records: Open) -> None:
    recorded_images = open_records(commits[-1])
    assert recorded_images.find(KEY) == ()
    assert (recorded_images.notes, recorded_images.problem) == ((), "")


def test_the_newest_record_comes_first(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    keep(folder, *(recorded(size=f"{x + 90}MB", commit=sha) for x, sha in enumerate(commits)))
    assert sizes(open_records(commits[-1]).find(KEY)) == [104, 103, 102, 101, 100]
    assert sizes(open_records(commits[2]).find(KEY)) == [102, 101, 100]


def test_a_record_of_another_branch_does_not_count(
    origin: Repository, commits: list[str], folder: Path, open_records: Open
) -> None:
    """Neither that of a pull request's own commit, which a merge has made part of the history."""
    origin.branch("topic")
    topic = origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    origin.commit({"c": "1"})
    merge = origin.merge("topic")
    keep(folder, recorded(size="1MB", commit=topic), recorded(size="90MB", commit=commits[0]))
    keep(folder, recorded(size="1MB", commit="f" * 40))
    assert sizes(open_records(merge).find(KEY)) == [100]


def test_a_broken_record_is_a_note_and_loses_no_other(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    good = [recorded(commit=commit) for commit in commits]
    keep(folder, *good)
    (folder / make_path(good[1])).write_bytes(b'{"record_version": 1')
    (folder / make_path(good[2])).write_bytes(render_record(good[3]))
    (folder / make_path(good[4])).unlink()
    (folder / make_path(good[4])).symlink_to("/etc/passwd")
    recorded_images = open_records(commits[-1])
    assert recorded_images.find(KEY) == (good[3], good[0])
    (note,) = recorded_images.notes
    assert note.startswith("Invalid records were left out: ")
    assert all(commits[position][:12] in note for position in (1, 2, 4))


def test_an_image_keeps_its_history_under_a_new_name(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    keep(folder, recorded("server", "90MB", commits[0]), recorded("server", "91MB", commits[1]))
    keep(folder, recorded("api", "92MB", commits[2], renamed_from="server"))
    keep(folder, recorded("api", "93MB", commits[3]), recorded("server", "1MB", commits[4]))
    assert sizes(open_records(commits[-1]).find(KEY)) == [103, 102, 101, 100]


def test_two_names_that_lead_to_each_other_end(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    keep(folder, recorded("api", commit=commits[0], renamed_from="web"))
    keep(folder, recorded("web", commit=commits[0], renamed_from="api"))
    assert len(open_records(commits[-1]).find(KEY)) == 1


def test_a_history_that_cannot_be_read_is_a_note(
    origin: Repository, commits: list[str], open_git: OpenGit, tmp_path: Path
) -> None:
    origin.git("remote", "add", "origin", f"file://{tmp_path}/gone")
    git = open_git(origin.path)
    recorded_images = RecordedImages(git, git.open_record_branch("data"), Commit(commits[-1]))
    assert recorded_images.find(KEY) == ()
    assert recorded_images.notes[0].startswith("The history could not be read: git fetch failed")


def test_a_report_gets_the_trend_of_its_images(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    for number, commit in enumerate(commits):
        date = f"2026-11-{1 + 5 * number:02}T12:00:00Z"
        keep(folder, recorded(size=f"{90 + 3 * number}MB", commit=commit, date=date))
    report = review(compared(measured("102MB"), measured("102MB")), compared(None, None, name="x"))
    images = add_trends(report, open_records(commits[-1])).images
    assert images[0].trend is not None
    assert [point.bytes // 10**6 for point in images[0].trend.points] == [100, 103, 106, 109, 112]
    assert (images[0].trend.days, images[0].trend.change_bytes) == (20, 12_000_000)
    assert images[1].trend is None


def test_exact_and_estimated_sizes_are_not_compared(
    commits: list[str], folder: Path, open_records: Open
) -> None:
    for number, commit in enumerate(commits):
        date = f"2026-11-{1 + 5 * number:02}T12:00:00Z"
        record = recorded(size=f"{90 + 3 * number}MB", commit=commit, date=date)
        keep(folder, record)
    report = review(compared(measured("102MB"), measured("102MB")))
    assert add_trends(report, open_records(commits[-1])).images[0].trend
    estimate = recorded(size="99MB", commit=commits[2], date=record.date, compressed_exact=False)
    (folder / make_path(recorded(commit=commits[2], date="2026-11-11T12:00:00Z"))).unlink()
    keep(folder, estimate)
    trend = add_trends(report, open_records(commits[-1])).images[0].trend
    assert trend is not None
    assert commits[2] not in [point.commit for point in trend.points]
