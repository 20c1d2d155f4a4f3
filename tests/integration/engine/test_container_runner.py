"""Containers that are started and watched: how they end, what they say, and what answers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.docker.caged_containers import RUN_LABEL
from bot.adapters.docker.container_limits import ContainerLimits
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.model.container_run import ContainerRun, PortResponse
from tests.support.engine import PrivateEngine
from tests.support.faulty_engine import EngineFault, FaultyEngine

PROBE = "debian:bookworm-slim"
Start = Callable[..., ContainerRun]

SERVER = """\
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(203)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"hello" if self.path == "/" else self.path.encode())
address, port = sys.argv[1], int(sys.argv[2])
http.server.HTTPServer((address, port), Handler).serve_forever()
"""


@pytest.fixture
def handle(overlay2_engine: PrivateEngine) -> EngineHandle:
    return EngineHandle({**os.environ, **overlay2_engine.environment})


@pytest.fixture
def starter(
    overlay2_engine: PrivateEngine, handle: EngineHandle
) -> Iterator[DockerContainerRunner]:
    overlay2_engine.ensure("debian:bookworm-slim", "python:3.12-slim", "busybox")
    yield DockerContainerRunner(handle)
    assert overlay2_engine.docker("ps", "--all", "--quiet", "--filter", f"label={RUN_LABEL}") == ""


@pytest.fixture
def start(overlay2_engine: PrivateEngine, starter: DockerContainerRunner, tmp_path: Path) -> Start:
    def started(
        dockerfile: str,
        *arguments: str,
        patience: float = 20,
        probe: str = PROBE,
        paths: tuple[str, ...] = (),
        opens_input: bool = False,
    ) -> ContainerRun:
        (tmp_path / "server.py").write_text(SERVER, "utf-8")
        (tmp_path / "Dockerfile").write_text(dockerfile, "utf-8")
        overlay2_engine.docker("build", "--quiet", "--tag", "started", ".", folder=tmp_path)
        return starter.run("started", probe, arguments, patience, paths, opens_input=opens_input)

    return started


def test_exit_status_and_output_are_recorded(start: Start) -> None:
    run = start('FROM busybox\nCMD ["sh", "-c", "echo out; echo err >&2; exit 3"]\n')
    assert (run.exit_code, sorted(run.output.split()), run.start_error) == (3, ["err", "out"], "")
    assert run.ports == ()


def test_arguments_replace_the_whole_command_line(start: Start) -> None:
    run = start('FROM busybox\nENTRYPOINT ["false"]\nCMD ["x"]\n', "echo", "a b", "c")
    assert (run.exit_code, run.output) == (0, "a b c\n")


def test_a_container_finds_its_own_name_without_a_network(start: Start) -> None:
    script = "import socket; print(socket.gethostbyname(socket.gethostname()))"
    run = start(f"FROM python:3.12-slim\nCMD ['python3', '-c', '{script}']\n".replace("'", '"'))
    assert (run.exit_code, run.output) == (0, "127.0.0.1\n")


def test_the_standard_input_is_at_its_end_or_open(start: Start) -> None:
    asks = 'FROM busybox\nCMD ["sh", "-c", "echo name?; read name || exit 3"]\n'
    run = start(asks)
    assert (run.exit_code, run.output) == (3, "name?\n")
    open_run = start(asks, patience=3, opens_input=True)
    assert (open_run.exit_code, open_run.output) == (None, "name?\n")


def test_a_container_that_cannot_start_is_reported(start: Start) -> None:
    run = start('FROM busybox\nCMD ["/no/such/program"]\n')
    assert run.exit_code is None
    assert "no such file" in run.start_error


@pytest.mark.parametrize("probe", ["debian:bookworm-slim", "busybox", "python:3.12-slim"])
def test_ports_and_answers_are_probed_from_another_container(start: Start, probe: str) -> None:
    """With perl, busybox's nc, or the tools of the image."""
    dockerfile = 'FROM python:3.12-slim\nCOPY server.py /\nCMD ["python", "/server.py", "", "80"]\n'
    run = start(dockerfile, probe=probe, paths=("/items", "/a/b.css"))
    assert (run.exit_code, run.ports, run.loopback_ports) == (None, (80,), ())
    assert run.responses == {80: PortResponse(203, "text/plain", 5, body="hello")}
    assert run.route_responses == {
        (80, path): PortResponse(203, "text/plain", len(path), body=path)
        for path in ("/items", "/a/b.css")
    }
    assert run.seconds < 15


def test_a_server_that_refuses_the_first_version_of_http_gets_the_next(start: Start) -> None:
    refusing = """\
class Refusing(Handler):
    def do_GET(self):
        self.send_response(426 if self.request_version == "HTTP/1.1" else 505)
        self.end_headers()
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Refusing).serve_forever()
"""
    text = SERVER.partition("address, port")[0] + refusing
    run = start(
        "FROM python:3.12-slim\nCOPY <<'END' /s.py\n"
        f'{text}END\nCMD ["python3", "/s.py", "0.0.0.0", "80"]\n'
    )
    assert run.responses[80].status == 426


