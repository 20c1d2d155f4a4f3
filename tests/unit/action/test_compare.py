"""`mode: compare`: images that were built elsewhere, with GitHub's stand-in and without an engine."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.events import load
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.registry.stand_in import PASSWORD, REF_NAME, USER, RegistryStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, PullRequest, pull_request, read_images
from tests.support.tar_world import Item, Part, file, image, index, layer_tar, layout, pack, unpack

ARM = "linux/arm64/v8"
DOCKERFILE = "FROM base\nCOPY app /app\n"
BASE = layer_tar(file("base", 5_000))
CONFIG = "images: [{name: api, dockerfile: Dockerfile, budget: {max-growth: 5kB}}]\n"


def make_image(size: int, platform: str = "linux/amd64") -> Part:
    history = [{"created_by": "ADD rootfs /"}, {"created_by": "COPY app /app # buildkit"}]
    layers = BASE, layer_tar(Item("app", b"x" * size))
    return image(*layers, platform=platform, history=history)


def save(job: Job, **images: Part) -> None:
    """Put images into the workspace, as OCI layouts."""
    for name, part in images.items():
        unpack(layout(part), job.workspace / name)


@pytest.fixture
def compare(job: Job) -> Job:
    """Return a job with two images, the new one 8 kB larger; their limit is 5 kB."""
    save(job, old=make_image(1_000), new=make_image(9_000))
    at = job.workspace
    job.inputs |= {"mode": "compare", "image": f"oci:{at}/new", "base-image": f"oci:{at}/old"}
    return job


def report_of(job: Job, done: FinishedJob) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    return report


def test_growth_over_the_limit_is_red_and_commented(
    compare: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (1, "fail"), done.log
    report = report_of(compare, done)
    assert (report["mode"], report["verdict"]) == ("diff", "fail")
    (row,) = report["images"]
    assert (row["delta"]["unpacked_bytes"], row["state"]) == (8_000, "changed")
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" in comment.body
    assert "old" in comment.body
    assert tools.builder.labels == []


def test_growth_within_the_limit_is_green(compare: Job, tools: ArchiveTools) -> None:
    compare.inputs["max-growth"] = "9kB"
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"], done.outputs["delta"]) == (0, "pass", "8000")


def test_without_a_limit_there_is_no_verdict_mark(compare: Job, tools: ArchiveTools) -> None:
    compare.inputs.pop("max-growth")
    done = compare.run_here(tools.open)
    assert done.status == 0
    assert not done.summary.startswith("### ✅")
    assert "Nothing was judged; to judge it, set" in done.summary


def test_lines_and_annotations_come_from_the_dockerfile(compare: Job, tools: ArchiveTools) -> None:
    compare.inputs["dockerfile"] = "Dockerfile"
    done = compare.run_here(tools.open)
    assert done.status == 1, done.log
    assert "::error file=Dockerfile,line=2" in done.log
    (row,) = [x for x in report_of(compare, done)["images"][0]["attribution"] if x["delta_bytes"]]
    assert (row["line_start"], row["delta_bytes"]) == (2, 8_000)


def test_without_an_older_image_the_size_alone_is_judged(compare: Job, tools: ArchiveTools) -> None:
    compare.inputs.pop("base-image")
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    (row,) = report_of(compare, done)["images"]
    assert row["state"] == "no-baseline"
    assert {x["name"]: x["result"] for x in row["checks"]} == {
        "max-growth": "skip",
        "baseline": "warn",
    }
    compare.inputs["max-size"] = "10kB"
    assert compare.run_here(tools.open).status == 1


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"image": ""}, "image: it is missing"),
        ({"verify-suggestions": "true"}, "verify-suggestions: `mode: compare` builds and starts"),
        ({"mode": "review"}, "image: it needs `mode: compare`"),
        ({"base-image": "a\nb"}, "base-image: it has 2 images for the 1 of `image`"),
        ({"images": "a\nb"}, "images: it has 2 names for the 1 images of `image`"),
        ({"images": "nobody"}, "No image is called"),
    ],
)
def test_wrong_inputs_are_errors(
    compare: Job, tools: ArchiveTools, inputs: dict[str, str], words: str
) -> None:
    compare.inputs |= inputs
    done = compare.run_here(tools.open)
    assert done.status == 2
    assert words in done.log


@pytest.mark.parametrize("side", ["image", "base-image"])
def test_an_image_that_is_not_there_is_an_error_with_a_comment(
    compare: Job, tools: ArchiveTools, github: GitHubStandIn, side: str
) -> None:
    compare.inputs[side] = "oci:nowhere"
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (2, "error")
    (comment,) = github.comments(REPO, 7)
    assert "nowhere" in comment.body
    assert "is not an OCI layout" in report_of(compare, done)["images"][0]["reason"]


def run_on(
    pull: PullRequest, github: GitHubStandIn, folder: Path, tools: ArchiveTools
) -> tuple[Job, FinishedJob]:
    """Compare a growth of 8 kB on a pull request, without limits of the step."""
    github.add_repository(REPO, collaborators={"alice": "write"})
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token("github-actions[bot]", issues="write", pull_requests="write")
    job = Job(folder / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.check_out(pull.origin, "refs/pull/7/merge")
    save(job, old=make_image(1_000), new=make_image(9_000))
    job.inputs = {
        "mode": "compare",
        "image": f"oci:{job.workspace}/new",
        "base-image": f"oci:{job.workspace}/old",
    }
    return job, job.run_here(tools.open)


@pytest.mark.parametrize(
    "after",
    [
        "images: [{name: api, dockerfile: Dockerfile, budget: {max-growth: 1GB}}]\n",
        "images: [{name: api, dockerfile: Dockerfile}]\n",
        "budget: {max-growth: 1GB}\n",
        None,
    ],
)
def test_a_pull_request_does_not_loosen_its_own_limit(
    after: str | None, github: GitHubStandIn, tmp_path: Path, tools: ArchiveTools
) -> None:
    before = {"Dockerfile": DOCKERFILE, ".github/image-size.yml": CONFIG}
    pull = pull_request(tmp_path / "origin", before, {".github/image-size.yml": after})
    job, done = run_on(pull, github, tmp_path, tools)
    assert (done.status, done.outputs["verdict"]) == (1, "fail"), done.log
    (check,) = [x for x in report_of(job, done)["images"][0]["checks"] if x["name"] == "max-growth"]
    assert (check["result"], check["limit"]) == ("fail", 5_000)
    assert report_of(job, done)["gate_changes"]


def test_a_stricter_limit_of_the_pull_request_counts(
    github: GitHubStandIn, tmp_path: Path, tools: ArchiveTools
) -> None:
    before = {"Dockerfile": DOCKERFILE, ".github/image-size.yml": "budget: {max-growth: 1MB}\n"}
    pull = pull_request(tmp_path / "origin", before, {".github/image-size.yml": CONFIG})
    _, done = run_on(pull, github, tmp_path, tools)
    assert done.status == 1


def make_index(*sizes: int) -> Part:
    platforms = ("linux/amd64", ARM)
    return index(*(make_image(size, at) for size, at in zip(sizes, platforms, strict=False)))


def test_an_index_is_compared_for_all_its_platforms(compare: Job, tools: ArchiveTools) -> None:
    old, new = make_index(1_000, 1_000), make_index(1_000, 9_000)
    members = layout(
        old.with_annotations(**{REF_NAME: "main"}), new.with_annotations(**{REF_NAME: "pr"})
    )
    with RegistryStandIn(members) as registry:
        name = f"docker://{registry.host}/org/api"
        compare.inputs |= {"image": f"{name}:pr", "base-image": f"{name}:main"}
        done = compare.run_here(tools.open)
        rows = report_of(compare, done)["images"]
        compare.inputs["platforms"] = "linux/amd64"
        other = compare.run_here(tools.open)
    assert done.status == 1, done.log
    assert {(x["platform"], x["verdict"]) for x in rows} == {
        ("linux/amd64", "pass"),
        ("linux/arm64", "fail"),
    }
    assert {x["name"] for x in rows} == {name.removeprefix("docker://")}
    assert other.status == 0
    assert read_rows(report_of(compare, other)) == {"linux/amd64": ("unchanged", "pass")}


def test_an_image_of_one_platform_is_compared_with_that_of_an_index(
    compare: Job, tools: ArchiveTools
) -> None:
    save(compare, old=make_index(9_000, 1_000), new=make_image(9_000, ARM))
    done = compare.run_here(tools.open)
    (row,) = report_of(compare, done)["images"]
    assert (row["delta"]["unpacked_bytes"], row["head"]["platform"]) == (8_000, ARM)


def test_a_platform_that_only_one_side_has_is_said(compare: Job, tools: ArchiveTools) -> None:
    riscv = "linux/riscv64"
    new = index(make_image(1_000), make_image(1_000, riscv))
    save(compare, old=make_index(1_000, 1_000), new=new)
    rows = read_rows(report_of(compare, compare.run_here(tools.open)))
    assert rows == {
        "linux/amd64": ("unchanged", "pass"),
        riscv: ("no-baseline", "warn"),
        "linux/arm64": ("removed", "pass"),
    }


def read_rows(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {x["platform"]: (x["state"], x["verdict"]) for x in report["images"]}


def test_several_images_are_compared_line_by_line(compare: Job, tools: ArchiveTools) -> None:
    old, new = compare.inputs["base-image"], compare.inputs["image"]
    compare.inputs |= {"image": f"{old}\n{new}", "base-image": f"{old}\n{old}"}
    done = compare.run_here(tools.open)
    assert {name: x["verdict"] for name, x in read_images(compare, done).items()} == {
        old: "pass",
        new: "fail",
    }


@pytest.mark.parametrize("transport", ["oci-archive", "docker-archive"])
def test_archives_are_compared(compare: Job, tools: ArchiveTools, transport: str) -> None:
    for name, size in (("old", 1_000), ("new", 9_000)):
        (compare.workspace / f"{name}.tar").write_bytes(pack(layout(make_image(size))).getvalue())
    at = compare.workspace
    compare.inputs |= {
        "image": f"{transport}:{at}/new.tar",
        "base-image": f"{transport}:{at}/old.tar",
    }
    assert compare.run_here(tools.open).outputs["delta"] == "8000"


def test_a_review_on_the_same_pull_request_has_a_comment_of_its_own(
    compare: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    for _ in range(2):
        compare.run_here(tools.open)
    inputs = dict(compare.inputs)
    for name in ("mode", "image", "base-image"):
        del compare.inputs[name]
    compare.run_here(tools.open)
    assert len(github.comments(REPO, 7)) == 2
    compare.inputs = inputs
    compare.run_here(tools.open)
    assert len(github.comments(REPO, 7)) == 2


def test_the_label_approves_and_the_stored_report_is_judged_again(
    compare: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    assert compare.run_here(tools.open).status == 1
    github.label(REPO, 7, "image-size-approved", "alice")
    compare.payload = {
        **compare.payload,
        "action": "labeled",
        "label": {"name": "image-size-approved"},
    }
    # It is not read again.
    for name in ("old", "new"):
        (compare.workspace / name / "index.json").unlink()
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "warn"), done.log
    assert "the report of this commit is judged again" in done.log


def test_nothing_is_compared_on_pull_request_target(compare: Job, tools: ArchiveTools) -> None:
    compare.event, compare.payload = "pull_request_target", load("pull_request_target.opened")
    assert compare.run_here(tools.open).status == 2


def test_the_report_of_a_fork_is_published_into_the_same_comment(
    compare: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    done = compare.run_here(tools.open)
    (posted,) = github.comments(REPO, 7)
    compare.inputs |= {"mode": "publish", "report": done.outputs["report"]}
    again = compare.run_here(tools.open)
    assert again.status == 0, again.log
    (comment,) = github.comments(REPO, 7)
    assert (comment.id, again.outputs["verdict"]) == (posted.id, "fail")


def test_an_image_that_is_not_named_is_judged_by_the_budget_of_all(
    github: GitHubStandIn, tmp_path: Path, tools: ArchiveTools
) -> None:
    own = "{name: api, dockerfile: Dockerfile, budget: {max-growth: 1MB}}"
    text = (
        f"budget: {{max-growth: 5kB}}\nimages: [{own}, {{name: web, dockerfile: web/Dockerfile}}]\n"
    )
    before = {
        "Dockerfile": DOCKERFILE,
        "web/Dockerfile": DOCKERFILE,
        ".github/image-size.yml": text,
    }
    pull = pull_request(tmp_path / "origin", before, {"app": "1"})
    job, done = run_on(pull, github, tmp_path, tools)
    assert done.status == 1
    assert "name it in the input `images`" in report_of(job, done)["notes"][-1]
    job.inputs["images"] = "api"
    again = job.run_here(tools.open)
    assert again.status == 0, again.log
    assert read_images(job, again)["api"]["dockerfile"] == "Dockerfile"


def test_no_growth_is_missed_where_none_is_judged(compare: Job, tools: ArchiveTools) -> None:
    """On the default branch only the size counts, and a missing older image is no news."""
    compare.inputs.pop("base-image")
    compare.event, compare.payload = "push", load("push.default-branch")
    compare.payload = {**compare.payload, "ref": "refs/heads/main"}
    compare.payload["repository"]["default_branch"] = "main"
    head = Repository(compare.workspace).git("rev-parse", "HEAD")
    compare.payload |= {"before": "0" * 40, "after": head}
    done = compare.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "pass"), done.log


def test_no_lines_are_named_for_images_of_another_dockerfile(
    compare: Job, tools: ArchiveTools
) -> None:
    history = [{"created_by": "ADD rootfs /"}, {"created_by": "RUN bazel # buildkit"}]
    for name, size in (("old", 1_000), ("new", 9_000)):
        part = image(BASE, layer_tar(Item("app", b"x" * size)), history=history)
        save(compare, **{name: part})
    compare.inputs["dockerfile"] = "Dockerfile"
    (row,) = report_of(compare, compare.run_here(tools.open))["images"]
    (grown,) = [x for x in row["attribution"] if x["delta_bytes"]]
    assert (grown["delta_bytes"], grown["line_start"]) == (8_000, None)
    assert not any(x["from_base_image"] for x in (*row["base"]["layers"], *row["head"]["layers"]))
    assert "was not built from the current Dockerfile" in row["notes"][0]


def test_images_of_a_private_registry_are_read_with_the_login_of_the_input(compare: Job) -> None:
    """In a process of its own, without an engine."""
    with RegistryStandIn(layout(make_image(9_000)), auth="basic") as registry:
        name = f"docker://{registry.host}/team/app:latest"
        compare.inputs |= {"image": name, "base-image": name}
        refused = compare.run()
        login = f"- registry: {registry.host}\n  username: {USER}\n  password: '{PASSWORD}'\n"
        compare.inputs["registry-auth"] = login
        passed = compare.run()
    assert refused.status == 2
    assert "(in a workflow set registry-auth or DOCKER_AUTH_CONFIG)" in refused.log
    assert (passed.status, passed.outputs["delta"]) == (0, "0"), passed.log
    assert f"::add-mask::{PASSWORD}\n" in passed.log
    lines = [line for line in passed.log.splitlines() if not line.startswith("::add-mask::")]
    assert PASSWORD not in "".join([*lines, passed.summary])
