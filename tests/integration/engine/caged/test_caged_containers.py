"""Images that do what they can against the machine that verifies them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.docker.caged_containers import RUN_LABEL
from bot.adapters.docker.container_limits import LIMITS, ContainerLimits, make_host_options
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.model.container_run import ContainerRun
from bot.model.start_settings import StartSettings
from tests.support.engine import PrivateEngine

ESCAPES = Path(__file__).with_name("escapes.py")
NAMES = re.findall(r'^    "([a-z ]+)": ', ESCAPES.read_text("utf-8"), re.MULTILINE)
IMAGE, PROBE = "caged", "busybox"
DOCKERFILE = """\
FROM python:3.12-slim
RUN cp "$(readlink -f /usr/local/bin/python3)" /setuid-python && chmod u+s /setuid-python
COPY escapes.py /
VOLUME /data
"""
# CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID and NET_BIND_SERVICE, by their bits.
CAPABILITIES = f"{sum(1 << bit for bit in (0, 1, 3, 4, 5, 6, 7, 10)):016x}"
TIGHT = ContainerLimits(64 << 20, max_processes=20, max_written_bytes=50_000_000)
FORKS = """\
import os
count = 1
for attempt in range(100):
    try:
        if not os.fork():
            os.pause() if hasattr(os, "pause") else __import__("signal").pause()
        count += 1
    except OSError:
        print(count, flush=True)
        os._exit(0)
