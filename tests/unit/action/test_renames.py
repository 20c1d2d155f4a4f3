"""A pull request that gives an image another name: its growth is judged as before."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job, pull_request, read_images

CONFIG = ".github/image-size.yml"
STEPS = "".join(f"COPY --from=s /{number} /\n" for number in range(5))
DOCKERFILE = f"FROM scratch AS s\nFROM scratch\n{STEPS}COPY app /\n"
OTHER = "FROM scratch\nCOPY app /\n"
SMALL, LARGE = "x" * 1_000, "x" * 9_000
EDITED = f"{DOCKERFILE}COPY --from=s /more /\n"


@pytest.fixture
def start(tmp_path: Path, github: GitHubStandIn) -> Any:
    """Return a function that makes a job on a pull request from the files of both revisions."""

    def make(before: dict[str, str | None], after: dict[str, str | None], limit: str) -> Job:
        pull = pull_request(tmp_path / "origin", before, after)
        github.add_repository(REPO, collaborators={"alice": "write"})
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, "")
        job.check_out(pull.origin, "refs/pull/7/merge")
        job.inputs["max-growth"] = limit
        return job

    return make


def listed(*entries: str) -> str:
    return f"images: [{', '.join('{' + entry + '}' for entry in entries)}]"


ROOT: dict[str, str | None] = {"Dockerfile": DOCKERFILE, "app": SMALL}
RENAMES: list[tuple[dict[str, str | None], dict[str, str | None], str, str]] = [
    (
        ROOT,
        {"Dockerfile": None, "Containerfile": EDITED, "app": LARGE},
        "Containerfile",
        "Dockerfile",
    ),
    (
        ROOT,
        {"Dockerfile": None, "web.Dockerfile": DOCKERFILE, "app": LARGE},
        "web.Dockerfile",
        "Dockerfile",
    ),
    (
        {"a/Dockerfile": DOCKERFILE, "a/app": SMALL},
        {"a/Dockerfile": None, "a/app": None, "b/Dockerfile": EDITED, "b/app": LARGE},
        "b/Dockerfile",
        "a/Dockerfile",
    ),
    (
        {"Dockerfile": DOCKERFILE, "app": SMALL},
        {"Dockerfile": None, "app": None, "vendor/Dockerfile": EDITED, "vendor/app": LARGE},
        "vendor/Dockerfile",
        "Dockerfile",
    ),
    (
        {"vendor/Dockerfile": DOCKERFILE, "vendor/app": SMALL},
        {"vendor/Dockerfile": None, "vendor/app": None, "Dockerfile": EDITED, "app": LARGE},
        "Dockerfile",
        "vendor/Dockerfile",
    ),
    (
        ROOT,
        {"Dockerfile": OTHER, "old/Dockerfile": DOCKERFILE, "old/app": LARGE},
        "old/Dockerfile",
        "Dockerfile",
    ),
    (
        {**ROOT, CONFIG: listed("name: a, dockerfile: Dockerfile")},
        {"app": LARGE, CONFIG: listed("name: b, dockerfile: Dockerfile")},
        "b",
        "a",
    ),
    (
        {**ROOT, CONFIG: listed("name: a, dockerfile: Dockerfile")},
        {"app": LARGE, "Dockerfile": None, "d": EDITED, CONFIG: listed("name: b, dockerfile: d")},
        "b",
        "a",
    ),
    (
        {**ROOT, CONFIG: listed("name: a, dockerfile: Dockerfile")},
        {"app": LARGE, CONFIG: listed("name: a, dockerfile: Dockerfile, platforms: [linux/arm64]")},
        "a",
        "a",
    ),
    (
        ROOT,
        {"app": LARGE, CONFIG: listed("name: app, dockerfile: Dockerfile")},
        "app",
        "",
    ),
]


@pytest.mark.parametrize(("before", "after", "name", "old_name"), RENAMES)
def test_a_renamed_image_is_compared_with_what_it_was(
    start: Any,
    tools: ArchiveTools,
    before: dict[str, str | None],
    after: dict[str, str | None],
    name: str,
    old_name: str,
) -> None:
    job = start(before, after, "5kB")
    done = job.run_here(tools.open)
    image = read_images(job, done)[name]
    assert (done.status, image["state"], image["delta"]["unpacked_bytes"]) == (1, "changed", 8_000)
    assert (image["renamed_from"] or {"name": ""})["name"] == old_name


def test_a_renamed_image_may_grow_within_its_limit(start: Any, tools: ArchiveTools) -> None:
    job = start(ROOT, {"Dockerfile": None, "Containerfile": EDITED, "app": LARGE}, "9kB")
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "pass")
    assert "moved from <code>Dockerfile</code>" in done.summary


def test_a_move_without_an_edit_is_no_change(start: Any, tools: ArchiveTools) -> None:
    files = {"a/Dockerfile": DOCKERFILE, "a/app": SMALL}
    moved = {**dict.fromkeys(files), **{f"b{path[1:]}": text for path, text in files.items()}}
    job = start(files, moved, "5kB")
    image = read_images(job, job.run_here(tools.open))["b/Dockerfile"]
    assert (image["state"], image["verdict"]) == ("unchanged", "pass")


@pytest.mark.parametrize("name", ["Dockerfile.md", "notes.txt", "docker/build.tmpl"])
def test_a_dockerfile_under_a_name_that_is_none_warns(
    start: Any, tools: ArchiveTools, name: str
) -> None:
    job = start(ROOT, {"Dockerfile": None, name: EDITED, "app": LARGE}, "5kB")
    image = read_images(job, job.run_here(tools.open))["Dockerfile"]
    assert (image["state"], image["verdict"]) == ("removed", "warn")
    assert name in image["reason"]


def test_a_dockerfile_that_is_gone_is_no_warning(start: Any, tools: ArchiveTools) -> None:
    other = {"web/Dockerfile": OTHER, "web/app": SMALL}
    job = start({**ROOT, **other}, {"Dockerfile": None, "notes.txt": "nothing alike"}, "5kB")
    done = job.run_here(tools.open)
    assert read_images(job, done)["Dockerfile"]["verdict"] == "pass"
    assert done.outputs["verdict"] == "pass"


def test_a_new_image_beside_a_removed_one_warns(start: Any, tools: ArchiveTools) -> None:
    job = start(ROOT, {"Dockerfile": None, "web/Dockerfile": OTHER, "web/app": LARGE}, "5kB")
    done = job.run_here(tools.open)
    (check,) = read_images(job, done)["web/Dockerfile"]["checks"]
    assert (check["result"], done.outputs["verdict"]) == ("warn", "warn")
    assert "Dockerfile was removed" in check["reason"]


def test_a_new_image_beside_none_that_is_removed_passes(start: Any, tools: ArchiveTools) -> None:
    job = start(ROOT, {"web/Dockerfile": OTHER, "web/app": LARGE}, "5kB")
    done = job.run_here(tools.open)
    (check,) = read_images(job, done)["web/Dockerfile"]["checks"]
    assert (check["result"], done.outputs["verdict"]) == ("skip", "pass")


@pytest.mark.parametrize("name", ["Dockerfile", "web.Dockerfile"])
def test_an_image_is_selected_by_the_name_of_either_revision(
    start: Any, tools: ArchiveTools, name: str
) -> None:
    job = start(ROOT, {"Dockerfile": None, "web.Dockerfile": EDITED, "app": LARGE}, "5kB")
    job.inputs["images"] = name
    done = job.run_here(tools.open)
    assert (done.status, list(read_images(job, done))) == (1, ["web.Dockerfile"])


def test_a_build_that_was_broken_before_warns(start: Any, tools: ArchiveTools) -> None:
    broken = "FROM scratch\nRUN false\n"
    job = start(
        {"Dockerfile": broken}, {"Dockerfile": f"{broken}COPY app /\n", "app": LARGE}, "5kB"
    )
    done = job.run_here(tools.open)
    image = read_images(job, done)["Dockerfile"]
    assert (done.status, image["state"], image["verdict"]) == (0, "head-build-failed", "warn")
    assert (image["failure"]["kind"], image["failure"]["fails_at_base"]) == ("instruction", True)


def test_a_build_that_the_change_breaks_is_an_error(start: Any, tools: ArchiveTools) -> None:
    job = start(ROOT, {"Dockerfile": "FROM scratch\nRUN false\n"}, "5kB")
    assert job.run_here(tools.open).status == 2
