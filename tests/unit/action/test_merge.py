"""One report, one comment and one check for the jobs of a matrix, each with a part of the images."""

import json
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, FinishedJob, Job, PullRequest, pull_request
from tests.unit.action.conftest import BOT, DOCKERFILE

PARTS = "parts/*/report.json"


@pytest.fixture
def count() -> int:
    """Return the number of images."""
    return 6


@pytest.fixture
def pull(tmp_path: Path, count: int) -> PullRequest:
    """Return a pull request of which every other image grows."""
    folders = [f"services/{number:03}" for number in range(count)]
    files = {f"{folder}/Dockerfile": DOCKERFILE for folder in folders}
    files |= {f"{folder}/app": "x" * 1_000 for folder in folders}
    changes = {f"{folder}/app": "x" * 9_000 for folder in folders[::2]}
    return pull_request(tmp_path / "origin", files, {**changes, "tests/Dockerfile": DOCKERFILE})


def plan(job: Job, tools: ArchiveTools, shards: int = 3) -> list[dict[str, Any]]:
    """Run the job that makes the matrix and return its entries."""
    inputs = {**job.inputs, "mode": "images", "shards": str(shards)}
    done = replace(job, inputs=inputs).run_here(tools.open)
    assert done.status == 0, done.log
    entries = json.loads(done.outputs["matrix"])["include"]
    assert isinstance(entries, list)
    return entries


def review_parts(job: Job, tools: ArchiveTools, entries: list[dict[str, Any]]) -> None:
    """Run a job for each entry, and keep the reports as the last job downloads them."""
    for entry in entries:
        inputs = {**job.inputs, "images": entry["images"], "comment": "never"}
        done = replace(job, inputs=inputs).run_here(tools.open)
        part = job.workspace / "parts" / str(entry["shard"]) / "report.json"
        part.parent.mkdir(parents=True)
        (job.workspace / done.outputs["report"]).rename(part)


def merge(job: Job, tools: ArchiveTools, **inputs: str) -> FinishedJob:
    inputs = {**job.inputs, "mode": "publish", "report": PARTS, **inputs}
    return replace(job, inputs=inputs).run_here(tools.open)


def read_report(job: Job, done: FinishedJob) -> str:
    assert "report" in done.outputs, done.log
    return (job.workspace / done.outputs["report"]).read_text("utf-8")


@pytest.mark.parametrize("count", [16, pytest.param(200, marks=pytest.mark.long)])
def test_eight_jobs_give_the_report_of_one(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, count: int
) -> None:
    entries = plan(job, tools, shards=8)
    assert len(entries) == 8
    assert sum(len(entry["contents"]) for entry in entries) == count / 2
    review_parts(job, tools, entries)
    builds = len(tools.builder.labels)
    merged = merge(job, tools)
    assert len(tools.builder.labels) == builds
    report = read_report(job, merged)
    (comment,) = github.comments(REPO, 7)
    single = job.run_here(tools.open)
    assert report == read_report(job, single)
    assert github.comments(REPO, 7)[0].body == comment.body
    for done in (merged, single):
        assert (done.status, done.outputs["verdict"]) == (1, "fail")
    assert merged.summary == single.summary
    assert merged.outputs == single.outputs


def test_the_limits_of_the_last_job_count_besides_those_of_the_parts(
    job: Job, tools: ArchiveTools
) -> None:
    job.inputs["max-growth"] = "8000"
    review_parts(job, tools, plan(job, tools, shards=2))
    assert merge(job, tools).status == 0
    assert merge(job, tools, **{"max-growth": "5kB"}).status == 1


@pytest.mark.parametrize("fail_on", ["fail", "never"])
def test_a_missing_part_is_red_and_named(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, count: int, fail_on: str
) -> None:
    job.inputs["fail-on"] = fail_on
    entries = plan(job, tools)
    review_parts(job, tools, entries[1:])
    done = merge(job, tools)
    assert (done.status, done.outputs["verdict"]) == (2, "error")
    missing = {image["dockerfile"] for image in entries[0]["contents"]}
    images = json.loads(read_report(job, done))["images"]
    assert {x["dockerfile"] for x in images if x["verdict"] == "error"} == missing
    assert len(images) == count
    assert "no report has it" in github.comments(REPO, 7)[0].body


def test_no_part_at_all_is_red(job: Job, tools: ArchiveTools) -> None:
    assert merge(job, tools).status == 2


