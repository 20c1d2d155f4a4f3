"""BuildKit's own daemon, without an engine, as a builder of the driver `remote` on loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.engine.cache import find_cache_root
from tests.support.engine.commands import cut_log
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import make_search_path
from tests.support.engine.packages import unpack_buildkit

_PATIENCE_S = 60.0


@contextmanager
def run_buildkit(folder: Path) -> Iterator[str]:
    """Run a daemon with its data in a folder; yield its address."""
    daemon = unpack_buildkit(find_cache_root(os.environ))
    folder.mkdir(parents=True)
    port = _choose_port()
    address, log = f"tcp://127.0.0.1:{port}", folder / "log"
    workers = ("--oci-worker=true", "--containerd-worker=false")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(daemon), "--addr", address, "--root", str(folder / "data"), *workers],
            env={**os.environ, "PATH": make_search_path()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _choose_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline_s:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise EngineUnavailable(
        "BuildKit's daemon does not start.",
        f"it wrote:\n    {cut_log(log.read_text(errors='replace'))}",
        "it needs root and runc: see tests/README.md.",
    )
