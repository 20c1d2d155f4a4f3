"""`baseline`: a published image in place of a build of base, in a clone with one commit."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.registry.stand_in import RegistryStandIn, Status
from tests.support.runner import REPO, FinishedJob, Job, PullRequest, pull_request
from tests.support.tar_world import Item, image, layer_tar, layout

DOCKERFILE = "FROM scratch\nCOPY app /\n"
CONFIG = """images:
  - name: api
    dockerfile: Dockerfile
    baseline: docker://{host}/org/api:latest
    budget: {{max-growth: 5kB{more}}}
"""
LABEL = "org.opencontainers.image.revision"


@dataclass
class World:
    """A pull request that makes an image of 1 kB one of 9 kB, and the registry of its baseline."""

    registry: RegistryStandIn
    pull: PullRequest
    job: Job
    tools: ArchiveTools

    def publish(self, size: int, revision: str | None) -> None:
        labels = {LABEL: revision} if revision else None
        history = [{"created_by": "COPY app / # buildkit"}]
        part = image(layer_tar(Item("app", b"x" * size)), history=history, labels=labels)
        self.registry.members = dict(layout(part))

    def run(self) -> tuple[FinishedJob, dict[str, Any]]:
        done = self.job.run_here(self.tools.open)
        assert "report" in done.outputs, done.log
        path = self.job.workspace / done.outputs["report"]
        (row,) = json.loads(path.read_text("utf-8"))["images"]
        return done, row


@contextmanager
def open_world(
    folder: Path, github: GitHubStandIn, tools: ArchiveTools, limits: str = "", **after: str
) -> Iterator[World]:
    with RegistryStandIn(layout(image(layer_tar()))) as registry:
        text = CONFIG.format(host=registry.host, more=limits)
        before = {"Dockerfile": DOCKERFILE, "app": "x" * 1_000, ".github/image-size.yml": text}
        changed: dict[str, str | None] = {"app": "x" * 9_000}
        if after:
            changed[".github/image-size.yml"] = after["config"]
        pull = pull_request(folder / "origin", before, changed)
        github.add_repository(REPO)
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        token = github.token("github-actions[bot]", issues="write", pull_requests="write")
        job = Job(folder / "job", "pull_request", pull.payload, pull.merge, github, token)
        job.check_out(pull.origin, "refs/pull/7/merge")
        yield World(registry, pull, job, tools)


@pytest.fixture
def world(tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools) -> Iterator[World]:
    with open_world(tmp_path, github, tools) as world:
        yield world


def list_results(row: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["result"] for check in row["checks"]}


def test_the_published_image_of_the_base_is_compared_with(world: World) -> None:
    world.publish(1_000, world.pull.base)
    done, row = world.run()
    assert world.tools.builder.labels == ["api (head)"]
    assert (done.status, row["verdict"], row["delta"]["unpacked_bytes"]) == (1, "fail", 8_000)
    assert (row["baseline"], row["baseline_revision"]) == ("registry", world.pull.base)
    assert list_results(row) == {"max-growth": "fail"}
    assert [x["line_start"] for x in row["base"]["layers"]] == [2]


def test_the_image_of_an_older_commit_of_the_base_counts(world: World) -> None:
    older = world.pull.origin.git("rev-parse", f"{world.pull.base}^")
    world.publish(5_000, older)
    done, row = world.run()
    assert (done.status, row["delta"]["unpacked_bytes"]) == (0, 4_000)
    assert list_results(row) == {"max-growth": "pass"}
    assert older[:12] in row["notes"][0]
    assert "what the base itself has added since" in row["notes"][0]


@pytest.mark.parametrize("revision", [None, "head", "f" * 40, "v1.2", "--all"])
def test_an_image_of_another_history_does_not_judge_growth(
    world: World, revision: str | None
) -> None:
    world.publish(9_000, world.pull.head if revision == "head" else revision)
    done, row = world.run()
    assert (done.status, row["verdict"]) == (0, "warn")
    assert list_results(row) == {"max-growth": "skip", "baseline": "warn"}


def test_an_image_of_another_history_does_not_excuse_a_size(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    """A limit that base exceeded, too, would only warn."""
    with open_world(tmp_path, github, tools, limits=", max-size: 8kB") as world:
        world.publish(9_000, None)
        done, row = world.run()
    assert (done.status, list_results(row)["max-size"]) == (1, "fail")


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "login"), (404, "base-image"), (400, "network")]
)
def test_a_baseline_that_cannot_be_read_is_an_error(world: World, status: int, kind: str) -> None:
    world.publish(1_000, world.pull.base)
    world.registry.inject_faults("manifests/latest", *[Status(status)] * 9)
    done, row = world.run()
    assert (done.status, row["state"], row["verdict"]) == (2, "measure-failed", "error")
    assert row["failure"]["kind"] == kind
    assert row["reason"].startswith("the baseline docker://")


@pytest.mark.parametrize(
    ("limits", "outcome"), [("", (0, "warn")), (", max-size: 8kB", (1, "fail"))]
)
def test_a_fork_may_pass_without_a_baseline_that_needs_a_login(
    tmp_path: Path,
    github: GitHubStandIn,
    tools: ArchiveTools,
    limits: str,
    outcome: tuple[int, str],
) -> None:
    """Where that is asked for; the size counts all the same."""
    with open_world(tmp_path, github, tools, limits=limits) as world:
        world.publish(1_000, world.pull.base)
        world.registry.inject_faults("manifests/latest", *[Status(401)] * 18)
        world.job.payload["pull_request"]["head"]["repo"] = {"full_name": "mallory/app"}
        world.job.payload = {**world.job.payload, "sender": {"login": "mallory"}}
        assert world.run()[0].status == 2
        world.job.inputs["unbuildable-from-forks"] = "warn"
        done, row = world.run()
    assert (done.status, row["verdict"]) == outcome
    assert row["failure"]["kind"] == "login"
    assert "Could not be measured" not in done.summary.splitlines()[0]


def test_a_pull_request_names_no_baseline(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    other = CONFIG.format(host="elsewhere.example", more="")
    with open_world(tmp_path, github, tools, config=other) as world:
        world.publish(1_000, world.pull.base)
        done, row = world.run()
    assert row["baseline_reference"] == f"docker://{world.registry.host}/org/api:latest"
    assert done.status == 1


def test_without_a_baseline_the_base_is_built(job: Job, tools: ArchiveTools) -> None:
    done = job.run_here(tools.open)
    path = job.workspace / done.outputs["report"]
    (row,) = json.loads(path.read_text("utf-8"))["images"]
    assert (row["baseline"], len(row["baseline_revision"])) == ("built", 40)
