"""BuildKit's own daemon as a builder of its own, beside the one of an engine.

Without an engine, on loopback, for the driver `remote`; in an image that stands in for
`moby/buildkit`, for the driver `docker-container`.
"""

import os
import shutil
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
from tests.support.engine.private_engine import PrivateEngine

_PATIENCE_S = 60.0
_IMAGE = "stand-in-for-buildkit"
_DOCKERFILE = """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends runc
COPY buildkitd buildctl /usr/local/bin/
ENTRYPOINT ["buildkitd"]
"""


@contextmanager
def run_buildkit(folder: Path) -> Iterator[str]:
    """Run a daemon with its data in a folder; yield its address."""
    daemon = unpack_buildkit(find_cache_root(os.environ)) / "buildkitd"
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


@contextmanager
def run_container_builder(engine: PrivateEngine, folder: Path, name: str) -> Iterator[None]:
    """Create a builder of the driver `docker-container` in an engine, and remove it afterwards.

    `folder` has its settings: it is the BUILDX_CONFIG of the commands that use it.
    """
    _build_image(engine, folder / "image")
    environment = {**os.environ, **engine.environment, "BUILDX_CONFIG": str(folder)}
    options = ("--driver-opt", f"image={_IMAGE},network=host")
    create = ["docker", "buildx", "create", "--name", name, "--driver", "docker-container"]
    subprocess.run([*create, *options], env=environment, check=True)
    try:
        yield
    finally:
        subprocess.run(["docker", "buildx", "rm", name], env=environment, check=True)


def _build_image(engine: PrivateEngine, context: Path) -> None:
    engine.ensure("debian:bookworm-slim")
    context.mkdir(parents=True)
    programs = unpack_buildkit(find_cache_root(os.environ))
    for program in ("buildkitd", "buildctl"):
        shutil.copy(programs / program, context)
    (context / "Dockerfile").write_text(_DOCKERFILE)
    network = f"--network={engine.build_network}"
    engine.docker("build", network, "--tag", _IMAGE, str(context))


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
