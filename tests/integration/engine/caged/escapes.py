"""Tries to leave the container that it runs in; prints a line for each try: its name, how it went.

Part of an image in the tests, and run there as root with nothing but the standard library.
"""

import ctypes
import os
import resource
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NAMESPACES = 0x10000000 | 0x00020000  # of users and of mounts
OWN_MOUNTS = {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts"}  # the engine's, for each container
DEVICES = {"fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "tty", "urandom", "zero"}


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library, and raise what it fails with."""
    if getattr(LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def connect(address: str, port: int) -> None:
    with socket.create_connection((address, port), 3):
        pass


def open_raw(family: int, protocol: int) -> None:
    socket.socket(family, socket.SOCK_RAW, protocol).close()


def write(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, b"0\n")
    finally:
        os.close(descriptor)


def read(path: str) -> None:
    if not Path(path).read_bytes()[:1]:
        raise OSError("it is empty")


def find_sockets() -> None:
    """Succeed if there is a socket that somebody else listens on."""
    files = (path for folder in ("/run", "/tmp") for path in Path(folder).iterdir())
    if not any(stat.S_ISSOCK(path.lstat().st_mode) for path in files):
        listed = Path("/proc/net/unix").read_text().splitlines()[1:]
        if not listed:
            raise OSError("there is none")


def find_mounts() -> None:
    """Succeed if something of the machine is mounted."""
    rows = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    kernel = {"proc", "tmpfs", "devpts", "sysfs", "mqueue", "cgroup", "cgroup2", "overlay"}
    mounted = {row[4] for row in rows if row[row.index("-") + 1] not in kernel}
    if mounted <= {*OWN_MOUNTS, "/data"}:
        raise OSError("there is none")


def find_devices() -> None:
    if {path.name for path in Path("/dev").iterdir()} - {
        "stdin",
        "stdout",
        "stderr",
        "console",
        "core",
    } <= DEVICES:
        raise OSError("there is none")


def find_interfaces() -> None:
    if [path.name for path in Path("/sys/class/net").iterdir()] == ["lo"]:
        raise OSError("there is none")


def make_device() -> None:
    os.mknod("/escape", stat.S_IFBLK | 0o600, os.makedev(8, 0))


def become_root() -> None:
    """Succeed if a program with the setuid bit gives an ordinary user root."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            os.setgid(65534)
            os.setuid(65534)
            os.execv(
                "/setuid-python", ["/setuid-python", "-c", "import os; os._exit(os.geteuid() == 0)"]
            )
        os._exit(2)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        raise OSError("it stays the user")


def raise_core_limit() -> None:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    except ValueError as problem:
        raise OSError(problem) from problem


def read_environment() -> None:
    if not {name for name in os.environ if "proxy" in name.lower() or "token" in name.lower()}:
        raise OSError("there is none")


TRIES: dict[str, Callable[[], object]] = {
    "interface": find_interfaces,
    "internet": lambda: connect("1.1.1.1", 443),
    "metadata": lambda: connect("169.254.169.254", 80),
    "gateway": lambda: connect("172.17.0.1", 22),
    "names": lambda: socket.getaddrinfo("example.com", 443),
    "packets": lambda: open_raw(socket.AF_PACKET, 3),
    "ping": lambda: open_raw(socket.AF_INET, socket.IPPROTO_ICMP),
    "sockets": find_sockets,
    "docker": lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"),
    "mounts": find_mounts,
    "mount": lambda: call("mount", b"none", b"/mnt", b"tmpfs", 0, None),
    "remount": lambda: call("mount", b"none", b"/proc/sys", None, 0x20 | 0x1000, None),
    "unshare": lambda: call("unshare", NEW_NAMESPACES),
    "devices": find_devices,
    "mknod": make_device,
    "core pattern": lambda: write("/proc/sys/kernel/core_pattern"),
    "sysrq": lambda: write("/proc/sysrq-trigger"),
    "kernel settings": lambda: write("/sys/kernel/mm/transparent_hugepage/enabled"),
    "kcore": lambda: read("/proc/kcore"),
    "keys": lambda: read("/proc/keys"),
    "kernel log": lambda: call("klogctl", 3, ctypes.create_string_buffer(100), 100),
    "module": lambda: call("syscall", 175, b"", 0, b""),
    "clock": lambda: call("settimeofday", ctypes.create_string_buffer(16), None),
    "host name": lambda: socket.sethostname("escape"),
    "setuid": become_root,
    "priority": lambda: os.nice(-5),
    "core dump": raise_core_limit,
    "environment": read_environment,
    "chroot": lambda: os.chroot("."),
}


def main() -> None:
    """Try everything."""
    for name, attempt in TRIES.items():
        try:
            attempt()
            print(f"{name}: open", flush=True)
        except OSError as problem:
            print(f"{name}: closed, {problem}", flush=True)
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(("CapBnd", "NoNewPrivs")):
            print(line.replace("\t", " "), flush=True)


if __name__ == "__main__":
    main()
