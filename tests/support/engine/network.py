"""A bridge of the engine's own, so that it lives beside a user's engine that owns docker0.

The rules that let its containers out are our own too, each marked with the bridge's name as a
comment, so that exactly those can be taken away again.
"""

import ipaddress
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.support.engine.cache import locked
from tests.support.engine.commands import run
from tests.support.engine.errors import EngineUnavailable

# Seldom used by anyone, and not among the ranges docker hands out by default.
CANDIDATES = [ipaddress.IPv4Network(f"10.{second}.113.0/24") for second in range(213, 245)]
MACHINE_LOCK = Path("/run/lock/image-size-review-network")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def choose_subnet(routes: str) -> ipaddress.IPv4Network:
    """Return the first candidate that overlaps no route of `ip -4 route show table all`."""
    taken = list(_networks(routes))
    for candidate in CANDIDATES:
        if not any(candidate.overlaps(network) for network in taken):
            return candidate
    raise EngineUnavailable(
        "No free address range was found for the engine's bridge.",
        f"every one of {CANDIDATES[0]} to {CANDIDATES[-1]} is in use.",
        "remove leftover bridges (`ip link show type bridge`), then try again.",
    )


def _networks(routes: str) -> Iterable[ipaddress.IPv4Network]:
    for line in routes.splitlines():
        for word in line.split()[:2]:
            if word[0].isdigit():
                yield ipaddress.IPv4Network(word, strict=False)


def make_rules(bridge: str, subnet: str) -> list[list[str]]:
    """Return iptables arguments that masquerade outgoing traffic and accept answers."""
    mark = ["-m", "comment", "--comment", bridge]
    leaving = ["-s", subnet, "!", "-o", bridge]
    answers = ["-o", bridge, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    return [
        ["-t", "nat", "-I", "POSTROUTING", *leaving, *mark, "-j", "MASQUERADE"],
        ["-t", "filter", "-I", "FORWARD", "-i", bridge, *mark, "-j", "ACCEPT"],
        ["-t", "filter", "-I", "FORWARD", *answers, *mark, "-j", "ACCEPT"],
    ]


def list_removals(table: str, listed: str, bridge: str) -> list[list[str]]:
    """Return iptables arguments that delete our rules, from `iptables -t TABLE -S`."""
    lines = (shlex.split(line) for line in listed.splitlines())
    return [
        ["-t", table, "-D", *words[1:]] for words in lines if words[0] == "-A" and bridge in words
    ]


def make_bridge(bridge: str) -> str:
    """Set up the bridge, with an address range that nothing else on the machine has.

    Two engines starting at once must not see the same range as free, even with different caches.
    """
    with locked(MACHINE_LOCK, "another engine to set up its network"):
        subnet = choose_subnet(_run("ip", "-4", "route", "show", "table", "all"))
        first = f"{next(subnet.hosts())}/{subnet.prefixlen}"
        _run("ip", "link", "add", bridge, "type", "bridge")
        _run("ip", "address", "add", first, "dev", bridge)
        _run("ip", "link", "set", bridge, "up")
    return str(subnet)


def enable_forwarding(bridge: str, subnet: str) -> None:
    """Let the bridge's containers reach what the machine reaches."""
    if FORWARDING.read_text().strip() != "1":
        FORWARDING.write_text("1")
    for rule in make_rules(bridge, subnet):
        _run("iptables", "-w", *rule)


def remove_bridge(bridge: str) -> None:
    """Remove the bridge and every rule with its name, if they exist."""
    for table in ("nat", "filter"):
        for rule in list_removals(table, _quietly("iptables", "-w", "-t", table, "-S"), bridge):
            _quietly("iptables", "-w", *rule)
    if Path("/sys/class/net", bridge).exists():
        _quietly("ip", "link", "delete", bridge)


def read_default_mtu(default: int = 1500) -> int:
    """Return the MTU of the default route: a bridge with a larger one loses big packets."""
    routes = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    devices = [fields[0] for fields in routes if fields[1] == "00000000"]
    sizes = [int(Path("/sys/class/net", name, "mtu").read_text()) for name in devices]
    return min([*sizes, default])


def _run(*command: str) -> str:
    return run(
        command,
        "The engine's own bridge could not be made.",
        "see that the kernel allows bridges and address translation.",
    )


def _quietly(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout
