"""A push to the default branch records its images; nothing else writes, and pull requests read."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.model.metric import Metric
from bot.records.record_paths import make_path
from bot.records.record_reader import read_record
from bot.records.record_writer import render_record
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.record_world import recorded
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, PullRequest, read_images

HISTORY = "branch:sizes"


def push_payload(before: str, after: str, **repository: Any) -> dict[str, Any]:
    return {
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "repository": {"full_name": REPO, "default_branch": "main", **repository},
    }


@pytest.fixture
def start(tmp_path: Path, github: GitHubStandIn, pull: PullRequest) -> Any:
    """Return a function that makes a job on an event, with the merge commit on main."""
    github.add_repository(REPO, collaborators={"alice": "write"})
    pull.origin.git("checkout", "--quiet", "--detach")
    pull.origin.git("branch", "--force", "main", pull.merge)

    def make(event: str = "push", payload: dict[str, Any] | None = None) -> Job:
        push = push_payload(pull.base, pull.merge)
        job = Job(tmp_path / "job", event, payload or push, pull.merge, github, "")
        job.inputs["history"] = HISTORY
        job.check_out(pull.origin, "main")
        return job

    return make


def list_records(origin: Repository) -> list[str]:
    if "sizes" not in origin.git("branch", "--list", "sizes"):
        return []
    files = origin.git("ls-tree", "-r", "--name-only", "sizes").split("\n")
    return [path for path in files if path.startswith("records/2")]


def test_a_push_to_the_default_branch_is_recorded(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    done = start().run_here(tools.open)
    (path,) = list_records(pull.origin)
    record = read_record(pull.origin.git("show", f"sizes:{path}").encode())
    assert make_path(record) == path
    assert (record.commit, record.key.name) == (pull.merge, "Dockerfile")
    assert record.size(Metric.UNPACKED) == 9_000
    assert f"Recorded 1 image of {pull.merge[:12]} in branch:sizes." in done.log
    assert done.status == 0


def test_a_push_to_the_default_branch_updates_the_badge(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    start().run_here(tools.open)
    badge = json.loads(pull.origin.git("show", "sizes:badges/Dockerfile.json"))
    assert (badge["label"], badge["message"]) == ("app", "9.00 kB")


def test_an_audit_on_a_push_records_what_did_not_change(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    pull.origin.git("checkout", "--quiet", "main")
    job = start(payload=push_payload(pull.merge, pull.origin.commit({})))
    job.check_out_again("main")
    assert "Nothing is recorded: no image was measured." in job.run_here(tools.open).log
    assert list_records(pull.origin) == []
    job.inputs["mode"] = "audit"
    job.run_here(tools.open)
    assert len(list_records(pull.origin)) == 1


def test_a_folder_can_be_named_by_the_configuration(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    pull.origin.git("checkout", "--quiet", "main")
    config = {".github/image-size.yml": "history: dir:sizes"}
    sha = pull.origin.commit({**config, "app": "x"})
    job = start(payload=push_payload(pull.merge, sha))
    job.check_out_again("main")
    del job.inputs["history"]
    job.run_here(tools.open)
    (file,) = job.workspace.glob("sizes/records/*/*/*.json")
    assert read_record(file.read_bytes()).commit == sha


EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "schedule": ("schedule", {}),
    "by hand": ("workflow_dispatch", {}),
    "another branch": ("push", {"ref": "refs/heads/topic"}),
    "a tag": ("push", {"ref": "refs/tags/v1"}),
    "a fork": ("push", {"repository": {"default_branch": "main", "fork": True}}),
    "another commit": ("push", {"after": "b" * 40}),
    "a merge group": ("merge_group", {}),
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("mode", ["auto", "audit"])
def test_no_other_event_records(
    start: Any, tools: ArchiveTools, pull: PullRequest, name: str, mode: str
) -> None:
    event, changes = EVENTS[name]
    group = {"merge_group": {"head_sha": pull.merge, "base_sha": pull.base}}
    job = start(event, {**push_payload(pull.base, pull.merge), **group, **changes})
    job.inputs["mode"] = mode
    job.run_here(tools.open)
    assert list_records(pull.origin) == []


@pytest.mark.parametrize("mode", ["auto", "review", "audit"])
def test_a_pull_request_never_records(
    start: Any, tools: ArchiveTools, pull: PullRequest, mode: str
) -> None:
    job = start("pull_request", pull.payload)
    job.inputs["mode"] = mode
    done = job.run_here(tools.open)
    assert done.outputs["head-size"]
    assert list_records(pull.origin) == []


def test_a_fork_says_why_it_records_nothing(start: Any, tools: ArchiveTools) -> None:
    repository = {"default_branch": "main", "fork": True}
    job = start()
    job.payload = {**job.payload, "repository": repository}
    assert "Nothing is recorded: this repository is a fork" in job.run_here(tools.open).log


def test_a_record_that_cannot_be_written_is_an_error_of_the_job(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    hook = pull.origin.path / ".git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'Write access to repository not granted.' >&2\nexit 1\n")
    hook.chmod(0o755)
    job = start()
    done = job.run_here(tools.open)
    assert done.status == 2
    assert "contents: write" in done.log
    job.inputs["fail-on"] = "never"
    assert job.run_here(tools.open).status == 0


def test_a_pull_request_shows_the_trend_of_its_base(
    start: Any, tools: ArchiveTools, pull: PullRequest
) -> None:
    """Records of commits that are not base's own do not count, though they are on the branch."""
    origin = pull.origin
    shas = [pull.base, *(origin.commit({"a": str(number)}) for number in range(4))]
    origin.git("branch", "--force", "main")
    files: dict[str, str | None] = {}
    for number, sha in enumerate([*shas, pull.head, "f" * 40]):
        size, date = f"{50 + 10 * number}MB", f"2026-11-{1 + 4 * number:02}T00:00:00Z"
        record = recorded("Dockerfile", size, sha, date)
        files[make_path(record)] = render_record(record).decode()
    origin.git("checkout", "--quiet", "--orphan", "sizes")
    origin.git("rm", "--quiet", "-r", "--force", ".")
    origin.commit(files)
    origin.git("checkout", "--quiet", "--detach", "main")
    head = origin.commit({"app": "y" * 9_000})
    origin.git("update-ref", "refs/heads/topic", head)
    pull_payload = {**pull.payload, "pull_request": {**pull.payload["pull_request"]}}
    pull_payload["pull_request"]["head"] = {"sha": head, "ref": "topic"}
    job = start("pull_request", pull_payload)
    job.check_out_again("topic")
    done = job.run_here(tools.open)
    trend = read_images(job, done)["Dockerfile"]["trend"]
    assert [point["commit"] for point in trend["points"]] == shas
    assert "+66.7 % in 16 days, 5 commits." in done.summary