"""
SERVER = """\
import selectors, socket
selector = selectors.DefaultSelector()
for port in range(2000, 2300):
    server = socket.create_server(("", port))
    server.setblocking(False)
    selector.register(server, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        connection, _ = key.fileobj.accept()
        connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nhello")
        connection.close()
"""


@pytest.fixture(scope="module")
def engine(
    overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> PrivateEngine:
    overlay2_engine.ensure("python:3.12-slim", "busybox")
    folder = tmp_path_factory.mktemp("caged")
    shutil.copy(ESCAPES, folder)
    build(overlay2_engine, folder, IMAGE, DOCKERFILE)
    return overlay2_engine


@pytest.fixture(scope="module")
def handle(engine: PrivateEngine) -> Iterator[EngineHandle]:
    handle = EngineHandle(engine.environment)
    yield handle
    handle.close()


@pytest.fixture
def tight(engine: PrivateEngine, handle: EngineHandle) -> Iterator[DockerContainerRunner]:
    """Return a runner with tight limits; afterwards nothing of its containers is left."""
    volumes = engine.docker("volume", "ls", "--quiet")
    yield DockerContainerRunner(handle, TIGHT)
    assert engine.docker("ps", "--all", "--quiet", "--filter", f"label={RUN_LABEL}") == ""
    assert engine.docker("volume", "ls", "--quiet") == volumes


@pytest.fixture(scope="module")
def escape(engine: PrivateEngine, handle: EngineHandle) -> ContainerRun:
    return DockerContainerRunner(handle).run(IMAGE, PROBE, ["python3", "/escapes.py"], 60)


def build(engine: PrivateEngine, folder: Path, tag: str, dockerfile: str) -> None:
    (folder / "Dockerfile").write_text(dockerfile, "utf-8")
    engine.docker("build", "--quiet", "--tag", tag, ".", folder=folder)


@pytest.mark.parametrize("name", NAMES)
def test_no_way_out_of_the_container(escape: ContainerRun, name: str) -> None:
    lines = dict(line.split(": ", 1) for line in escape.output.splitlines())
    assert lines[name].startswith("closed"), escape.output


def test_it_tries_what_is_open_elsewhere(engine: PrivateEngine) -> None:
    """The tries can succeed: most of those that the cage adds do in a container of the defaults."""
    output = engine.docker("run", "--rm", "--network", "host", IMAGE, "python3", "/escapes.py")
    lines = output.splitlines()
    opened = {line.partition(":")[0] for line in lines if line.endswith(": open")}
    assert {"interface", "packets", "mknod", "setuid", "core dump", "chroot"} <= opened


def test_only_what_a_server_needs_is_left_of_root(escape: ContainerRun) -> None:
    assert f"CapBnd: {CAPABILITIES}\nNoNewPrivs: 1\n" in escape.output


def test_a_server_still_drops_to_a_user(handle: EngineHandle) -> None:
    """As nginx, gosu and su-exec do: own a file, take a low port, become a user."""
    program = (
        "import os, socket; os.mkdir('/run/app'); os.chown('/run/app', 1000, 1000);"
        "socket.create_server(('', 80)); os.setgroups([1000]); os.setgid(1000); os.setuid(1000);"
        "open('/run/app/pid', 'w').write('1'); print(os.getresuid())"
    )
    run = DockerContainerRunner(handle).run(IMAGE, PROBE, ["python3", "-c", program], 30)
    assert run.output == "(1000, 1000, 1000)\n"


def test_a_health_check_is_caged_as_well(
    engine: PrivateEngine, tight: DockerContainerRunner, tmp_path: Path
) -> None:
    check = "grep -E 'CapBnd|NoNewPrivs' /proc/self/status >/proc/1/fd/1"
    command = '["sleep", "60"]'
    dockerfile = f"FROM busybox\nHEALTHCHECK CMD {check}\nCMD {command}\n"
    build(engine, tmp_path, "checked", dockerfile)
    run = tight.run("checked", PROBE, timeout_s=4)
    assert run.health_status == "healthy"
    assert f"CapBnd:\t{CAPABILITIES}\nNoNewPrivs:\t1\n" in run.output


def test_processes_are_limited(tight: DockerContainerRunner) -> None:
    run = tight.run(IMAGE, PROBE, ["python3", "-c", FORKS], 30)
    assert int(run.output) <= TIGHT.max_processes


def test_memory_is_limited_and_there_is_no_swap(tight: DockerContainerRunner) -> None:
    program = "print(len([bytearray(8 << 20) for number in range(20)]))"
    run = tight.run(IMAGE, PROBE, ["python3", "-c", program], 60)
    assert (run.exit_code, run.output, run.start_error) == (137, "", "out of memory")


@pytest.mark.parametrize("path", ["/big", "/data/big"])
def test_endless_writing_is_stopped(tight: DockerContainerRunner, path: str) -> None:
    """Into the writable layer, and into the volume that the image declares."""
    run = tight.run(IMAGE, PROBE, ["sh", "-c", f"cat /dev/zero >{path}"], 60)
    assert run.exit_code == 137
    assert run.start_error == "it was stopped: it wrote more than 50 MB to disk"


def test_endless_writing_is_stopped_in_the_store_of_containerd(
    containerd_engine: PrivateEngine,
) -> None:
    """Which measures the writable layer in another way."""
    containerd_engine.ensure("busybox")
    handle = EngineHandle(containerd_engine.environment)
    command = ["sh", "-c", "cat /dev/zero >/big"]
    run = DockerContainerRunner(handle, TIGHT).run(PROBE, PROBE, command, 60)
    handle.close()
    assert run.start_error == "it was stopped: it wrote more than 50 MB to disk"


def test_what_the_image_has_in_its_volume_does_not_count(
    engine: PrivateEngine, tight: DockerContainerRunner, tmp_path: Path
) -> None:
    fill = "RUN mkdir /data && head -c 60000000 /dev/zero >/data/big\nVOLUME /data\n"
    build(engine, tmp_path, "filled", f"FROM busybox\n{fill}")
    run = tight.run("filled", PROBE, ["sh", "-c", "sleep 2; wc -c </data/big"], 30)
    assert (run.exit_code, run.output, run.start_error) == (0, "60000000\n", "")


def test_endless_output_is_bounded_in_the_log_of_the_engine(
    engine: PrivateEngine, tight: DockerContainerRunner
) -> None:
    run = tight.run(IMAGE, PROBE, ["sh", "-c", "yes endless"], 3)
    assert len(run.output) == 256 << 10
    options = make_host_options(TIGHT)["log_config"]["Config"]
    assert options == {"max-size": "4m", "max-file": "2"}


def test_a_probe_that_never_answers_is_stopped(
    engine: PrivateEngine, tight: DockerContainerRunner, tmp_path: Path
) -> None:
    """The shell is the image's, and may be any program."""
    replacement = (
        "import os; os.unlink('/bin/sh'); open('/bin/sh', 'w').write({!r});"
        "os.chmod('/bin/sh', 0o755)"
    )
    program = replacement.format("#!/usr/local/bin/python3\nimport time\ntime.sleep(1000)\n")
    build(
        engine, tmp_path, "endless", f"FROM {IMAGE}\nRUN {json.dumps(['python3', '-c', program])}\n"
    )
    outcome = tight.run(IMAGE, "endless", ["sleep", "1000"], 2)
    assert re.search("from a second container|no command beside it", outcome.start_error)


def test_hundreds_of_ports_are_not_all_requested(
    engine: PrivateEngine, tight: DockerContainerRunner
) -> None:
    run = tight.run(IMAGE, IMAGE, ["python3", "-c", SERVER], 60)
    assert len(run.ports) == 300
    assert list(run.responses) == list(range(2000, 2016))


def test_proxies_of_the_client_are_not_handed_on(engine: PrivateEngine, tmp_path: Path) -> None:
    proxies = {"default": {"httpsProxy": "http://user:password@proxy:3128"}}
    config = json.loads(Path(engine.environment["DOCKER_CONFIG"], "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, "proxies": proxies}), "utf-8")
    handle = EngineHandle({**engine.environment, "DOCKER_CONFIG": str(tmp_path)})
    run = DockerContainerRunner(handle).run(IMAGE, PROBE, ["env"], 20)
    handle.close()
    assert run.exit_code == 0
    assert "PATH=" in run.output
    assert "password" not in run.output


def test_settings_are_added_and_ask_for_no_devices(handle: EngineHandle) -> None:
    variables = (("MODE", "plain"), ("NVIDIA_VISIBLE_DEVICES", "all"))
    settings = StartSettings(variables, "PORT=80\n")
    command = ["sh", "-c", "env; cat .env"]
    run = DockerContainerRunner(handle).run(IMAGE, PROBE, command, 20, settings=settings)
    lines = run.output.splitlines()
    assert {"MODE=plain", "NVIDIA_VISIBLE_DEVICES=void", "PORT=80"} <= set(lines), run
    plain = DockerContainerRunner(handle).run(IMAGE, PROBE, command, 20)
    assert "MODE=plain" not in plain.output
    assert "PORT=80" not in plain.output


def test_cores_are_a_share_of_time() -> None:
    """An engine refuses more cores than it has, and takes any share of time."""
    options = make_host_options(LIMITS)
    assert options["cpu_quota"] / options["cpu_period"] == LIMITS.cores
    assert "nano_cpus" not in options
