"""Leftovers of dead runs are removed from an engine, and nothing of runs that live."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_run import LEASE_S, EngineRun, sweep_engine
from bot.adapters.temporary_folders import OtherProcesses, sweep_dead_folders
from tests.support.engine import PrivateEngine
from tests.support.engine.fixtures import STORES

ENGINE = "the-engine-of-this-test"
# A run with a built image, a pin and a container of it; it waits until it is killed.
OTHER_RUN = """
import os, sys
from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine import DockerEngine
engine = DockerEngine(dict(os.environ))
image = engine.get_image("busybox")
engine.tag(image, engine.run.name_build(0))
engine.tag(image, engine.run.name_pin(image.id))
with temporary_container(engine, image="busybox", command=["true"]):
    print(engine.run.id, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=STORES)
def each_engine(request: pytest.FixtureRequest) -> PrivateEngine:
    selected_engine: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    return selected_engine


@pytest.fixture
def engine(each_engine: PrivateEngine) -> Iterator[DockerEngine]:
    each_engine.ensure("busybox")
    engine = DockerEngine(each_engine.environment)
    sweep_engine(engine.client, ENGINE, OtherProcesses(), now_s=9e9)  # of tests that have failed
    yield engine
    engine.close()


@contextmanager
def other_run(private: PrivateEngine, root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {**os.environ, **private.environment, "TMPDIR": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def list_runs(engine: DockerEngine) -> set[str]:
    """Return the names of ours in the engine, each cut to its run."""
    images = engine.client.api.images(filters={"reference": ["image-size-review/*"]})
    names = [name.partition(":")[2] for image in images for name in image["RepoTags"] or ()]
    containers = engine.client.api.containers(all=True, filters={"name": "image-size-review-"})
    names += [x["Names"][0].removeprefix("/image-size-review-") for x in containers]
    return {"-".join(name.split("-")[:2]) for name in names}


def test_only_what_a_killed_process_left_is_removed(
    engine: DockerEngine, each_engine: PrivateEngine, tmp_path: Path
) -> None:
    with (
        other_run(each_engine, tmp_path) as (killed, killed_id),
        other_run(each_engine, tmp_path) as (living, living_id),
    ):
        engine.sweep(sweep_dead_folders(tmp_path))
        assert list_runs(engine) == {killed_id, living_id}
        kill(killed)
        engine.sweep(sweep_dead_folders(tmp_path))
        assert list_runs(engine) == {living_id}
        kill(living)
    engine.sweep(sweep_dead_folders(tmp_path))
    assert list_runs(engine) == set()
    assert engine.get_image("busybox")


def test_a_run_of_another_machine_is_dead_once_its_lease_is_over(
    engine: DockerEngine, each_engine: PrivateEngine, tmp_path: Path
) -> None:
    with other_run(each_engine, tmp_path) as (process, run_id):
        now_s = int(run_id.split("-")[0])
        sweep_engine(engine.client, ENGINE, OtherProcesses(), now_s + LEASE_S)
        assert list_runs(engine) == {run_id}
        sweep_engine(engine.client, ENGINE, OtherProcesses(), now_s + LEASE_S + 1)
        assert list_runs(engine) == set()
        kill(process)


def test_a_long_run_renews_its_lease(engine: DockerEngine) -> None:
    start_s = 1_760_000_000
    times = iter([start_s, start_s + 59, start_s + 60, start_s + 61, start_s + 120, start_s + 200])
    run = EngineRun(engine.client, ENGINE, lambda: next(times))
    engine.tag(engine.get_image("busybox"), run.name_build(0))
    leases = []
    for _ in range(5):
        run.renew()
        images = engine.client.api.images(filters={"reference": ["image-size-review/lease"]})
        leases.append([name for image in images for name in image["RepoTags"]])
    name = f"image-size-review/lease:{run.id}-"
    seconds = [60, 60, 120, 200]
    assert leases == [[], *([f"{name}{start_s + second}"] for second in seconds)]
    sweep_engine(engine.client, ENGINE, OtherProcesses(), start_s + 200 + LEASE_S)
    assert list_runs(engine) == {run.id}
    engine.untag(run.name_build(0))
    run.close()
    assert list_runs(engine) == set()


def test_what_cannot_be_removed_stays_without_an_error(
    engine: DockerEngine, each_engine: PrivateEngine, tmp_path: Path
) -> None:
    """A container of somebody else uses the only name of an image."""
    run = EngineRun(engine.client, ENGINE, lambda: 1_760_000_000)
    repository, _, tag = run.name_build(0).rpartition(":")
    engine.client.api.import_image_from_data(bytes(10240), repository, tag)
    each_engine.docker("create", "--name", "theirs", run.name_build(0), "true")
    others = OtherProcesses(dead={f"{ENGINE} {run.id}": tmp_path / "folder"})
    sweep_engine(engine.client, ENGINE, others, 0)
    assert list_runs(engine) == {run.id}
    each_engine.docker("rm", "theirs")
    sweep_engine(engine.client, ENGINE, others, 0)
    assert list_runs(engine) == set()
    run.close()
