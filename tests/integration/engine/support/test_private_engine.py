"""The private engine for real: it starts, builds, and leaves nothing behind."""

import ipaddress
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.engine.cleanup import list_mount_points, list_processes
from tests.support.engine.engine_paths import EnginePaths, Store, parse_paths
from tests.support.engine.fixtures import STORES
from tests.support.engine.private_engine import PROJECT, PrivateEngine

SCRATCH_DOCKERFILE = """\
FROM busybox
COPY <<EOF /greeting
hello from a heredoc
EOF
RUN cat /greeting
"""
# A background job of a shell starts with Ctrl-C ignored, and hands that down.
KEPT_IN_THE_BACKGROUND = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.support.engine import PrivateEngine
engine = PrivateEngine("overlay2", purpose="killed")
engine.start()
print(engine.paths.to_json(), flush=True)
time.sleep(600)
"""


def list_traces(paths: EnginePaths) -> list[str]:
    """Return what is left of an engine, except for its cached data."""
    marks = (str(paths.run_dir), paths.home)
    running = [
        " ".join(words) for words in list_processes().values() if paths.tag in " ".join(words)
    ]
    mounted = [point for point in list_mount_points() if point.startswith(marks)]
    rules = subprocess.run(["iptables-save"], capture_output=True, text=True).stdout
    named = [line for line in rules.splitlines() if paths.bridge in line]
    created_paths = (paths.run_dir, paths.temporary_dir, Path("/sys/class/net", paths.bridge))
    groups = [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/{paths.cgroup}")]
    return (
        running + mounted + named + groups + [str(path) for path in created_paths if path.exists()]
    )


def wait_until(seconds: float, condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.05)
    return condition()


@pytest.fixture(params=STORES)
def fresh_engine(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """Yield an engine that the test may stop."""
    store: Store = request.param
    with PrivateEngine(store, purpose="lifecycle") as engine:
        yield engine


def test_the_engine_has_the_requested_store(each_engine: PrivateEngine) -> None:
    driver = each_engine.docker("info", "--format", "{{.Driver}}").strip()
    assert driver == {"overlay2": "overlay2", "containerd": "overlayfs"}[each_engine.store]


def test_the_environment_connects_a_client_to_this_engine(each_engine: PrivateEngine) -> None:
    environment = {**os.environ, **each_engine.environment}
    command = ["docker", "info", "--format", "{{.DockerRootDir}}"]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == str(each_engine.paths.data_root)


def test_a_heredoc_is_built_and_run(each_engine: PrivateEngine, tmp_path: Path) -> None:
    each_engine.ensure("busybox")
    (tmp_path / "Dockerfile").write_text(SCRATCH_DOCKERFILE)
    build(each_engine, "isr-test/heredoc", tmp_path)
    output = each_engine.docker("run", "--rm", "isr-test/heredoc", "cat", "/greeting")
    assert output == "hello from a heredoc\n"


def test_a_build_has_the_network(each_engine: PrivateEngine, tmp_path: Path) -> None:
    each_engine.ensure("python:3.12-slim")
    install = "FROM python:3.12-slim\nRUN pip install --no-cache-dir idna==3.10\n"
    (tmp_path / "Dockerfile").write_text(install)
    build(each_engine, "isr-test/network", tmp_path)


def build(engine: PrivateEngine, tag: str, folder: Path) -> None:
    engine.docker("build", "--network", engine.build_network, "--tag", tag, ".", folder=folder)


def test_stopping_leaves_no_trace_even_of_a_running_container(fresh_engine: PrivateEngine) -> None:
    fresh_engine.ensure("busybox")
    fresh_engine.docker("run", "--detach", "busybox", "sleep", "1000")
    paths = fresh_engine.paths
    assert list_traces(paths)
    fresh_engine.stop()
    assert list_traces(paths) == []


def test_an_engine_can_be_stopped_twice_and_started_again(fresh_engine: PrivateEngine) -> None:
    fresh_engine.stop()
    fresh_engine.stop()
    fresh_engine.start()
    assert fresh_engine.docker("info", "--format", "{{.ServerVersion}}").strip()


def test_an_engine_of_each_store_runs_beside_another_one(
    fresh_engine: PrivateEngine, overlay2_engine: PrivateEngine
) -> None:
    form = ["info", "--format", "{{.ID}}"]
    assert fresh_engine.docker(*form) != overlay2_engine.docker(*form)


def test_a_network_in_use_since_the_last_run_is_avoided(
    fresh_engine: PrivateEngine, other_bridge: str
) -> None:
    taken = own_subnet(fresh_engine)
    fresh_engine.stop()
    first = str(next(taken.hosts()))
    subprocess.run(["ip", "address", "add", f"{first}/24", "dev", other_bridge], check=True)
    fresh_engine.start()
    assert not own_subnet(fresh_engine).overlaps(taken)


def own_subnet(engine: PrivateEngine) -> ipaddress.IPv4Network:
    form = "{{(index .IPAM.Config 0).Subnet}}"
    output = engine.docker("network", "inspect", "--format", form, "bridge")
    return ipaddress.IPv4Network(output.strip())


@pytest.fixture
def other_bridge(overlay2_engine: PrivateEngine) -> Iterator[str]:
    """Make a bridge of another program; the engine fixture skips without root."""
    name = "isr-test-other"
    subprocess.run(["ip", "link", "add", name, "type", "bridge"], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    yield name
    subprocess.run(["ip", "link", "delete", name], check=True)


@pytest.fixture
def doomed(overlay2_engine: PrivateEngine) -> Iterator[tuple["subprocess.Popen[str]", EnginePaths]]:
    """Yield another process with an engine, and the engine's paths."""
    command = [sys.executable, "-c", KEPT_IN_THE_BACKGROUND]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        paths = parse_paths(process.stdout.readline())
        yield process, paths
        process.kill()


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_engine_dies_with_the_process_that_started_it(
    doomed: tuple["subprocess.Popen[str]", EnginePaths], blow: signal.Signals
) -> None:
    process, paths = doomed
    process.send_signal(blow)
    assert wait_until(20, lambda: list_traces(paths) == [])


