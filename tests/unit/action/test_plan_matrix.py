"""`mode: images`: a matrix for the jobs of a workflow, without a build."""

import json

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job


def test_the_matrix_has_the_images_that_the_change_affects(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    job.inputs |= {"mode": "images", "max-growth": "5kB"}
    done = job.run_here(tools.open)
    assert done.status == 0, done.log
    (entry,) = json.loads(done.outputs["matrix"])["include"]
    assert (entry["dockerfile"], entry["state"]) == ("Dockerfile", "changed")
    assert [(x["name"], x["source"]) for x in entry["limits"]] == [("max-growth", "max-growth")]
    assert "1 image, 1 affected." in done.log
    assert tools.builder.labels == []
    assert not github.comments(REPO, 7)


@pytest.mark.parametrize(("fail_on", "status"), [("fail", 2), ("warn", 2), ("never", 0)])
def test_a_plan_that_cannot_be_made_is_red_unless_nothing_is(
    job: Job, tools: ArchiveTools, fail_on: str, status: int
) -> None:
    """The job that needs it is skipped, and the one that is required is green."""
    job.inputs |= {"mode": "images", "base-ref": "nowhere", "fail-on": fail_on}
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (status, "error")
    assert ("::error::" in done.log, "::warning::" in done.log) == (status == 2, status == 0)
    matrix = {"matrix": '{"include": []}'} if fail_on == "never" else {}
    assert done.outputs == {"verdict": "error", **matrix}


def test_shards_group_them(job: Job, tools: ArchiveTools) -> None:
    job.inputs |= {"mode": "images", "shards": "3"}
    (entry,) = json.loads(job.run_here(tools.open).outputs["matrix"])["include"]
    assert entry["shard"] == 1
    assert [image["dockerfile"] for image in entry["contents"]] == ["Dockerfile"]
