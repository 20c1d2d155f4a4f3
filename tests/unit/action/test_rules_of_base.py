"""A pull request is judged by the rules of its base, whatever its own configuration says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, FinishedJob, Job, pull_request, read_images

CONFIG = ".github/image-size.yml"
DOCKERFILE = "FROM scratch\nCOPY app /\n"
SMALL, LARGE = {"app": "x" * 1_000}, {"app": "x" * 9_000}


@pytest.fixture
def start(tmp_path: Path, github: GitHubStandIn) -> Any:
    """Return a function that makes a job on a pull request from the files of both revisions."""

    def make(before: dict[str, str | None], after: dict[str, str | None]) -> Job:
        pull = pull_request(
            tmp_path / "origin", {"Dockerfile": DOCKERFILE, **SMALL, **before}, {**LARGE, **after}
        )
        github.add_repository(REPO, collaborators={"alice": "write"})
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, "")
        job.check_out(pull.origin, "refs/pull/7/merge")
        return job

    return make


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ("budget: {max-growth: 5kB}", "budget: {max-growth: 1GB}"),
        ("budget: {max-growth: 5kB}", "budget: {max-growth: 5kB, ignore-below: 1GB}"),
        ("budget: {max-growth: 5kB}", None),
        ("budget: {max-growth: 5kB}", "{}"),
        ("budget: {max-size: 5kB}", "budget: {max-size: 1GB}"),
        ("budget: {max-growth: 1GB}", "budget: {max-growth: 5kB}"),
        (
            "budget: {max-growth: 5kB}",
            "images: [{name: app, dockerfile: Dockerfile, budget: {max-growth: 1GB}}]",
        ),
        (
            "images: [{name: app, dockerfile: Dockerfile, budget: {max-growth: 5kB}}]",
            "images: [{name: app, dockerfile: Dockerfile}]",
        ),
    ],
)
def test_the_worse_result_of_both_rules_counts(
    start: Any, tools: ArchiveTools, base: str, head: str | None
) -> None:
    job = start({CONFIG: base}, {CONFIG: head})
    assert job.run_here(tools.open).status == 1


@pytest.mark.parametrize("limit", ["warn-growth: 5kB", "warn-size: 5kB"])
@pytest.mark.parametrize("fail_on", ["fail", "warn"])
def test_a_limit_for_a_warning_holds_by_the_base(
    start: Any, tools: ArchiveTools, limit: str, fail_on: str
) -> None:
    job = start({CONFIG: f"budget: {{{limit}}}"}, {CONFIG: "budget: {}"})
    job.inputs["fail-on"] = fail_on
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (int(fail_on == "warn"), "warn")
    noun = "growth" if "growth" in limit else "size"
    assert f"the {noun} limit for a warning of all images" in done.log


@pytest.mark.parametrize("head", ["budget: {}", "budget: {max-waste: 1GB, max-layers: 99}"])
@pytest.mark.parametrize(
    ("limit", "noun"), [("max-waste: 500", "waste"), ("max-layers: 1", "layers")]
)
def test_a_limit_on_layers_holds_by_the_base(
    start: Any, tools: ArchiveTools, limit: str, noun: str, head: str
) -> None:
    # The second layer stores the file of the first one again.
    twice = {"Dockerfile": f"{DOCKERFILE}COPY app /\n", "app": "x" * 1_000}
    job = start({CONFIG: f"budget: {{{limit}}}"}, {CONFIG: head, **twice})
    done = job.run_here(tools.open)
    (image,) = read_images(job, done).values()
    failed = [check["name"] for check in image["checks"] if check["result"] == "fail"]
    assert (done.status, failed) == (1, [limit.partition(":")[0]])
    assert f"the limit on {noun} (max-{noun}) of all images" in done.log


def test_both_rules_may_allow_a_growth(start: Any, tools: ArchiveTools) -> None:
    job = start({CONFIG: "budget: {max-growth: 9kB}"}, {CONFIG: "budget: {max-growth: 8kB}"})
    assert job.run_here(tools.open).status == 0


@pytest.mark.parametrize(
    "text",
    ["budget: {ignore-below: 1GB}", "budget: {max-growth: 1GB}", "budget: {metric: pull}"],
)
@pytest.mark.parametrize("base", [None, "{}", "budget: ["])
def test_a_file_does_not_loosen_an_input(
    start: Any, tools: ArchiveTools, text: str, base: str | None
) -> None:
    job = start({CONFIG: base} if base else {}, {CONFIG: text})
    job.inputs["max-growth"] = "5kB"
    assert job.run_here(tools.open).status == 1


def test_what_base_ignores_is_ignored_with_an_input(start: Any, tools: ArchiveTools) -> None:
    text = "budget: {ignore-below: 1MB}"
    job = start({CONFIG: text}, {CONFIG: text})
    job.inputs["max-growth"] = "5kB"
    assert job.run_here(tools.open).status == 0


def test_a_base_without_a_file_has_no_rules_but_the_inputs(start: Any, tools: ArchiveTools) -> None:
    job = start({}, {CONFIG: "budget: {max-growth: 9kB}"})
    (image,) = read_images(job, job.run_here(tools.open)).values()
    assert (image["checks"][0]["limit"], image["verdict"]) == (9_000, "pass")


def test_an_image_that_is_taken_off_the_list_is_judged_as_before(
    start: Any, tools: ArchiveTools
) -> None:
    other = {"web/Dockerfile": DOCKERFILE, "web/app": "x"}
    closed = "discover: false\nimages: [{name: web, dockerfile: web/Dockerfile}]"
    job = start(other, {CONFIG: closed})
    done = job.run_here(tools.open)
    image = read_images(job, done)["Dockerfile"]
    assert (image["verdict"], image["dropped"], image["delta"]["unpacked_bytes"]) == (
        "warn",
        True,
        8_000,
    )
    job.inputs["max-growth"] = "5kB"
    assert job.run_here(tools.open).status == 1


def test_an_unchanged_image_that_is_taken_off_the_list_is_a_warning(
    start: Any, tools: ArchiveTools
) -> None:
    lists = [
        f"discover: false\nimages: [{entries}]"
        for entries in (
            "{name: app, dockerfile: Dockerfile}, {name: web, dockerfile: web/Dockerfile}",
            "{name: app, dockerfile: Dockerfile}",
        )
    ]
    job = start(
        {"web/Dockerfile": DOCKERFILE, "web/app": "x", CONFIG: lists[0]}, {CONFIG: lists[1]}
    )
    image = read_images(job, job.run_here(tools.open))["web"]
    assert (image["verdict"], image["state"]) == ("warn", "unchanged")


def test_an_image_that_is_gone_with_its_dockerfile_is_no_warning(
    start: Any, tools: ArchiveTools
) -> None:
    listed = "images: [{name: app, dockerfile: Dockerfile}]"
    web = "images: [{name: app, dockerfile: Dockerfile}, {name: web, dockerfile: web/Dockerfile}]"
    job = start(
        {"web/Dockerfile": DOCKERFILE, "web/app": "x", CONFIG: web},
        {"web/Dockerfile": None, CONFIG: listed},
    )
    image = read_images(job, job.run_here(tools.open))["web"]
    assert (image["state"], image["dropped"]) == ("removed", False)


def test_a_push_to_the_default_branch_is_judged_by_its_own_rules(
    start: Any, tools: ArchiveTools
) -> None:
    """What is merged was agreed to: else every raised limit would fail once more."""
    job = start({CONFIG: "budget: {max-size: 5kB}"}, {CONFIG: "budget: {max-size: 10kB}"})
    job.event, job.payload = (
        "push",
        {
            "before": job.payload["pull_request"]["head"]["sha"],
            "after": job.sha,
            "ref": "refs/heads/main",
            "repository": {"default_branch": "main"},
        },
    )
    assert job.run_here(tools.open).status == 0


def gate_of(job: Job, done: FinishedJob) -> list[dict[str, Any]]:
    document = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    changes = document["gate_changes"]
    assert isinstance(changes, list)
    return changes


def test_a_raised_limit_is_told_first(start: Any, tools: ArchiveTools) -> None:
    job = start({CONFIG: "budget: {max-growth: 9kB}"}, {CONFIG: "budget: {max-growth: 100GB}"})
    done = job.run_here(tools.open)
    assert done.outputs["verdict"] == "warn"
    headline, _, title, change = done.summary.splitlines()[:4]
    assert headline.startswith("### ⚠️ Within budget")
    assert title == "**This change alters the rules that it is judged by:**"
    assert change == "- may loosen: the growth limit of all images: 9 kB → 100 GB"
    assert f"::warning file={CONFIG}" in done.log


@pytest.mark.parametrize(
    ("base", "head", "after"),
    [
        (None, "{}", "added"),
        ("{}", None, "deleted"),
        ("budget: [", "{}", "cannot be read in the base"),
    ],
)
def test_what_becomes_of_the_file_is_told(
    start: Any, tools: ArchiveTools, base: str | None, head: str | None, after: str
) -> None:
    job = start({CONFIG: base} if base else {}, {CONFIG: head})
    (change,) = gate_of(job, job.run_here(tools.open))
    assert change["after"].startswith(after)
    assert (change["kind"], change["result"]) == (
        "configuration",
        "pass" if after == "added" else "warn",
    )


def test_a_renamed_file_is_told(start: Any, tools: ArchiveTools) -> None:
    text = "budget: {max-size: 1MB, max-growth: 9kB}\n"
    job = start({CONFIG: text}, {CONFIG: None, ".github/sizes.yml": text})
    changes = gate_of(job, job.run_here(tools.open))
    assert changes[0]["after"] == "renamed to .github/sizes.yml, where it is not read"
    assert {change["kind"] for change in changes[1:]} == {"limit"}


def test_a_changed_workflow_is_told(start: Any, tools: ArchiveTools) -> None:
    path = ".github/workflows/size.yml"
    text = "on: push\njobs: {a: {runs-on: x, steps: [{run: image-size-review review}]}}\n"
    job = start({path: text}, {path: text.replace("push", "[]")})
    (change,) = gate_of(job, job.run_here(tools.open))
    assert (change["kind"], change["file"], change["result"]) == ("workflow", path, "warn")


def test_an_unchanged_gate_is_not_told(start: Any, tools: ArchiveTools) -> None:
    path = ".github/workflows/size.yml"
    files: dict[str, str | None] = {CONFIG: "{}", path: "# image-size-review\n", "CODEOWNERS": "*"}
    job = start(files, {})
    assert gate_of(job, job.run_here(tools.open)) == []


def test_what_is_merged_is_told_without_a_warning(start: Any, tools: ArchiveTools) -> None:
    job = start({CONFIG: "budget: {max-size: 10kB}"}, {CONFIG: "budget: {max-size: 20kB}"})
    job.event, job.payload = (
        "push",
        {
            "before": "0" * 40,
            "after": job.sha,
            "ref": "refs/heads/main",
            "repository": {"default_branch": "main"},
        },
    )
    job.inputs["base-ref"] = "main"
    done = job.run_here(tools.open)
    assert [change["result"] for change in gate_of(job, done)] == ["pass"]
    assert done.outputs["verdict"] == "pass"


def test_a_merge_group_is_told_as_a_pull_request_is(start: Any, tools: ArchiveTools) -> None:
    job = start({CONFIG: "budget: {max-size: 5kB}"}, {CONFIG: "budget: {max-size: 10kB}"})
    job.inputs["base-ref"] = "main"
    job.event, job.payload = (
        "merge_group",
        {"action": "checks_requested", "merge_group": {"head_sha": job.sha, "base_sha": "0" * 40}},
    )
    done = job.run_here(tools.open)
    assert done.status == 1
    assert [change["result"] for change in gate_of(job, done)] == ["warn"]


@pytest.mark.parametrize("own", ["", "theirs"])
def test_the_builder_is_that_of_base_or_of_the_input(
    start: Any, tools: ArchiveTools, own: str
) -> None:
    job = start({CONFIG: "builder: ours"}, {CONFIG: "builder: mine"})
    job.inputs["builder"] = own
    done = job.run_here(tools.open)
    assert tools.options is not None
    assert (tools.options.builder, tools.options.config_builder) == (own or None, "ours")
    assert "`builder` of all images, ignored until it is merged" in done.log
