"""A report that another job made: what is refused before anything is posted.

That lies in it are not repeated is tested as a program in tests/end_to_end/test_publishing.py.
"""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.action.publish import read_untrusted_report
from bot.errors import InputError
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.report import GateChange, GateKind, ImageReport, ImageState, Outcome
from bot.report.document.report_document import to_document
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.image_world import budget, compared, review
from tests.support.repository import Repository
from tests.support.runner import REPO, Job

GROWN = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))


@pytest.fixture
def published(job: Job) -> Job:
    job.inputs |= {"mode": "publish", "report": "report.json"}
    write(job.workspace / "report.json", to_document(review(GROWN)))
    return job


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path


def test_a_report_is_posted_and_nothing_is_built(
    published: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    done = published.run_here(tools.open)
    assert done.status == 0, done.log
    assert done.outputs["verdict"] == "fail"
    assert "Over budget" in github.comments(REPO, 7)[0].body
    assert "Over budget" in done.summary
    assert tools.builder.labels == []


def test_titles_are_made_anew(published: Job, tools: ArchiveTools, github: GitHubStandIn) -> None:
    spec = replace(GROWN.spec, name="svc/api/Dockerfile", dockerfile="svc/api/Dockerfile")
    document = to_document(review(replace(GROWN, spec=replace(spec, title="web"))))
    write(published.workspace / "report.json", document)
    assert published.run_here(tools.open).status == 0
    body = github.comments(REPO, 7)[0].body
    assert "Over budget: <code>api</code> grew" in body
    assert "web" not in body


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("report", "There is no report to publish."),
        ("github-token", "There is no github-token to publish with."),
    ],
)
def test_report_and_token_are_needed(
    published: Job, tools: ArchiveTools, missing: str, message: str
) -> None:
    published.inputs[missing] = ""
    done = published.run_here(tools.open)
    assert done.status == 2
    assert f"::error::{message}" in done.log


def test_without_a_pull_request_there_is_nothing_to_publish_to(
    published: Job, tools: ArchiveTools
) -> None:
    published.event, published.payload = "schedule", {}
    assert published.run_here(tools.open).status == 2


def test_an_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_untrusted_report(tmp_path, ["none"])
    assert caught.value.fix == "check `report`"


def test_a_large_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b" " * 20_000_001)
    with pytest.raises(InputError, match=r"larger than 20,000,000 bytes"):
        read_untrusted_report(tmp_path, [path.name])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"\\ud800"', "[" * 100_000])
def test_a_file_that_is_no_report_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="cannot be used"):
        read_untrusted_report(tmp_path, [path.name])


def test_a_report_of_too_many_images_is_an_error(tmp_path: Path) -> None:
    document = to_document(review(GROWN))
    document["images"] *= 1_001
    with pytest.raises(InputError) as caught:
        read_untrusted_report(tmp_path, [write(tmp_path / "report.json", document).name])
    assert caught.value.why == "it has more than 1,000 images"


@pytest.mark.parametrize(
    ("config", "inputs", "verdict"),
    [
        ("budget: {max-growth: 1MB}", {}, "fail"),
        ("images: [{name: api, dockerfile: x, budget: {max-growth: 1MB}}]", {}, "fail"),
        ("images: [{name: x, dockerfile: api/Dockerfile, budget: {max-growth: 1MB}}]", {}, "fail"),
        ("budget: {max-growth: 1GB}", {"max-growth": "1MB"}, "fail"),
        ("budget: {max-growth: 1MB}", {"max-growth": "1GB"}, "pass"),
        (None, {"max-size": "1MB"}, "fail"),
        (None, {}, "pass"),
    ],
)
def test_a_report_is_held_to_the_rules_of_the_default_branch(
    published: Job,
    tools: ArchiveTools,
    config: str | None,
    inputs: dict[str, str],
    verdict: str,
) -> None:
    """Its own budget, which a fork can make up, allows everything."""
    loose = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="100GB"))
    write(published.workspace / "report.json", to_document(review(loose)))
    if config:
        Repository(published.workspace).commit({".github/image-size.yml": config})
    del published.inputs["max-growth"]
    published.inputs |= inputs
    assert published.run_here(tools.open).outputs["verdict"] == verdict


@pytest.mark.parametrize(
    ("config", "inputs", "verdict"),
    [
        ("budget: {max-growth: 1GB}", {}, "warn"),
        ("images: [{dockerfile: api/Dockerfile, platforms: [linux/arm64]}]", {}, "error"),
        ("defaults: {platforms: [linux/arm64]}", {}, "error"),
        ("budget: {max-growth: 1GB}", {"platforms": "linux/arm64"}, "error"),
    ],
)
def test_a_platform_that_nobody_configured_is_judged_as_in_the_run(
    published: Job, tools: ArchiveTools, config: str, inputs: dict[str, str], verdict: str
) -> None:
    failed = ImageReport(
        replace(GROWN.spec, platform="linux/arm64"),
        ImageState.HEAD_BUILD_FAILED,
        Outcome.WARN,
        Comparison(None, None),
        failure=FailureCause(FailureKind.PLATFORM, fails_at_base=True, is_excused=True),
    )
    built = compared("FROM a 10MB", "FROM a 10MB / RUN x 1MB")
    write(published.workspace / "report.json", to_document(review(built, failed)))
    Repository(published.workspace).commit({".github/image-size.yml": config})
    del published.inputs["max-growth"]
    published.inputs |= inputs
    assert published.run_here(tools.open).outputs["verdict"] == verdict


def test_gate_changes_of_a_report_are_kept_as_data(
    published: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    change = GateChange(GateKind.LIMIT, "x</details>", "1 MB", "**9 GB**", Outcome.WARN)
    write(published.workspace / "report.json", to_document(review(GROWN, gate_changes=(change,))))
    published.run_here(tools.open)
    (comment,) = github.comments(REPO, 7)
    (line,) = [line for line in comment.body.splitlines() if line.startswith("- may loosen: ")]
    assert html.unescape(line) == "- may loosen: x</details>: 1 MB → **9 GB**"
    assert not re.search("[<*]", line)


def test_a_report_is_judged_by_its_numbers(tmp_path: Path) -> None:
    document = to_document(review(GROWN))
    document["verdict"] = document["images"][0]["verdict"] = "pass"
    report = read_untrusted_report(tmp_path, [write(tmp_path / "report.json", document).name])
    assert report.verdict.value == "fail"
