"""What is built side by side has the report of what is built one after another."""

import secrets
import shutil
from pathlib import Path

import pytest

from bot.adapters.docker.parallel_builds import MIN_FREE_BYTES
from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository


@pytest.fixture
def unused() -> str:
    """Return a word that makes a command new: the cache of an engine can be of an earlier run."""
    return secrets.token_hex(8)


@pytest.fixture(autouse=True)
def _check_disk(overlay2_engine: PrivateEngine) -> None:
    """Fail with the reason where the program would build one image after another."""
    free = shutil.disk_usage(overlay2_engine.paths.home).free
    assert free >= MIN_FREE_BYTES, f"needs {MIN_FREE_BYTES:,} bytes of free disk, and has {free:,}"


def wait_for(image: str, other: str, meeting: str) -> str:
    """Return a step that ends once the same step of another image runs, or fails in two minutes."""
    mount = f"--mount=type=cache,id={meeting},target=/{meeting}"
    wait = f"timeout 120 sh -c 'while ! [ -e /{meeting}/{other} ]; do sleep 0.1; done'"
    return f"RUN {mount} touch /{meeting}/{image} && {wait} && echo {image} >/{image}\n"


def test_both_sides_of_an_image_are_built_at_once(
    overlay2_engine: PrivateEngine, unused: str, tmp_path: Path
) -> None:
    """Each side waits for the other one; a step that both have is executed once."""
    overlay2_engine.ensure("busybox")
    repository = Repository(tmp_path / "shop")
    shared = f"FROM busybox\nCOPY list /\nRUN echo {unused} && date +%N >/time\n"
    for side, other in (("old", "new"), ("new", "old")):
        text = shared + wait_for(side, other, unused)
        repository.commit({"Dockerfile": text, "list": "tools", "README": side})
    report = start(
        "review",
        *("--base", "HEAD~1", "--head", "HEAD", "--format", "json"),
        environment=dict(overlay2_engine.environment),
        at=repository.path,
    ).report
    (image,) = report["images"]
    assert image["state"] == "changed"
    base_layers, head_layers = (
        [layer["diff_id"] for layer in image[side]["layers"]] for side in ("base", "head")
    )
    assert base_layers[:-1] == head_layers[:-1]
    assert base_layers[-1] != head_layers[-1]


def test_a_build_that_fails_beside_another_one_is_run_again_alone(
    overlay2_engine: PrivateEngine, unused: str, tmp_path: Path
) -> None:
    """Both sides use the folder of one cache mount, as `apt` does, which ends if it is locked."""
    overlay2_engine.ensure("busybox")
    repository = Repository(tmp_path / "shop")
    mount = f"--mount=type=cache,id={unused},target=/{unused}"
    locked = f"mkdir /{unused}/lock && sleep 3 && rmdir /{unused}/lock"
    for side in ("old", "new"):
        text = f"FROM busybox\nRUN {mount} {locked} && echo {side} >/side\n"
        repository.commit({"Dockerfile": text})
    command = ["review", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]
    environment = dict(overlay2_engine.environment)
    review = start(*command, environment=environment, at=repository.path)
    (image,) = review.report["images"]
    assert image["state"] == "changed", review.stderr
    assert review.stderr.count("again without another build beside it") == 2  # begins, ends
    alone = start(*command, "--jobs", "1", environment=environment, at=repository.path)
    assert alone.report == review.report


def test_the_report_does_not_depend_on_the_number_of_jobs(
    overlay2_engine: PrivateEngine, unused: str, tmp_path: Path
) -> None:
    """Two images wait for each other, so that they are only built side by side."""
    overlay2_engine.ensure("busybox")
    repository = Repository(tmp_path / "shop")
    repository.commit({"README": "a shop", "base/Dockerfile": "FROM busybox\nRUN echo 1 >/base\n"})
    names = ("api", "web"), ("web", "api")
    files: dict[str, str | None] = {
        f"{image}/Dockerfile": f"FROM org/base\n{wait_for(image, other, unused)}"
        for image, other in names
    }
    files["broken/Dockerfile"] = "FROM org/base\nRUN exit 3\n"
    files["base/Dockerfile"] = "FROM busybox\nRUN echo 22 >/base\n"
    files[".github/image-size.yml"] = (
        "images: [{name: base, dockerfile: base/Dockerfile, provides: [org/base]}]\n"
    )
    repository.commit(files)
    command = ["review", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]
    environment = dict(overlay2_engine.environment)
    side_by_side, one_by_one = (
        start(*command, "--jobs", jobs, environment=environment, at=repository.path)
        for jobs in (4, 1)  # the second run finds the steps in the engine's own cache
    )
    assert side_by_side.status == one_by_one.status == 2, side_by_side.stderr
    assert side_by_side.report == one_by_one.report
    states = {image["dockerfile"]: image["state"] for image in side_by_side.report["images"]}
    assert states == {
        "api/Dockerfile": "new",
        "base/Dockerfile": "changed",
        "broken/Dockerfile": "head-build-failed",
        "web/Dockerfile": "new",
    }
