"""Reviews on BuildKit's own daemons: no engine is needed, and the sizes are those of an engine."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.engine.buildkit_daemon import run_buildkit, run_container_builder
from tests.support.repository import Repository

pytestmark = pytest.mark.long  # BuildKit's daemon is built with Go, once in some ten minutes

# What depends on the store, and on the time of a build: exact from a layout, estimated elsewhere.
STORE_KEYS = {
    *("compressed_bytes", "compressed_exact", "compressed_error", "pull_bytes"),
    *("pull_delta_bytes", "pull_delta_error", "image_id", "identity", "content_id", "diff_id"),
    *("way", "notes"),
    "class",  # of a layer: if both sides make it in the same second, it is the same, else rebuilt
}
NO_ENGINE = {"DOCKER_HOST": "unix:///no/engine.sock"}


def drop_store(document: Any) -> Any:
    """Return a report without what the store or the second of a build decides."""
    if isinstance(document, dict):
        return {key: drop_store(x) for key, x in document.items() if key not in STORE_KEYS}
    if isinstance(document, list):
        return [drop_store(entry) for entry in document if not is_rebuilt_alone(entry)]
    return document


def is_rebuilt_alone(entry: Any) -> bool:
    """Return True for a line that made a new layer of the same size."""
    return isinstance(entry, dict) and "cause" in entry and entry["delta_bytes"] == 0


@pytest.fixture(scope="module")
def environments(
    overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, str]]]:
    """Return the variables of two builders; of the engine they have buildx, and no address."""
    folder = tmp_path_factory.mktemp("buildkit")
    with ExitStack() as stack:
        environments = {}
        for name in ("one", "two"):
            address = stack.enter_context(run_buildkit(folder / name))
            own = {**NO_ENGINE, "BUILDX_CONFIG": str(folder / f"{name}-config")}
            environments[name] = {**overlay2_engine.environment, **own}
            create = ["docker", "buildx", "create", "--name", name, "--driver", "remote", address]
            subprocess.run(create, env={**os.environ, **environments[name]}, check=True)
        yield environments


@pytest.fixture
def repository(overlay2_engine: PrivateEngine, tmp_path: Path) -> Repository:
    """Return a repository with an image on another one of its own, both from `scratch`."""
    overlay2_engine.ensure("busybox")
    repository = Repository(tmp_path / "shop")
    container = overlay2_engine.docker("create", "busybox", "true").strip()
    overlay2_engine.docker("export", "--output", str(repository.path / "root.tar"), container)
    overlay2_engine.docker("rm", container)
    base = "FROM scratch\nADD root.tar /\nONBUILD RUN echo child >/onbuild\n"
    files: dict[str, str | None] = {
        ".github/image-size.yml": "images:\n"
        "- {name: base, dockerfile: base/Dockerfile, context: ., provides: [org/base]}\n"
        "- {name: app, dockerfile: Dockerfile}\n",
        "base/Dockerfile": base,
        "Dockerfile": "FROM org/base\nRUN echo 1 >/a\n",
    }
    repository.commit(files)
    app = "FROM org/base\nRUN echo 22 >/a\nRUN dd if=/dev/zero of=/b bs=1000 count=300\n"
    repository.commit({"base/Dockerfile": f"{base}RUN echo x >/x\n", "Dockerfile": app})
    return repository


def review(repository: Repository, environment: dict[str, str], *words: str) -> FinishedRun:
    command = ["review", "--base", "HEAD~1", "--head", "HEAD", "--format", "json", *words]
    return start(*command, environment=environment, at=repository.path)


def test_two_daemons_and_an_engine_give_the_same_report(
    overlay2_engine: PrivateEngine,
    environments: dict[str, dict[str, str]],
    repository: Repository,
) -> None:
    runs = [review(repository, environments[name], "--builder", name) for name in environments]
    runs.append(review(repository, dict(overlay2_engine.environment)))
    assert [run.status for run in runs] == [0, 0, 0], runs[0].stderr
    first, second, engine = (drop_store(run.report) for run in runs)
    assert first == second == engine
    for run, name in zip(runs, environments, strict=False):
        assert f"builder '{name}' (remote driver)" in json.dumps(run.report["notes"])
        images = run.report["images"]
        assert len(images) == 2
        assert all(x[side]["compressed_exact"] for x in images for side in ("base", "head"))


def test_a_builder_in_a_container_gives_the_report_of_the_engine(
    overlay2_engine: PrivateEngine, repository: Repository, tmp_path: Path
) -> None:
    environment = dict(overlay2_engine.environment)
    with run_container_builder(overlay2_engine, tmp_path / "config", "boxed"):
        own = {**environment, "BUILDX_CONFIG": str(tmp_path / "config")}
        boxed = review(repository, own, "--builder", "boxed")
    engine = review(repository, environment)
    assert (boxed.status, engine.status) == (0, 0), boxed.stderr
    assert drop_store(boxed.report) == drop_store(engine.report)
    assert "builder 'boxed' (docker-container driver)" in json.dumps(boxed.report["notes"])


def test_what_needs_a_container_says_so(
    environments: dict[str, dict[str, str]], repository: Repository
) -> None:
    run = review(repository, environments["one"], "--builder", "one", "--verify")
    assert run.status == 0, run.stderr
    notes = [note for image in run.report["images"] for note in image["notes"]]
    assert sum("Suggestions were not verified" in note for note in notes) == 2


def test_a_build_that_fails_on_a_daemon_is_a_row(
    environments: dict[str, dict[str, str]], repository: Repository
) -> None:
    repository.commit({"Dockerfile": "FROM org/base\nRUN exit 3\n"})
    run = review(repository, environments["two"], "--builder", "two")
    states = {x["name"]: (x["state"], x["reason"]) for x in run.report["images"]}
    assert states["app"][0] == "head-build-failed"
    assert "exit 3" in states["app"][1]
    assert run.status == 2


def test_a_builder_that_is_not_there_is_named(
    environments: dict[str, dict[str, str]], repository: Repository
) -> None:
    run = review(repository, environments["one"], "--builder", "nobody")
    assert run.status == 2
    assert "The builder 'nobody' cannot be used" in run.stderr
