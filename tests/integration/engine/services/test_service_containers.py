"""Images that are started with services: what they reach, and what is left afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.docker.caged_containers import RUN_LABEL
from bot.adapters.docker.container_limits import LIMITS, ContainerLimits
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.service_containers import START_TIMEOUT_S
from bot.model.container_run import ContainerRun
from bot.model.service_container import ServiceContainer
from bot.model.start_settings import StartSettings
from tests.support.command import ROOT
from tests.support.engine import PrivateEngine

PROBE = "debian:bookworm-slim"
POSTGRES = ServiceContainer(
    *("db", "postgres:15", ("db", "main-db")),
    variables=(("POSTGRES_PASSWORD", "secret"), ("POSTGRES_USER", "app")),
)
REDIS = ServiceContainer("cache", "redis:7", ("cache",))
BOX = ServiceContainer("box", "busybox", ("box",))
# Speaks the protocol of Redis by hand: writes a name, counts, and says what it sees.
CLIENT = """\
import os, socket, time
with socket.create_connection(("cache", 6379), 5) as redis:
    redis.sendall(b"INCR runs\\r\\n")
    print("run", redis.recv(100), flush=True)
print(socket.gethostbyname("db"), socket.create_connection(("localhost", 5432), 5), flush=True)
print(sorted(os.listdir("/sys/class/net")), flush=True)
server = socket.create_server(("", 8000))
while True:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nhello")
    connection.close()
