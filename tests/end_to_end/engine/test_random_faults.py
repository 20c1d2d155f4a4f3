"""Reviews that are struck by a fault at a random moment: never a wrong green, nothing left behind.

`make prove` runs 200 of them, `make test` one of each component. The schedule's seed can be given:
IMAGE_SIZE_FAULT_SEED=7 makes another 200.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.engine import PrivateEngine
from tests.support.fault_schedule import Component, ScheduledFault, schedule_fault
from tests.support.faulty_engine import EngineFault, FaultyEngine
from tests.support.github import GitHubStandIn, match_requests
from tests.support.registry.stand_in import REF_NAME, RegistryStandIn
from tests.support.registry.stand_in import Fault as RegistryFault
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, pull_request
from tests.support.tar_world import file, image, layer_tar, layout

BOT = "github-actions[bot]"
SEED = int(os.environ.get("IMAGE_SIZE_FAULT_SEED", "12"))
GROWTH_BYTES = 3_000_000
DISK_BYTES = 8_000_000  # more than the job needs for the files of both revisions
QUICK, ALL = range(2), range(2, 200)
# The statuses of a job that a signal ends: ours for Ctrl-C and SIGTERM, the kernel's for SIGKILL.
INTERRUPTED = {130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}


class CountingRegistry(RegistryStandIn):
    """A registry in which one request fails, counted from 1; none if `nth` is 0."""

    nth = 0
    fault: RegistryFault | None = None

    def next_fault(self, path: str) -> RegistryFault | None:
        return self.fault if len(self.requests) == self.nth else None


@dataclass
class World:
    """A pull request that adds 3 MB to an image, and all that its job talks to."""

    folder: Path
    engine: PrivateEngine
    github: GitHubStandIn
    registry: CountingRegistry
    job: Job

    def run(self, fault: ScheduledFault | None = None, baseline: "Baseline | None" = None) -> "Run":
        """Run the job, struck by the fault, through a socket of its own."""
        temporary = self.folder / "tmp"  # of all runs: the next one learns from it what is dead
        temporary.mkdir(exist_ok=True)
        count = baseline.engine_requests if baseline else 0
        is_engine = fault is not None and fault.component is Component.ENGINE
        relay = FaultyEngine(
            self.engine.socket,
            self.folder / "docker.sock",
            fault.nth(count) if fault and is_engine else 0,
            fault.engine if fault else EngineFault.BREAK,
        )
        with ExitStack() as stack:
            stack.enter_context(relay)
            if fault and fault.component is Component.DISK:
                stack.enter_context(small_disk(temporary, int(fault.moment * DISK_BYTES)))
            if fault and baseline:
                self.prepare(fault, baseline)
            started = time.monotonic()
            finished = self.run_job(relay, temporary, fault, baseline)
            duration_s = time.monotonic() - started
            leftovers = tuple(sorted(path.name for path in temporary.iterdir()))
        return Run(finished, duration_s, leftovers, len(relay.requests))

    def prepare(self, fault: ScheduledFault, baseline: "Baseline") -> None:
        """Let the registry or GitHub fail."""
        if fault.component is Component.REGISTRY:
            self.registry.requests.clear()
            self.registry.fault = fault.registry
            self.registry.nth = fault.nth(baseline.registry_requests)
        if fault.component is Component.GITHUB:
            self.github.inject_fault(
                match_requests("*", ".*"),
                fault=fault.github,
                nth=fault.nth(baseline.github_requests),
                after_work=fault.after_work,
            )

    def run_job(
        self,
        relay: FaultyEngine,
        temporary: Path,
        fault: ScheduledFault | None,
        baseline: "Baseline | None",
    ) -> FinishedJob:
        """Run the action as a process; a signal comes at its moment."""
        environment = {**self.engine.environment, "DOCKER_HOST": f"unix://{relay.path}"}
        environment["TMPDIR"] = str(temporary)
        started = self.job.start(environment)
        if fault and baseline and fault.component is Component.SIGNAL:
            time.sleep(fault.moment * baseline.duration_s)
            started.process.send_signal(signal.Signals[fault.signal])
        return started.wait()


@dataclass(frozen=True)
class Baseline:
    """A job without faults: its requests and its time, which moments are fractions of."""

    engine_requests: int
    registry_requests: int
    github_requests: int
    duration_s: float


@dataclass(frozen=True)
class Run:
    """A finished job, its time, what it left in the temporary folder, its requests to the engine."""

    job: FinishedJob
    duration_s: float
    leftovers: tuple[str, ...]
    engine_requests: int


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[None]:
    """Mount a file system of this size at a folder."""
    options = f"size={max(size_bytes, 4096)}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def make_world(folder: Path, engine: PrivateEngine) -> Iterator[World]:
    """Yield a pull request of which the engine has built nothing yet."""
    base = image(layer_tar(file("usr/lib/base", 1000))).with_annotations(**{REF_NAME: "1"})
    with CountingRegistry(layout(base)) as registry, GitHubStandIn() as github:
        files = {"Dockerfile": f"FROM {registry.host}/app:1\nCOPY . /app/\n", "x": str(folder)}
        pull = pull_request(folder / "origin", dict(files), {"big": "x" * GROWTH_BYTES})
        github.add_repository(REPO)
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        token = github.token(BOT, issues="write", pull_requests="write")
        job = Job(folder / "job", "pull_request", pull.payload, pull.merge, github, token)
        job.inputs["max-growth"] = "1MB"
        job.check_out(pull.origin, "refs/pull/7/merge")
        yield World(folder, engine, github, registry, job)
        assert github.violations == []


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory, overlay2_engine: PrivateEngine) -> Baseline:
    """Run a job without faults."""
    with make_world(tmp_path_factory.mktemp("baseline"), overlay2_engine) as world:
        run = world.run()
        assert run.job.status == 1, run.job.log
        return Baseline(
            run.engine_requests,
            len(world.registry.requests),
            len(world.github.requests),
            run.duration_s,
        )


def list_engine(engine: PrivateEngine) -> list[str]:
    """Return all names of images and containers that the engine has."""
    images = engine.docker("images", "--all", "--format", "{{.Repository}}:{{.Tag}}")
    containers = engine.docker("ps", "--all", "--format", "{{.Names}}")
    return sorted([*images.splitlines(), *containers.splitlines()])


def strike(world: World, fault: ScheduledFault, baseline: Baseline) -> None:
    """Strike a job that is red without the fault, then run it again without one."""
    before = list_engine(world.engine)
    struck = world.run(fault, baseline)
    context = f"{fault}\n{struck.job.log}"
    assert struck.job.status in {1, 2} | INTERRUPTED, context
    assert struck.job.outputs.get("verdict") in (None, "fail", "error"), context
    for comment in world.github.comments(REPO, 7):
        assert "✅" not in comment.body.split("\n\n")[0], context
    # What the engine refused to remove, and what a killed run had, is for the next run.
    if struck.job.status != -signal.SIGKILL and fault.component is not Component.ENGINE:
        assert struck.leftovers == (), context
    world.registry.nth = 0
    again = world.run()
    assert again.job.status == 1, f"{context}\n{again.job.log}"
    assert again.leftovers == (), context
    assert len(world.github.comments(REPO, 7)) == 1, context
    assert list_engine(world.engine) == before, context
    assert len(Repository(world.job.workspace).git("worktree", "list").splitlines()) == 1, context


@pytest.mark.parametrize(
    "number", [*QUICK, *(pytest.param(number, marks=pytest.mark.long) for number in ALL)]
)
def test_a_fault_at_a_random_moment(
    tmp_path: Path, overlay2_engine: PrivateEngine, baseline: Baseline, number: int
) -> None:
    with make_world(tmp_path, overlay2_engine) as world:
        strike(world, schedule_fault(number, SEED), baseline)
