"""Every path and name that one private engine uses, all derived from its data folder.

Since nothing is random, a later start finds what a killed one left behind without any notes.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.support.engine.cache import hash_parts
from tests.support.engine.releases import Release

Store = Literal["overlay2", "containerd"]


@dataclass(frozen=True)
class EnginePaths:
    """The paths of one engine: `home` stays between runs, `run_dir` as long as the engine."""

    store: Store
    home: str
    programs: str

    @property
    def tag(self) -> str:
        """Return a name short enough for a network interface (15 characters with its prefix)."""
        return hash_parts(self.home)[:8]

    @property
    def data_root(self) -> Path:
        return Path(self.home, "data")

    @property
    def log(self) -> Path:
        return Path(self.home, "engine.log")

    @property
    def lock(self) -> Path:
        return Path(self.home, "lock")

    @property
    def run_dir(self) -> Path:
        """Return a short path, since a Unix socket's path has at most 107 characters."""
        return Path(f"/run/image-size-review-{self.tag}")

    @property
    def temporary_dir(self) -> Path:
        """Return the daemon's folder for large files, and for the sockets of SSH agents in builds.

        The one that it has by itself, in `home`, has too long a path for these.
        """
        return Path(f"/var/tmp/image-size-review-{self.tag}")

    @property
    def socket(self) -> Path:
        return self.run_dir / "docker.sock"

    @property
    def containerd_socket(self) -> Path:
        return self.run_dir / "containerd.sock"

    @property
    def client(self) -> Path:
        """Return the folder of the client's configuration and programs, apart from the user's."""
        return self.run_dir / "client"

    @property
    def bridge(self) -> str:
        return f"isr-{self.tag}"

    @property
    def cgroup(self) -> str:
        """Return the control group of all containers, by which they are found and stopped."""
        return f"image-size-review-{self.tag}"

    @property
    def program_path(self) -> str:
        return f"{self.programs}/usr/sbin:{self.programs}/usr/bin"

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def derive_paths(
    cache: Path, programs: Path, store: Store, purpose: str, release: Release
) -> EnginePaths:
    """Return the paths of an engine; they differ by purpose, store and release."""
    home = cache / "engines" / f"{purpose}-{store}-{release.key}"
    return EnginePaths(store=store, home=str(home), programs=str(programs))


def parse_paths(text: str) -> EnginePaths:
    return EnginePaths(**json.loads(text))


def dockerd_config(paths: EnginePaths, mtu: int) -> str:
    """Return the daemon's whole configuration; /etc/docker/daemon.json is never read.

    `iptables` is off: with it on, a daemon flushes chains that it shares with a user's engine.
    """
    config: dict[str, object] = {
        "data-root": str(paths.data_root),
        "exec-root": str(paths.run_dir / "exec"),
        "pidfile": str(paths.run_dir / "dockerd.pid"),
        "hosts": [f"unix://{paths.socket}"],
        "containerd": str(paths.containerd_socket),
        "bridge": paths.bridge,
        "mtu": mtu,
        "iptables": False,
        "ip6tables": False,
        "cgroup-parent": f"/{paths.cgroup}",
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "builder": {"gc": {"enabled": True, "defaultKeepStorage": "8GB"}},
        # Engine 29 gives containers a time namespace, which Debian 12's runc does not know.
        "features": {
            "containerd-snapshotter": paths.store == "containerd",
            "time-namespaces": False,
        },
        "log-level": "warn",
    }
    if paths.store == "overlay2":
        config["storage-driver"] = "overlay2"
    return json.dumps(config, indent=2)


def containerd_config(paths: EnginePaths) -> str:
    """Return the configuration of a private containerd.

    Without one, dockerd would use the system's if one runs. Its folders are where one started by
    dockerd would have them.
    """
    return f"""version = 2
root = "{paths.data_root}/containerd/daemon"
state = "{paths.run_dir}/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{paths.containerd_socket}"
[ttrpc]
address = "{paths.containerd_socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
path = "{paths.home}/opt"
"""
