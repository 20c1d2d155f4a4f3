"""The requirements of a private engine, checked before anything is started.

Facts are gathered in one place and judged by pure functions, so that every refusal can be
tested without a machine that really lacks something.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.engine.cache import locked
from tests.support.engine.commands import run
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.progress import print_progress

# program -> the Debian package that brings it. These come from the machine's own Debian, since
# they must fit its C library and kernel tools; the engine itself is unpacked privately.
NEEDED_PROGRAMS = {
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "setpriv": "util-linux",
    "mount": "mount",
    "ssh-agent": "openssh-client",  # for builds that ask an agent for its keys
}
APT_LOCK = Path("/run/lock/image-size-review-packages.lock")
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Facts:
    """The facts about the machine that decide if an engine can start."""

    user_id: int
    programs: frozenset[str]


def gather_facts() -> Facts:
    """Read the facts about this machine."""
    programs = (*NEEDED_PROGRAMS, "apt-get", "dpkg")
    installed = (name for name in programs if shutil.which(name, path=make_search_path()))
    return Facts(user_id=os.geteuid(), programs=frozenset(installed))


def make_search_path() -> str:
    """Return PATH with the sbin folders, which a root shell opened by `su` may lack."""
    return f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"


def find_obstacle(facts: Facts) -> EngineUnavailable | None:
    """Return the reason why no private engine can run, or None."""
    if not {"apt-get", "dpkg"} <= facts.programs:
        return EngineUnavailable(
            "A private Docker engine cannot be set up on this system.",
            "it is unpacked from Debian packages, and apt-get or dpkg is missing here.",
            "use Debian 12 or newer, or an engine that is already running: --use-existing.",
        )
    if facts.user_id != 0:
        return EngineUnavailable(
            "A private Docker engine cannot be started by this user.",
            f"dockerd needs root for mounts and networks; this is user id {facts.user_id}.",
            "run the same command as root, or use an engine that is already running: "
            "--use-existing.",
        )
    return None


def list_missing_packages(facts: Facts) -> list[str]:
    """Return the Debian packages to install for missing programs."""
    absent = {package for name, package in NEEDED_PROGRAMS.items() if name not in facts.programs}
    return sorted(absent)


def prepare_machine() -> None:
    """Refuse early with a reason, then install the few Debian packages that are missing."""
    facts = gather_facts()
    if problem := find_obstacle(facts):
        raise problem
    if not _list_packages(facts):
        return
    # apt refuses a second call: the test processes of a fresh machine come here at the same time.
    with locked(APT_LOCK, "the installation of Debian packages"):
        packages = _list_packages(gather_facts())
        if packages:
            install_packages(packages)


def _list_packages(facts: Facts) -> list[str]:
    return list_missing_packages(facts) + ([] if CA_BUNDLE.exists() else ["ca-certificates"])


def install_packages(packages: list[str]) -> None:
    """Install packages of this machine's Debian."""
    print_progress(f"installing Debian packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": make_search_path()}
    what_to_do = f"see that `apt-get install {' '.join(packages)}` works, then try again."
    failing = "Debian packages that the engine needs could not be installed."
    run(["apt-get", "update", "-q"], failing, what_to_do, environment)
    install = [
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "-qy",
        "--no-install-recommends",
        *packages,
    ]
    run(install, failing, what_to_do, environment)


def probe_overlay(folder: Path) -> None:
    """Mount an overlay where the data will be: a kernel or a file system may refuse it."""
    _make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".overlay-", dir=folder) as name:
        folders = {part: Path(name, part) for part in ("lower", "upper", "work", "merged")}
        for path in folders.values():
            path.mkdir()
        merged = str(folders.pop("merged"))
        options = ",".join(f"{part}dir={path}" for part, path in folders.items())
        run(
            ["mount", "-t", "overlay", "overlay", "-o", options, merged],
            f"Image layers cannot be mounted under {folder}.",
            "use a machine whose kernel allows overlay mounts, and set IMAGE_SIZE_CACHE to a "
            "folder on an ordinary file system (ext4, xfs), not itself on an overlay.",
        )
        run(["umount", merged], "A trial mount could not be undone.", f"umount {merged}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(
            f"The cache folder {folder} could not be made.",
            f"{error.strerror}.",
            "set IMAGE_SIZE_CACHE to a folder that can be written to.",
        ) from error