def test_a_start_recovers_from_a_killed_supervisor(
    doomed: tuple["subprocess.Popen[str]", EnginePaths],
) -> None:
    process, paths = doomed
    os.kill(find_supervisor(paths), signal.SIGKILL)
    process.kill()
    with PrivateEngine("overlay2", purpose="killed") as engine:
        assert engine.paths == paths
        assert engine.docker("info", "--format", "{{.ServerVersion}}").strip()
    assert list_traces(paths) == []


def find_supervisor(paths: EnginePaths) -> int:
    [supervisor] = [pid for pid, words in list_processes().items() if paths.to_json() in words]
    return supervisor


def run_cli(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.support.engine", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


def test_the_command_line_lists_the_stand_ins() -> None:
    done = run_cli("images")
    assert done.returncode == 0
    assert "golang:1.16" in done.stdout.split()


def test_run_requires_a_command() -> None:
    done = run_cli("run")
    assert done.returncode == 2
    assert "after `--`" in done.stderr


def test_run_exits_with_the_status_of_the_command(fresh_engine: PrivateEngine) -> None:
    paths = fresh_engine.paths
    fresh_engine.stop()
    options = ["--store", paths.store, "--purpose", fresh_engine.purpose]
    script = "docker info --format {{.DockerRootDir}}; exit 7"
    done = run_cli("run", *options, "--", "sh", "-c", script)
    assert done.returncode == 7
    assert done.stdout.strip() == str(paths.data_root)
    assert list_traces(paths) == []


def test_sigterm_is_passed_on_to_the_command(overlay2_engine: PrivateEngine) -> None:
    own = ["run", "--purpose", "lifecycle", "--"]
    script = "trap 'echo told; exit 9' TERM; echo up; while :; do sleep 0.1; done"
    command = [sys.executable, "-m", "tests.support.engine", *own, "sh", "-c", script]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.stdout.readline() == "told\n"
        assert process.wait(30) == 9
