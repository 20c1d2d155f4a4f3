"""Building an application and starting it without a network, as any user of it would."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.collection.apps import App

TRIES = 2  # builds fetch from package registries, which may drop a connection
PATIENCE = 90.0  # seconds until a slow starter must listen or end
SETTLE = 4.0  # seconds for one that never listens
ASK = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/", timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
except (OSError, ValueError) as error:
    print(type(error).__name__)
"""


@dataclass(frozen=True)
class Start:
    """The observed run of a container: its exit status, or its ports and answers on `/`."""

    exit_status: int | None
    answers: tuple[tuple[int, str], ...]
    logs: str

    @property
    def well(self) -> bool:
        return self.exit_status == 0 or (self.exit_status is None and bool(self.answers))

    def __str__(self) -> str:
        if self.exit_status is not None:
            return f"exit {self.exit_status}"
        listed = ", ".join(f"{port} → {answer}" for port, answer in self.answers)
        return listed or "runs, no port"


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, errors="replace", check=False
    )


def build(app: App, tag: str) -> str:
    """Build an application; return the end of the builder's output if it fails, else ""."""
    command = ("buildx", "build", "--progress=plain", "--provenance=false", "--tag", tag)
    for _ in range(TRIES):
        done = docker(*command, str(app.folder))
        if done.returncode == 0:
            return ""
    return "\n".join((done.stdout + done.stderr).splitlines()[-40:])


def size(tag: str) -> int:
    """Return the unpacked bytes of all layers."""
    size_text = docker("history", "--human=false", "--format", "{{.Size}}", tag).stdout
    return sum(int(line) for line in size_text.split())


def forget(tag: str) -> None:
    """Remove an image.

    Nearly a hundred images of a gigabyte would fill a disk; the build cache has a limit.
    """
    docker("image", "rm", "--force", tag)


def start(app: App, tag: str) -> Start:
    """Run the image with its smoke test, or with its own command if it has none."""
    with container(tag, app.smoke_test) as name:
        deadline = time.monotonic() + PATIENCE
        quiet_until = time.monotonic() + SETTLE
        while time.monotonic() < deadline:
            state = json.loads(docker("inspect", "--format", "{{json .State}}", name).stdout)
            ports = () if not state["Running"] else listening(state["Pid"])
            if not state["Running"] or (ports and time.monotonic() > quiet_until):
                break
            time.sleep(0.3)
        status = None if state["Running"] else int(state["ExitCode"])
        answers = tuple((port, ask(state["Pid"], port)) for port in ports)
        logs = docker("logs", name)
        return Start(status, answers, (logs.stdout + logs.stderr).strip())


@contextmanager
def container(tag: str, smoke_test: tuple[str, ...]) -> Iterator[str]:
    entrypoint = ("--entrypoint", smoke_test[0]) if smoke_test else ()
    created = docker("create", "--network", "none", *entrypoint, tag, *smoke_test[1:])
    name = created.stdout.strip()
    docker("start", name)
    try:
        yield name
    finally:
        docker("rm", "--force", name)


def listening(pid: int) -> tuple[int, ...]:
    """Return a container's listening TCP ports, read from its network namespace."""
    rows = [row for table in ("tcp", "tcp6") for row in rows_of(Path(f"/proc/{pid}/net/{table}"))]
    return tuple(sorted({int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}))


def rows_of(table: Path) -> list[list[str]]:
    """Return the rows of a table of the kernel; none if the container has just ended."""
    try:
        return [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []


def ask(pid: int, port: int) -> str:
    """Return the HTTP status on `/`, requested inside the container's network."""
    command = ["nsenter", "--target", str(pid), "--net", sys.executable, "-c", ASK, str(port)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
