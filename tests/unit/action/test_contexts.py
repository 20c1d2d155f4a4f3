"""Contexts that nobody declares: taken from what is copied, and said where they stay a guess."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job, pull_request, read_images, read_report

Files = dict[str, str | None]
CONFIG = ".github/image-size.yml"
WORKER = "services/worker/Dockerfile"
TEXT = "FROM scratch\nCOPY services/worker/main.py /\nCOPY libs/common.py /\n"
SMALL, LARGE = "x" * 1_000, "x" * 9_000
FILES: Files = {WORKER: TEXT, "services/worker/main.py": SMALL, "libs/common.py": SMALL}


@pytest.fixture(name="run")
def make_run(tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools) -> Any:
    """Return a function that reviews a pull request by the files of both revisions."""

    def run(before: Files, after: Files) -> tuple[dict[str, Any], dict[str, Any]]:
        pull = pull_request(tmp_path / "origin", before, after)
        github.add_repository(REPO, collaborators={"alice": "write"})
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, "")
        job.check_out(pull.origin, "refs/pull/7/merge")
        job.inputs["max-growth"] = "5kB"
        done = job.run_here(tools.open)
        return read_report(job, done), read_images(job, done)

    return run


def test_a_file_outside_of_the_dockerfiles_folder_counts(run: Any) -> None:
    report, images = run(FILES, {"libs/common.py": LARGE})
    image = images[WORKER]
    assert (image["context"], image["context_source"]) == (".", "inferred")
    assert (image["state"], image["verdict"]) == ("changed", "fail")
    assert image["delta"]["unpacked_bytes"] == 8_000
    assert not any("guess" in note for note in report["notes"])


def test_an_image_is_not_unchanged_in_silence_if_its_context_is_wrong(run: Any) -> None:
    before = {"docker/Dockerfile": "FROM scratch\nCOPY app.py /\n", "web/app.py": SMALL}
    report, images = run(before, {"web/app.py": LARGE})
    image = images["docker/Dockerfile"]
    assert (image["state"], image["context_source"]) == ("unchanged", "default")
    assert (image["verdict"], report["verdict"]) == ("warn", "warn")
    (check,) = image["checks"]
    assert check["name"] == "context"
    assert "app.py is not in the build context docker, but in web" in check["reason"]


def test_a_file_that_git_ignores_is_named_with_its_rule(run: Any) -> None:
    before = {
        "java/Dockerfile": "FROM scratch\nCOPY target/app.jar /\n",
        ".gitignore": "target/\n",
        "README": "1",
    }
    _, images = run(before, {"README": "2"})
    (check,) = images["java/Dockerfile"]["checks"]
    assert (check["name"], check["result"]) == ("ignored-files", "warn")
    rule = "git ignores java/target/app.jar (.gitignore, line 1: target/)"
    assert rule in check["reason"]


def test_a_context_that_several_folders_could_be_is_called_a_guess(run: Any) -> None:
    before = {"web/Dockerfile": "FROM scratch\nCOPY . /\n", "web/app": SMALL, "app": SMALL}
    report, images = run(before, {"app": LARGE})
    assert images["web/Dockerfile"]["verdict"] == "pass"
    assert any("build context of web/Dockerfile is a guess" in x for x in report["notes"])


def test_a_context_that_head_has_otherwise_is_a_change_of_the_rules(run: Any) -> None:
    # The small copy in the Dockerfile's folder would hide the large file that the build takes.
    copy = {
        "services/worker/libs/common.py": SMALL,
        "services/worker/services/worker/main.py": SMALL,
    }
    report, images = run(FILES, {**copy, "libs/common.py": LARGE})
    assert images[WORKER]["context"] == "services/worker"
    (change,) = report["gate_changes"]
    assert change["subject"] == f"the context of the image {WORKER}"
    assert (change["before"], change["after"]) == (".", "services/worker")
    assert report["verdict"] == "warn"


def test_a_declared_context_is_taken_as_it_is(run: Any) -> None:
    entry = f"name: worker, dockerfile: {WORKER}, context: services"
    before: Files = {**FILES, "services/x": "1", CONFIG: f"images: [{{{entry}}}]"}
    _, images = run(before, {"libs/common.py": LARGE})
    image = images["worker"]
    assert (image["context"], image["context_source"]) == ("services", "configured")
    assert image["state"] == "unchanged"


def test_a_context_stays_where_it_is_when_the_dockerfile_moves(run: Any) -> None:
    after: Files = {WORKER: None, "apps/worker/Dockerfile": TEXT, "libs/common.py": LARGE}
    report, images = run(FILES, after)
    image = images["apps/worker/Dockerfile"]
    assert (image["context"], image["verdict"]) == (".", "fail")
    assert image["renamed_from"]["dockerfile"] == WORKER
    assert report["gate_changes"] == []


def test_a_configuration_without_a_context_changes_nothing(run: Any) -> None:
    entry = f"images: [{{name: worker, dockerfile: {WORKER}}}]"
    report, images = run(FILES, {CONFIG: entry, "libs/common.py": LARGE})
    assert (images["worker"]["context"], images["worker"]["verdict"]) == (".", "fail")
    assert not any("context" in change["subject"] for change in report["gate_changes"])
