"""A limit that follows the recorded sizes, in a report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.record_folder import RecordFolder
from bot.line.ratchets import follow_records
from bot.line.recorded_images import RecordedImages
from bot.model.metric import Metric
from bot.model.report import ImageReport, Outcome
from bot.model.spec import Budget
from bot.pull_request.event import Commit
from bot.records.record_paths import make_path
from bot.records.record_writer import render_record
from bot.report.document.report_document import from_document, to_document
from tests.integration.git.clones import OpenGit
from tests.support.image_world import compared, review
from tests.support.record_world import measured, recorded
from tests.support.repository import Repository

AUTO = Budget(follows_size=True)
Follow = Callable[..., ImageReport]


@pytest.fixture
def follow(open_git: OpenGit, origin: Repository, tmp_path: Path) -> Follow:
    """Return a function that judges a growth beside the records of three commits."""
    commits = [origin.commit({"a": str(number)}) for number in range(3)]
    git = open_git(origin.path)

    def follow_sizes(
        *sizes: str,
        before: str = "90MB",
        after: str = "90MB",
        budget: Budget = AUTO,
        **fields: object,
    ) -> ImageReport:
        store = RecordFolder(tmp_path / "records")
        records = [recorded(size=x, commit=sha) for x, sha in zip(sizes, commits, strict=False)]
        store.add_files({make_path(x): render_record(x) for x in records}, "")
        report = compared(measured(before), measured(after), budget)
        images = RecordedImages(git, store, Commit(commits[-1]))
        followed = follow_records(review(replace(report, **fields)), images)  # type: ignore[arg-type]
        assert from_document(to_document(followed)).images[0].checks == followed.images[0].checks
        return followed.images[0]

    return follow_sizes


def outcomes(image: ImageReport) -> list[tuple[str, Outcome]]:
    return [(check.name, check.result) for check in image.checks]


def test_a_size_within_the_smallest_recorded_one_passes(follow: Follow) -> None:
    image = follow("95MB", "90MB", "92MB")
    (check,) = image.checks
    assert (check.result, check.limit, check.is_auto) == (Outcome.PASS, 100_002_000, True)
    assert image.spec.budget.max_size == 100_002_000


def test_what_grows_beyond_it_fails(follow: Follow) -> None:
    image = follow("95MB", "90MB", "92MB", after="91MB")
    assert (image.verdict, image.checks[0].observed) == (Outcome.FAIL, 101_000_000)


def test_without_a_record_it_is_a_warning_and_never_a_pass(follow: Follow) -> None:
    image = follow()
    assert outcomes(image) == [("max-size", Outcome.SKIP), ("history", Outcome.WARN)]
    assert image.verdict is Outcome.WARN
    assert "no size of this image is recorded yet" in image.checks[1].reason


def test_without_a_history_it_is_a_warning() -> None:
    report = review(compared(measured("90MB"), measured("99MB"), AUTO))
    assert report.verdict is Outcome.WARN
    (image,) = follow_records(report, None).images
    assert outcomes(image) == [("max-size", Outcome.SKIP), ("history", Outcome.WARN)]
    assert "no history of sizes is named" in image.checks[1].reason


def test_a_history_that_cannot_be_read_is_a_warning(
    origin: Repository, open_git: OpenGit, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    origin.git("remote", "add", "origin", f"file://{tmp_path}/gone")
    git = open_git(origin.path)
    images = RecordedImages(git, git.open_record_branch("data"), git.resolve_head())
    report = review(compared(measured("90MB"), measured("99MB"), AUTO))
    (image,) = follow_records(report, images).images
    assert image.verdict is Outcome.WARN
    assert "git fetch failed" in image.checks[1].reason


def test_an_old_excess_warns_where_the_change_adds_nothing(follow: Follow) -> None:
    """As with a number: a base image that grew by itself fails no pull request."""
    image = follow("80MB", before="91MB", after="91MB")
    assert image.verdict is Outcome.WARN


def test_bases_rules_decide_where_head_has_a_number(follow: Follow) -> None:
    loose = Budget(max_size=10**9)
    image = follow("90MB", after="95MB", budget=loose, base_budget=AUTO)
    assert outcomes(image) == [("max-size", Outcome.PASS), ("max-size", Outcome.FAIL)]
    assert image.verdict is Outcome.FAIL


def test_fewer_runs_of_head_loosen_nothing(follow: Follow) -> None:
    image = follow(
        "80MB", "99MB", "99MB", after="95MB", budget=replace(AUTO, ratchet_runs=1), base_budget=AUTO
    )
    (check,) = image.checks
    assert (check.result, check.limit) == (Outcome.FAIL, 90_002_000)


def test_a_download_follows_that_of_the_recorded_images(follow: Follow) -> None:
    """Of a limit on the size it is that of the whole image, whatever is built anew."""
    image = follow("90MB", after="95MB", budget=replace(AUTO, metric=Metric.PULL))
    (check,) = image.checks
    assert (check.observed, check.limit) == (42_000_000, 40_002_000)
    assert check.result is Outcome.FAIL


@pytest.mark.parametrize("metric", [Metric.COMPRESSED, Metric.PULL])
def test_an_estimate_is_not_held_against_an_exact_size(follow: Follow, metric: Metric) -> None:
    compressed = replace(AUTO, metric=metric)
    assert outcomes(follow("90MB", budget=compressed)) == [("max-size", Outcome.PASS)]
    estimate = replace(measured("90MB"), compressed_exact=False)
    report = compared(measured("90MB"), estimate, compressed)
    image = follow("90MB", comparison=report.comparison, budget=compressed)
    assert outcomes(image) == [("max-size", Outcome.SKIP), ("history", Outcome.WARN)]
