"""The scripts of a release, run as the workflow runs them, with a bare repository as the remote."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
IMAGE = "ghcr.io/image-size-review/image-size-review@sha256:" + "a" * 64
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github/workflows/release.yml")


@pytest.fixture
def sources(tmp_path: Path) -> Repository:
    """Make a clone of a bare repository, with the files that a release reads."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    clone = Repository(tmp_path / "clone")
    files: dict[str, str | None] = {
        **{name: (ROOT / name).read_text("utf-8") for name in ("action.yml", "host/action.yml")},
        "bot/__init__.py": '__version__ = "0.1.0"\n',
        "CHANGELOG.md": "# Changes\n\n## 0.1.0, 2026-11-26\n\n- First.\n",
    }
    clone.commit(files)
    clone.git("remote", "add", "origin", str(bare))
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    shutil.copytree(ROOT / ".ci", clone.path / ".ci")
    return clone


def call(sources: Repository, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of `.ci` in the clone."""
    command = [f".ci/{script}", *arguments]
    return subprocess.run(command, cwd=sources.path, capture_output=True, text=True)


def list_tags(sources: Repository) -> dict[str, str]:
    """Return the commits of the tags that the remote has."""
    lines = sources.git("ls-remote", "origin", "refs/tags/*").splitlines()
    return {line.split("\t")[1].removeprefix("refs/tags/"): line.split("\t")[0] for line in lines}


def release(sources: Repository, version: str) -> subprocess.CompletedProcess[str]:
    """Tag a release from the tip of the branch, as each run of the workflow checks it out anew."""
    sources.git("checkout", "--quiet", "--force", "--detach", "main")
    assert call(sources, "pin-action", IMAGE).returncode == 0
    return call(sources, "tag-release", version)


def test_the_tags_hold_actions_that_name_the_image(sources: Repository) -> None:
    assert release(sources, "0.1.0").returncode == 0
    tags = list_tags(sources)
    assert set(tags) == {"v0.1.0", "v0"}
    assert tags["v0.1.0"] == tags["v0"]
    sources.git("fetch", "--quiet", "origin", "refs/tags/v0")
    action = YAML(typ="safe").load(sources.git("show", "FETCH_HEAD:action.yml"))
    assert action["runs"]["image"] == f"docker://{IMAGE}"
    host = YAML(typ="safe").load(sources.git("show", "FETCH_HEAD:host/action.yml"))
    assert host["runs"]["steps"][0]["env"]["ACTION_IMAGE"] == f"docker://{IMAGE}"
    changed = sources.git("diff", "--name-only", "main", "FETCH_HEAD").split()
    assert changed == ["action.yml", "host/action.yml"]
    assert sources.git("ls-remote", "origin", "refs/heads/main").split()[0] == sources.git(
        "rev-parse", "main"
    )


def test_the_tag_of_the_major_version_moves(sources: Repository) -> None:
    release(sources, "0.1.0")
    first = list_tags(sources)["v0"]
    sources.git("checkout", "--quiet", "--force", "main")
    sources.commit({"bot/__init__.py": '__version__ = "0.2.0"\n'})
    assert release(sources, "0.2.0").returncode == 0
    tags = list_tags(sources)
    assert tags["v0.1.0"] == first
    assert tags["v0"] == tags["v0.2.0"] != first


def test_a_job_that_runs_again_makes_the_same_tags(sources: Repository) -> None:
    release(sources, "0.1.0")
    before = list_tags(sources)
    assert release(sources, "0.1.0").returncode == 0
    assert list_tags(sources) == before


def test_a_version_is_tagged_once(sources: Repository) -> None:
    """An immutable release could not move either; and nobody has to notice that a version changed."""
    release(sources, "0.1.0")
    before = list_tags(sources)
    sources.git("checkout", "--quiet", "--force", "main")
    sources.commit({"README.md": "more\n"})
    ended = release(sources, "0.1.0")
    assert ended.returncode != 0
    assert "already exists" in ended.stderr
    assert list_tags(sources) == before


@pytest.mark.parametrize(
    ("version", "files", "message"),
    [
        ("0.1.0", {}, ""),
        ("v0.1.0", {}, "is no version"),
        ("0.1", {}, "is no version"),
        ("0.2.0", {}, "bot/__init__.py has another version"),
        ("0.1.0", {"CHANGELOG.md": "## 0.1.0, not yet released\n"}, "CHANGELOG.md has no heading"),
        ("0.1.0", {"action.yml": f"runs:\n  image: docker://{IMAGE}\n"}, "names an image already"),
        ("0.1.0", {"host/action.yml": "runs: {}\n"}, "host/action.yml names an image already"),
    ],
)
def test_a_commit_that_is_not_ready_is_not_released(
    sources: Repository, version: str, files: dict[str, str], message: str
) -> None:
    for name, text in files.items():
        (sources.path / name).write_text(text, "utf-8")
    ended = call(sources, "check-release", version)
    assert ended.returncode == (1 if message else 0), ended.stderr
    assert message in ended.stderr


def test_each_platform_is_built_on_a_runner_of_its_own() -> None:
    image = WORKFLOW["jobs"]["image"]
    rows = image["strategy"]["matrix"]["include"]
    assert {row["platform"]: row["runner"] for row in rows} == {
        "linux/amd64": "ubuntu-24.04",
        "linux/arm64": "ubuntu-24.04-arm",
    }
    assert set(image["outputs"]) == {row["output"] for row in rows}
    (build,) = [step["with"] for step in image["steps"] if step.get("id") == "push"]
    assert (build["sbom"], build["provenance"]) == (True, "mode=max")
    assert "push-by-digest=true" in build["outputs"]


def test_nothing_is_tagged_before_anybody_can_pull_the_image() -> None:
    jobs = WORKFLOW["jobs"]
    assert jobs["tag"]["needs"] == ["index", "pull"]
    assert jobs["tag"]["environment"] == "release"
    assert "permissions" not in jobs["pull"]
    assert not [step for step in jobs["pull"]["steps"] if "uses" in step]


def test_the_page_has_each_row_of_the_smoke_test() -> None:
    """And the script has the check and the label that the workflow and the configuration have."""
    page = (ROOT / ".github/RELEASING.md").read_text("utf-8")
    workflow = (ROOT / ".github/workflows/smoke.yml").read_text("utf-8")
    script = (ROOT / ".ci/smoke").read_text("utf-8")
    table = page.partition("| row | what is tried |")[2].partition("\n\n")[0]
    rows = [name for line in table.splitlines()[2:] for name in line.split("|")[1].split(",")]
    assert len(rows) == 7
    for row in rows:
        words = row.strip().replace("image on amd64", "image on %s").replace("arm64", "%s")
        assert words in workflow + script
    review = YAML(typ="safe").load(ROOT / ".github/workflows/image-size.yml")
    config = YAML(typ="safe").load(ROOT / ".github/image-size.yml")
    (job,) = review["jobs"].values()
    assert f'CHECK="{job["name"]}"\nLABEL={config["approve"]["label"]}\n' in script


def test_a_smoke_test_does_not_run_in_the_repository_itself(tmp_path: Path) -> None:
    environment = {"REPOSITORY": "image-size-review/image-size-review", "PATH": os.environ["PATH"]}
    environment |= {"GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1"}
    environment["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary")
    command = [ROOT / ".ci/smoke"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (2, "smoke: run this in a copy\n")
    environment["REPOSITORY"] = "octo/copy"
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    row = "| pull requests | skipped | the secret SMOKE_TOKEN is not set |\n"
    assert (ended.returncode, ended.stdout) == (0, row)
    assert (tmp_path / "summary").read_text("utf-8") == row


def test_the_page_for_maintainers_names_what_the_workflow_needs() -> None:
    page = (ROOT / ".github/RELEASING.md").read_text("utf-8")
    for name in (WORKFLOW["jobs"]["tag"]["environment"], "v0", "smoke.yml", "public"):
        assert name in page
    scripts = set(re.findall(r"\.ci/[\w-]+", str(WORKFLOW)))
    assert scripts == {".ci/check-release", ".ci/pin-action", ".ci/tag-release"}
