"""The workflows, ours and those that docs/ offers to paste; `make workflows` lints them besides."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.action.inputs import INPUT_NAMES
from bot.adapters.docker.buildx import DEFAULT_TIMEOUT_S, BuildOptions
from tests.support.workflow_runs.documented import find_workflows

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("docs/workflows/*.yml")])
OURS = "image-size-review/image-size-review@v0"
EXAMPLES = [path for path in FILES if path.parent.parent.name == "docs"]
PIN = re.compile(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40}) # v(\d+)\.\d+\.\d+$", re.MULTILINE)
# The first major version that runs on Node 24, as its action.yml says; runners have no older one.
FIRST_ON_NODE_24 = {
    "actions/checkout": 5,
    "actions/setup-go": 6,
    "actions/upload-artifact": 6,
    "actions/download-artifact": 7,
    "actions/attest": 4,
    "docker/setup-buildx-action": 4,
    "docker/login-action": 4,
    "docker/build-push-action": 7,
}


def load(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = YAML(typ="safe").load(path)
    return workflow


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in load(path)["jobs"].values() for step in job.get("steps", ())]


def external_actions(path: Path) -> list[str]:
    actions = [step["uses"] for step in steps(path) if "uses" in step]
    return [name for name in actions if name not in ("./", OURS)]


def test_there_are_workflows_with_external_actions() -> None:
    assert len(FILES) > len(EXAMPLES) > 2
    assert sum(bool(external_actions(path)) for path in FILES) > 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_and_nothing_is_granted_to_all(path: Path) -> None:
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in external_actions(path))
    assert load(path)["permissions"] == {}
    assert all(job.get("name") for job in load(path)["jobs"].values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_runs_on_a_node_that_runners_have(path: Path) -> None:
    pins = PIN.findall(path.read_text("utf-8"))
    assert len(pins) == len(external_actions(path))
    for name, _, major in pins:
        assert int(major) >= FIRST_ON_NODE_24[name]


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins = {pin for path in FILES for pin in PIN.findall(path.read_text("utf-8"))}
    assert len(pins) == len({name for name, *_ in pins}) == len(FIRST_ON_NODE_24)


def test_pages_name_the_versions_that_are_pinned() -> None:
    """Blocks of a few lines name an action by its major version, and the whole workflows pin it."""
    pins = {pin for path in FILES for pin in PIN.findall(path.read_text("utf-8"))}
    majors = {name: major for name, _, major in pins}
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*.md")]
    named = [
        (path.name, name, major)
        for path in pages
        for name, major in re.findall(
            r"uses: ([\w-]+/[\w-]+)@v(\d+)$", path.read_text("utf-8"), re.M
        )
        if name in majors
    ]
    assert ("README.md", "actions/checkout", majors["actions/checkout"]) in named
    assert [row for row in named if row[2] != majors[row[1]]] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_gives_our_action_inputs_that_exist(path: Path) -> None:
    step_inputs = [step.get("with", {}) for step in steps(path) if step.get("uses") == OURS]
    assert step_inputs
    assert all(set(inputs) <= set(INPUT_NAMES) for inputs in step_inputs)


@pytest.mark.parametrize("name", ["required", "matrix", "compare"])
def test_the_page_shows_the_workflow_that_is_checked(name: str) -> None:
    page = (ROOT / "docs/required.md").read_text("utf-8")
    workflow = (ROOT / f"docs/workflows/{name}.yml").read_text("utf-8")
    assert f"```yaml\n{workflow}```\n" in page


@pytest.mark.parametrize(
    ("name", "job"),
    [
        pytest.param(name, job, id=f"{name} {key}")
        for name, workflow in find_workflows().items()
        for key, job in workflow["jobs"].items()
    ],
)
def test_a_job_has_a_limit_that_both_builds_of_an_image_keep(name: str, job: Any) -> None:
    if "uses" in job:  # a workflow with limits of its own
        return
    ours = [step.get("with", {}) for step in job["steps"] if step.get("uses") in (OURS, "./")]
    builds = [
        values for values in ours if values.get("mode") != "images" and "report" not in values
    ]
    assert job["timeout-minutes"] > (2 * DEFAULT_TIMEOUT_S / 60 if builds else 0)


def test_the_default_limit_of_a_build_is_the_documented_one() -> None:
    minutes = f"{DEFAULT_TIMEOUT_S / 60:g}"
    build_timeout = load(ROOT / "action.yml")["inputs"]["build-timeout"]
    assert f"{minutes} minutes if left out" in build_timeout["description"]
    assert BuildOptions().timeout_s == DEFAULT_TIMEOUT_S


def test_no_required_workflow_has_a_path_filter() -> None:
    for name in ("required", "matrix", "shards", "forks-build"):
        workflow = load(ROOT / f"docs/workflows/{name}.yml")
        triggers = workflow["on"]
        assert set(triggers) == {"pull_request", "merge_group"}
        assert set(triggers["pull_request"]) == {"types"}
        assert "image size" in [job["name"] for job in workflow["jobs"].values()]


def test_the_two_halves_of_the_fork_set_up_fit_together() -> None:
    build, publish = (
        load(ROOT / f"docs/workflows/forks-{half}.yml") for half in ("build", "publish")
    )
    assert publish["on"]["workflow_run"]["workflows"] == [build["name"]]
    upload, download = (
        next(step["with"] for step in job["steps"] if f"/{kind}-artifact@" in step.get("uses", ""))
        for job, kind in (
            (build["jobs"]["image-size"], "upload"),
            (publish["jobs"]["publish"], "download"),
        )
    )
    assert upload["name"] == download["name"]
    *_, fetch, ours = publish["jobs"]["publish"]["steps"]
    assert ours["with"]["report"] == f"{download['path']}/report.json"
    assert fetch["continue-on-error"]
    assert ours["if"] == f"steps.{fetch['id']}.outcome == 'success'"


_ENDS = ["success", "failure", "cancelled", "skipped"]


@pytest.mark.parametrize("end", _ENDS)
def test_the_last_job_is_green_if_every_image_was_reviewed(end: str) -> None:
    job = find_workflows()["docs/workflows/matrix.yml"]["jobs"]["image-size"]
    assert (job["name"], job["if"]) == ("image size", "always()")
    (step,) = job["steps"]
    expressions = {"${{ needs.review.result }}": end}
    variables = {key: expressions[value] for key, value in step["env"].items()}
    ended = subprocess.run(["bash", "-e", "-c", step["run"]], env=variables)
    assert (ended.returncode == 0) is (end == "success")


def test_the_jobs_of_many_images_fit_together() -> None:
    jobs = load(ROOT / "docs/workflows/shards.yml")["jobs"]
    last = jobs["image-size"]
    assert (last["name"], last["if"], last["needs"]) == (
        "image size",
        "always()",
        ["plan", "review"],
    )
    *_, review, upload = jobs["review"]["steps"]
    _, download, merge = last["steps"]
    assert upload["with"]["path"] == f"${{{{ steps.{review['id']}.outputs.report }}}}"
    name = upload["with"]["name"].replace("${{ matrix.shard }}", "*")
    assert download["with"]["pattern"] == name
    assert merge["with"] == {
        "mode": "publish",
        "report": f"{download['with']['path']}/*/report.json",
        "max-growth": review["with"]["max-growth"],
    }


@pytest.mark.parametrize(
    ("image", "status"), [("ghcr.io/o/n@sha256:" + "a" * 64, 0), ("ghcr.io/o/n:latest", 2)]
)
def test_a_release_points_both_forms_at_an_image_by_digest(
    tmp_path: Path, image: str, status: int
) -> None:
    for name in ("action.yml", "host/action.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    ended = subprocess.run([ROOT / ".ci/pin-action", image], cwd=tmp_path, capture_output=True)
    assert ended.returncode == status
    expected = "Dockerfile" if status else f"docker://{image}"
    assert load(tmp_path / "action.yml")["runs"]["image"] == expected
    (step,) = load(tmp_path / "host/action.yml")["runs"]["steps"]
    assert step["env"]["ACTION_IMAGE"] == expected
