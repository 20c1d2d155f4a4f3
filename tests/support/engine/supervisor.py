"""The process that owns an engine's daemons, so that they never outlive its parent.

It is started with a pipe as its standard input. The pipe closes when the parent stops the engine,
and also when the parent is killed by any signal; in both cases the daemons are stopped. It also
holds the lock on the engine's paths, so the next start waits until everything is cleaned up.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from tests.support.engine.cache import remove
from tests.support.engine.cleanup import clean_up
from tests.support.engine.commands import cut_log
from tests.support.engine.engine_paths import (
    EnginePaths,
    containerd_config,
    dockerd_config,
    parse_paths,
)
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import make_search_path
from tests.support.engine.network import enable_forwarding, make_bridge, read_default_mtu

PATIENCE_SECONDS = 60.0
PR_SET_CHILD_SUBREAPER = 36  # from <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Start the daemons, report on stdout, wait until the pipe closes, clean up."""
    paths = parse_paths(arguments[0])
    signal.signal(signal.SIGTERM, _leave)
    adopt_orphans()
    clean_up(paths)
    try:
        answer = start_daemons(paths)
        # From here on nobody asks how a child ended: the kernel clears ended ones away.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print(json.dumps(answer), flush=True)
        if "network" in answer:
            sys.stdin.read()
    finally:
        clean_up(paths)


def _leave(signal_number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into an exception, so that `finally` runs."""
    sys.exit(128 + signal_number)


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans.

    Containers' shims leave their parent; without an init that reaps them they would stay as zombies.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start_daemons(paths: EnginePaths) -> dict[str, object]:
    """Return the network for builds, or the three parts of an error."""
    try:
        paths.run_dir.mkdir(mode=0o711, parents=True)
        paths.temporary_dir.mkdir(mode=0o700)
        paths.data_root.mkdir(exist_ok=True)
        paths.log.write_text("")
        # A daemon would give the bridge the address of its last run, which may be taken by now.
        remove(paths.data_root / "network")
        network = choose_network(paths)
        start_containerd(paths)
        start_dockerd(paths)
    except EngineUnavailable as error:
        return {"error": [error.what, error.why, error.what_to_do]}
    return {"network": network}


def choose_network(paths: EnginePaths) -> str:
    """Return the network for builds: the bridge, or the host's if it has no way out.

    The bridge itself is needed in either case: a daemon configured without one deletes docker0, which
    may be a user's.
    """
    subnet = make_bridge(paths.bridge)
    try:
        enable_forwarding(paths.bridge, subnet)
    except EngineUnavailable as error:
        with paths.log.open("a") as log:
            log.write(f"Builds need --network host: {error}\n")
        return "host"
    return "default"


def start_containerd(paths: EnginePaths) -> None:
    config = paths.run_dir / "containerd.toml"
    config.write_text(containerd_config(paths))
    daemon = launch(paths, ["containerd", "--config", str(config), "--log-level", "warn"])
    wait_for(paths, daemon, paths.containerd_socket)


def start_dockerd(paths: EnginePaths) -> None:
    config = paths.run_dir / "daemon.json"
    config.write_text(dockerd_config(paths, read_default_mtu()))
    daemon = launch(paths, ["dockerd", "--config-file", str(config)])
    wait_for(paths, daemon, paths.socket)


def launch(paths: EnginePaths, command: list[str]) -> "subprocess.Popen[bytes]":
    """Start a daemon that gets SIGTERM if this process is killed."""
    variables = {
        "PATH": f"{paths.program_path}:{make_search_path()}",
        "DOCKER_TMPDIR": str(paths.temporary_dir),
    }
    with paths.log.open("ab") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def wait_for(paths: EnginePaths, daemon: "subprocess.Popen[bytes]", address: Path) -> None:
    """Wait until the daemon listens; raise an error if it exits first."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not listens(address):
        if daemon.poll() is not None or time.monotonic() > give_up:
            raise EngineUnavailable(
                "The private Docker engine did not come up.",
                f"the end of its log:\n    {cut_log(paths.log.read_text(errors='replace'))}",
                f"read the whole log, {paths.log}, then try again, perhaps after "
                "`python -m tests.support.engine clean`.",
            )
        time.sleep(0.05)


def listens(address: Path) -> bool:
    """Return True if the socket accepts connections; both daemons do once they are ready."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(address)) == 0


if __name__ == "__main__":
    main(sys.argv[1:])
