"""The options of containers that run an image to verify it: capabilities, limits, network, log.

Such an image is the pull request's: its programs are started to be watched, and are trusted with
nothing. Only the filter of system calls and the hidden files of the kernel are the engine's own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from docker.types import LogConfig, Ulimit

from bot.adapters.docker.engine_errors import EngineFailure

_CPU_PERIOD_US = 100_000
# What a server needs that starts as root, takes its files and its port, and drops to a user. The
# engine would add raw sockets, devices, chroot, the audit log, and capabilities of files and
# processes; none of them is needed to listen and to answer.
_CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
)
# With one file, the engine empties it when it is full, and little would be left to read.
_LOG_OPTIONS = {"max-size": "4m", "max-file": "2"}
HOSTNAME = "container"
# Where NVIDIA's runtime is the engine's default, an image asks it for devices by this variable.
ENVIRONMENT = {"NVIDIA_VISIBLE_DEVICES": "void"}

# What the engine says of the limits that it can hold, and what they limit.
_NEEDED_LIMITS = {"MemoryLimit": "memory", "PidsLimit": "processes"}


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """The limits of a container: memory and written files in bytes, processes, cores."""

    memory_bytes: int = 2 << 30
    max_processes: int = 1024
    cores: float = 2.0
    max_written_bytes: int = 2_000_000_000


LIMITS = ContainerLimits()
# The second container only runs a shell and a client.
PROBE_LIMITS = ContainerLimits(512 << 20, max_processes=256, max_written_bytes=64_000_000)


def check_limits(product: str, info: Mapping[str, Any]) -> None:
    """Raise EngineFailure for an engine that would start a container without its limits.

    A rootless Docker 26 without control groups of its own says so in a warning only, and a rootless
    Podman 4.3 on control groups of version 1 says that it has limits, and ignores them.
    """
    missing = [what for name, what in _NEEDED_LIMITS.items() if info.get(name) is not True]
    if missing or product != "Docker Engine":
        what = f"an engine that cannot limit {' and '.join(missing)}" if missing else product
        raise EngineFailure(
            f"nothing is started on {what}: use a Docker Engine; a rootless one needs control"
            " groups (version 2) that are delegated to its user"
        )


def make_host_options(
    limits: ContainerLimits, network_mode: str = "none", hosts: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return the arguments of the SDK's `create_host_config`; all `hosts` are the container itself.

    There is no swap, and no limit on the size of one file: .NET reserves its memory as a file of
    terabytes. Cores are a share of time, which a machine with fewer of them accepts as well.
    """
    # A container with a network has its own name in /etc/hosts, and many a server asks for it.
    own_names = dict.fromkeys((HOSTNAME, *hosts), "127.0.0.1") if network_mode == "none" else None
    return {
        "network_mode": network_mode,
        "extra_hosts": own_names,
        "ipc_mode": "private",
        "cap_drop": ["ALL"],
        "cap_add": list(_CAPABILITIES),
        "security_opt": ["no-new-privileges"],
        "mem_limit": limits.memory_bytes,
        # Docker counts memory and swap together here: the same number leaves no swap.
        "memswap_limit": limits.memory_bytes,
        "pids_limit": limits.max_processes,
        "cpu_period": _CPU_PERIOD_US,
        "cpu_quota": int(limits.cores * _CPU_PERIOD_US),
        # A core file of a crash is written by the kernel, and may be as large as the memory.
        "ulimits": [Ulimit(name="core", soft=0, hard=0)],
        "init": False,
        "log_config": LogConfig(type=LogConfig.types.JSON, config=_LOG_OPTIONS),
    }