@pytest.mark.parametrize("occurrence", [1, 2, 3])
def test_a_probe_that_the_engine_refuses_is_repeated(
    overlay2_engine: PrivateEngine, start: Start, tmp_path: Path, occurrence: int
) -> None:
    """Neither the ports nor the answer are taken for missing."""
    start('FROM python:3.12-slim\nCOPY server.py /\nCMD ["python", "/server.py", "", "80"]\n')
    path = tmp_path / "docker.sock"
    refused = (overlay2_engine.socket, path, occurrence, EngineFault.STATUS_500, r"/exec$")
    with FaultyEngine(*refused) as relay:
        handle = EngineHandle({"DOCKER_HOST": f"unix://{path}"})
        run = DockerContainerRunner(handle).run("started", PROBE, timeout_s=20)
        assert relay.was_struck
        handle.close()
    assert (run.ports, run.start_error) == ((80,), "")
    assert run.responses == {80: PortResponse(203, "text/plain", 5, body="hello")}


def test_a_slow_engine_gets_twice_the_time(
    overlay2_engine: PrivateEngine, start: Start, tmp_path: Path
) -> None:
    """The second container asks for the ports of the first, and lives as long."""
    dockerfile = (
        "FROM python:3.12-slim\nCOPY server.py /\nHEALTHCHECK CMD false\n"
        'CMD ["python", "/server.py", "", "80"]\n'
    )
    start(dockerfile, patience=1)
    path = tmp_path / "docker.sock"
    with FaultyEngine(overlay2_engine.socket, path, matching=r"/exec$", delay_s=2) as relay:
        handle = EngineHandle({"DOCKER_HOST": f"unix://{path}"})
        run = DockerContainerRunner(handle).run("started", PROBE, timeout_s=10)
        assert sum(request.endswith("/exec") for request in relay.requests) > 5
        handle.close()
    assert (run.ports, run.health_status, run.start_error) == ((80,), "unhealthy", "")
    assert run.seconds > 12


def test_ports_on_loopback_are_marked(start: Start) -> None:
    command = '["python", "/server.py", "127.0.0.1", "8000"]'
    run = start(f"FROM python:3.12-slim\nCOPY server.py /\nCMD {command}\n")
    assert (run.ports, run.loopback_ports) == ((), (8000,))
    assert run.responses[8000].status == 203


def test_health_checks_run_immediately(start: Start) -> None:
    dockerfile = (
        "FROM python:3.12-slim\nCOPY server.py /\n"
        "HEALTHCHECK --interval=5m CMD test -e /server.py\n"
        'CMD ["python", "/server.py", "", "80"]\n'
    )
    well = start(dockerfile)
    assert (well.health_status, well.responses[80].status) == ("healthy", 203)


@pytest.mark.long
def test_health_checks_that_fail_are_repeated_immediately(start: Start) -> None:
    dockerfile = (
        "FROM python:3.12-slim\nCOPY server.py /\nHEALTHCHECK --interval=5m CMD false\n"
        'CMD ["python", "/server.py", "", "80"]\n'
    )
    assert start(dockerfile, patience=60).health_status == "unhealthy"


def test_containers_have_no_network_and_limited_resources(
    starter: DockerContainerRunner, handle: EngineHandle
) -> None:
    run = starter.run("busybox", PROBE, ["sh", "-c", "ls /sys/class/net; ulimit -a; id -u"])
    assert run.output.split()[:1] == ["lo"]
    tight = DockerContainerRunner(handle, ContainerLimits(memory_bytes=16 << 20))
    run = tight.run("python:3.12-slim", PROBE, ["python3", "-c", "print(len('x' * (200 << 20)))"])
    assert run.exit_code not in (0, None)


def test_the_time_limit_stops_a_container(start: Start) -> None:
    run = start('FROM busybox\nCMD ["sleep", "1000"]\n', patience=2)
    assert (run.exit_code, run.ports) == (None, ())
    assert 1.5 < run.seconds < 8


def test_endless_output_is_truncated(start: Start) -> None:
    run = start('FROM busybox\nCMD ["sh", "-c", "for i in 1 2 3; do printf %0100000d 0; done"]\n')
    assert len(run.output) == 256 << 10


def test_an_image_without_a_shell_is_no_probe(start: Start) -> None:
    """Not to have seen a port is not the same as that there is none."""
    image = (
        'FROM scratch\nCOPY --from=busybox /bin/busybox /busybox\nCMD ["/busybox", "sleep", "60"]\n'
    )
    run = start(image, probe="started")
    assert "the probe needs a shell" in run.start_error
    outcome = start(image, probe="busybox", patience=3)
    assert (outcome.exit_code, outcome.ports, outcome.start_error) == (None, (), "")