def test_a_change_of_the_rules_alone_needs_no_part_to_be_seen(
    tmp_path: Path, job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    """The plan is empty, its jobs are skipped, and the last one runs all the same."""
    limits = ".github/image-size.yml"
    before = {"api/Dockerfile": DOCKERFILE, "api/app": "x", limits: "budget: {max-size: 1MB}"}
    pull = pull_request(tmp_path / "rules", before, {limits: "budget: {max-size: 100GB}"})
    github.open_pull_request(REPO, 8, pull.head, pull.base, "alice")
    token = github.token(BOT, issues="write", pull_requests="write")
    payload = json.loads(json.dumps(pull.payload).replace('"number": 7', '"number": 8'))
    other = Job(tmp_path / "other", "pull_request", payload, pull.merge, github, token)
    other.check_out(pull.origin, "refs/pull/7/merge")
    assert plan(other, tools) == []
    done = merge(other, tools)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    assert "100 GB" in github.comments(REPO, 8)[0].body


def test_a_report_of_another_commit_is_refused(
    job: Job, tools: ArchiveTools, pull: PullRequest
) -> None:
    """A file that the pull request commits cannot name the commit that it is part of."""
    review_parts(job, tools, plan(job, tools))
    path = job.workspace / "parts/1/report.json"
    path.write_text(path.read_text("utf-8").replace(pull.merge, "0" * 40), "utf-8")
    done = merge(job, tools)
    assert (done.status, done.outputs["verdict"]) == (2, "error")
    assert "The reports are about several commits as head" in done.log


def test_the_same_image_twice_counts_once_if_the_results_are_the_same(
    job: Job, tools: ArchiveTools
) -> None:
    job.inputs["max-growth"] = "8000"
    review_parts(job, tools, plan(job, tools))
    first = (job.workspace / "parts/1/report.json").read_text("utf-8")
    copy = job.workspace / "parts/9/report.json"
    copy.parent.mkdir()
    copy.write_text(first, "utf-8")
    assert merge(job, tools).status == 0
    document = json.loads(first)
    document["images"][0]["notes"] = ["Built elsewhere."]
    copy.write_text(json.dumps(document), "utf-8")
    done = merge(job, tools)
    assert done.status == 2
    assert "Two reports have the image" in done.log


@pytest.mark.parametrize("event", ["push", "merge_group"])
def test_other_events_are_merged_alike(
    job: Job, tools: ArchiveTools, pull: PullRequest, event: str
) -> None:
    refs: dict[str, Any] = {
        "base_sha": pull.base,
        "head_sha": pull.merge,
        "head_ref": "x",
        "base_ref": "main",
    }
    push: dict[str, Any] = {"before": pull.base, "after": pull.merge, "ref": "refs/heads/topic"}
    repository = {"default_branch": "main"}
    queued = {"action": "checks_requested", "merge_group": refs}
    payload = push if event == "push" else queued
    job.event, job.payload = event, {**payload, "repository": repository}
    job.sha, job.inputs["max-growth"] = pull.merge, "8000"
    entries = plan(job, tools)
    review_parts(job, tools, entries[1:])
    assert merge(job, tools).status == 2
    review_parts(job, tools, entries[:1])
    assert merge(job, tools).status == 0


def test_a_label_builds_nothing(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    review_parts(job, tools, plan(job, tools))
    assert merge(job, tools).status == 1
    github.label(REPO, 7, "image-size-approved", by="alice")
    labelled = replace(job, payload={**pull.payload, "action": "labeled"})
    for path in (job.workspace / "parts").rglob("*.json"):
        path.unlink()
    assert plan(labelled, tools) == []
    done = merge(labelled, tools)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")


def test_the_approval_is_applied_to_the_whole_whatever_the_parts_say_of_it(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    """It may have been withdrawn since a part was made."""
    entries = plan(job, tools)
    review_parts(job, tools, entries)
    assert merge(job, tools).status == 1
    github.label(REPO, 7, "image-size-approved", by="alice")
    rmtree(job.workspace / "parts")
    review_parts(job, tools, entries)
    part = (job.workspace / "parts/1/report.json").read_text("utf-8")
    assert "approved by alice for" in part
    done = merge(job, tools)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    assert "approved by alice for" in read_report(job, done)
    github.unlabel(REPO, 7, "image-size-approved", by="alice")
    done = merge(job, tools)
    assert (done.status, "approved by" in read_report(job, done)) == (1, False)