"""
Run = Callable[..., ContainerRun]


@pytest.fixture(scope="module")
def engine(
    overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> PrivateEngine:
    overlay2_engine.ensure(
        "python:3.12-slim", "busybox", PROBE, "postgres:15", "redis:7", "mysql:8"
    )
    folder = tmp_path_factory.mktemp("client")
    (folder / "client.py").write_text(CLIENT, "utf-8")
    dockerfile = 'FROM python:3.12-slim\nCOPY client.py /\nCMD ["python", "/client.py"]\n'
    (folder / "Dockerfile").write_text(dockerfile, "utf-8")
    overlay2_engine.docker("build", "--quiet", "--tag", "client", ".", folder=folder)
    return overlay2_engine


@pytest.fixture
def run(engine: PrivateEngine) -> Iterator[Run]:
    """Run an image with services; afterwards neither containers nor volumes are left."""
    handle = EngineHandle({**os.environ, **engine.environment})
    volumes = engine.docker("volume", "ls", "--quiet")

    def run_with(
        *services: ServiceContainer,
        image: str = "client",
        command: tuple[str, ...] = (),
        limits: ContainerLimits = LIMITS,
        timeout_s: float = START_TIMEOUT_S,
    ) -> ContainerRun:
        runner = DockerContainerRunner(handle, limits, service_timeout_s=timeout_s)
        settings = StartSettings(services=services)
        return runner.run(image, PROBE, command, 20, settings=settings)

    yield run_with
    handle.close()
    assert list_containers(engine) == []
    assert engine.docker("volume", "ls", "--quiet") == volumes


def list_containers(engine: PrivateEngine) -> list[str]:
    filters = ("--filter", f"label={RUN_LABEL}")
    return engine.docker("ps", "--all", "--quiet", *filters).split()


def test_an_image_reaches_its_services_and_nothing_else(run: Run) -> None:
    for _ in range(2):
        result = run(POSTGRES, REDIS)
        assert (result.service_error, result.start_error, result.exit_code) == ("", "", None)
        # Each run begins with empty services.
        assert "run b':1\\r\\n'" in result.output
        assert "127.0.0.1 <socket" in result.output
        assert "['lo']" in result.output
        assert (result.ports, result.responses[8000].body) == ((8000,), "hello")
        assert result.seconds < 15


def test_a_database_is_set_up_before_the_image_starts(
    run: Run, engine: PrivateEngine, tmp_path: Path
) -> None:
    """It listens only after that, and the client finds the account, the password and the table."""
    # The client without the port.
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY --from=mysql:8 / /\n", "utf-8")
    engine.docker("build", "--quiet", "--tag", "mysql-client", ".", folder=tmp_path)
    values = {"ROOT_PASSWORD": "root", "DATABASE": "shop", "USER": "app", "PASSWORD": "secret"}
    database = ServiceContainer(
        *("db", "mysql:8", ("db",)),
        variables=tuple((f"MYSQL_{name}", value) for name, value in values.items()),
        files=(("/docker-entrypoint-initdb.d/1.sql", "CREATE TABLE items (name text);\n"),),
    )
    login = ("--host=db", "--user=app", "--password=secret", "shop")
    query = ("--skip-column-names", "--execute=SHOW TABLES")
    result = run(database, image="mysql-client", command=("mariadb", *login, *query))
    assert (result.service_error, result.exit_code, result.output) == ("", 0, "items\n")


def test_a_service_gets_its_command_files_and_health_check(run: Run) -> None:
    script = "#!/bin/sh\nset -e\ntest $A = b\ntouch /ready\necho listening >&2\nexec sleep 60\n"
    service = ServiceContainer(
        *("box", "busybox", ("box",)),
        variables=(("A", "b"),),
        command=("/scripts/run",),
        health_test=("CMD", "test", "-e", "/ready"),
        files=(("/scripts/run", script),),
    )
    result = run(service, image="busybox", command=("cat", "/etc/hosts"))
    assert (result.service_error, result.exit_code) == ("", 0)
    assert [line.split()[0] for line in result.output.splitlines() if "box" in line.split()] == [
        "127.0.0.1"
    ]


def test_a_job_ends_before_the_image_starts(run: Run) -> None:
    job = ServiceContainer("job", "busybox", ("job",), command=("true",), must_end=True)
    assert run(job, image="busybox", command=("echo", "up")).output == "up\n"
    failed = ServiceContainer("job", "busybox", ("job",), command=("sh", "-c", "echo no; exit 3"))
    result = run(failed, image="busybox", command=("echo", "up"))
    assert result.service_error == "the service job: it ended with status 3: no"


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (ServiceContainer("db", "postgres:15"), "it ended with status 1: Error: Database is"),
        (ServiceContainer("db", "no-such/image:1"), "its image no-such/image:1 cannot be had"),
        (ServiceContainer("db", "../a"), "its image ../a cannot be had"),
        (ServiceContainer("db", "", problem="it has no image"), "it has no image"),
        (ServiceContainer("db", "busybox", command=("/no",)), "cannot be started"),
    ],
)
def test_a_service_that_cannot_be_started_is_named(
    run: Run, service: ServiceContainer, reason: str
) -> None:
    result = run(service)
    assert result.service_error.startswith("the service db")
    assert reason in result.service_error


def test_a_service_that_is_never_ready_is_named(run: Run) -> None:
    wait = ("sh", "-c", "echo waiting; sleep 60")
    unhealthy = ServiceContainer("db", "busybox", command=wait, health_test=("CMD", "false"))
    silent = ServiceContainer("db", "busybox", command=wait, ports=(5432,))
    for service in (unhealthy, silent):
        reason = run(service, timeout_s=3).service_error
        assert reason == "the service db: it is not ready within 3 s: waiting"


def test_a_port_belongs_to_one(run: Run, engine: PrivateEngine, tmp_path: Path) -> None:
    other = ServiceContainer("queue", "redis:7", ("queue",))
    assert run(REDIS, other).service_error == (
        "the service queue: it uses port 6379, as the service cache does"
    )
    (tmp_path / "Dockerfile").write_text("FROM client\nEXPOSE 6379\n", "utf-8")
    engine.docker("build", "--quiet", "--tag", "exposing", ".", folder=tmp_path)
    assert run(REDIS, image="exposing").service_error == (
        "the image uses port 6379, as the service cache does"
    )


def test_a_service_that_ends_meanwhile_is_named(run: Run) -> None:
    command = ("sh", "-c", "sleep 6; echo over; exit 4")
    service = ServiceContainer("box", "busybox", ("box",), command=command)
    result = run(service, image="busybox", command=("sleep", "8"))
    assert result.service_error == "the service box: it ended with status 4: over"


def test_a_service_has_the_limits_of_an_image(run: Run) -> None:
    command = ("sh", "-c", "dd if=/dev/zero of=/data bs=1M count=400; sleep 60")
    service = ServiceContainer("box", "busybox", ("box",), command=command)
    tight = ContainerLimits(64 << 20, max_written_bytes=50_000_000)
    reason = run(service, image="busybox", command=("sleep", "9"), limits=tight).service_error
    assert "it wrote more than 50 MB to disk" in reason


RUN_FOR_EVER = """\
import os
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.model.service_container import ServiceContainer
from bot.model.start_settings import StartSettings
from bot.adapters.temporary_folders import sweep_dead_folders

handle = EngineHandle(dict(os.environ), sweep_dead_folders())
handle.sweep()
services = (ServiceContainer("cache", "redis:7", ("cache",)),)
command = ("sleep", "600") if os.environ["SECONDS"] == "600" else ("true",)
settings = StartSettings(services=services)
DockerContainerRunner(handle).run("busybox", "busybox", command, 300, settings=settings)
handle.close()
"""


def test_the_next_run_removes_what_a_killed_one_left(engine: PrivateEngine, tmp_path: Path) -> None:
    volumes = engine.docker("volume", "ls", "--quiet")
    environment = {**os.environ, **engine.environment, "TMPDIR": str(tmp_path)}

    def start(seconds: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", RUN_FOR_EVER],
            cwd=ROOT,
            env={**environment, "SECONDS": seconds},
        )

    process = start("600")
    deadline = time.monotonic() + 120
    # The one that asks for ports, the service and the image.
    while len(list_containers(engine)) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(list_containers(engine)) == 3
    assert start("0").wait(120) == 0
    assert list_containers(engine) == []
    assert engine.docker("volume", "ls", "--quiet") == volumes
