"""Files that a stand-in's Dockerfile asks for and that no Dockerfile can make."""

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.support.engine.cache import create_once, hash_parts
from tests.support.engine.commands import run
from tests.support.engine.machine import CA_BUNDLE, make_search_path
from tests.support.engine.packages import find_mirror

DEBIAN, NEXT_DEBIAN = "bookworm", "trixie"
# What Debian's own slim images leave out; copyright files stay, as the licences ask.
SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/locale/*",
    "path-include=/usr/share/locale/locale.alias",
)
# What the real images set so that builds leave little behind; where each file goes.
SETTINGS = Path(__file__).with_name("debian_settings")
PLACES = {
    "apt": "/etc/apt/apt.conf.d/docker-clean",
    "dpkg": "/etc/dpkg/dpkg.cfg.d/docker-apt-speedup",
    "policy-rc.d": "/usr/sbin/policy-rc.d",
    "host-certificates": "/host-certificates",
}
# The machine's certificates, since it may sit behind a proxy with one of its own. They are put
# where update-ca-certificates looks, so that they survive when a build runs it again.
FINISH = (
    f"upload {CA_BUNDLE} /of-the-host.pem",
    'chroot "$1" sh /host-certificates',
    'rm "$1"/host-certificates "$1"/of-the-host.pem',
    'chmod 755 "$1"/usr/sbin/policy-rc.d',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*',
)
# Without this, Debian's package `usrmerge` comes along and brings 50 MB of perl.
MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"


def make_debian_command(
    target: Path, mirror: str, dpkg_options: tuple[str, ...], release: str = DEBIAN
) -> list[str]:
    """Return the command for the smallest Debian with apt and certificates."""
    uploads = (f"upload {shlex.quote(str(SETTINGS / name))} {to}" for name, to in PLACES.items())
    return [
        *("mmdebstrap", "--quiet", "--variant=minbase", "--format=tar"),
        *("--include=usr-is-merged,ca-certificates", f"--hook-dir={MERGED_USR}"),
        *(f"--dpkgopt={option}" for option in dpkg_options),
        *(f"--customize-hook={hook}" for hook in (*uploads, *FINISH)),
        *(release, str(target), *list_debian_sources(mirror, release)),
    ]


def list_debian_sources(mirror: str, release: str = DEBIAN) -> list[str]:
    """Return source lines for mmdebstrap; the security archive is a sibling."""
    security = mirror.rstrip("/").removesuffix("/debian") + "/debian-security"
    return [
        f"deb {mirror} {release} main",
        f"deb {mirror} {release}-updates main",
        f"deb {security} {release}-security main",
    ]


def make_debian(dpkg_options: tuple[str, ...], target: Path, release: str = DEBIAN) -> None:
    """Write a root file system as a tar file."""
    run(
        make_debian_command(target, find_mirror(), dpkg_options, release),
        "A Debian base image could not be made.",
        "see that this machine reaches its Debian mirror (`apt-get update`), then try again.",
        {**os.environ, "PATH": make_search_path()},
    )


MAKERS: Mapping[str, Callable[[Path], None]] = {
    "debian.tar": partial(make_debian, ()),
    "debian-slim.tar": partial(make_debian, SLIM),
    "debian-slim-trixie.tar": partial(make_debian, SLIM, release=NEXT_DEBIAN),
}


def hash_part(name: str) -> str:
    """Return a hash of all inputs of the file: this recipe, and the certificates."""
    certificates = CA_BUNDLE.read_bytes() if CA_BUNDLE.exists() else b""
    settings = [(SETTINGS / file).read_bytes() for file in PLACES]
    return hash_parts(name, DEBIAN, *SLIM, *FINISH, *settings, certificates)


def add_part(name: str, context: Path, cache: Path, programs: Path) -> None:
    """Put the named file or folder into a build context; hard links, for they are large."""
    if name == "engine-programs":
        shutil.copytree(programs / "usr", context / name, symlinks=True, copy_function=os.link)
        return
    cached = cache / "parts" / f"{hash_part(name)}-{name}"
    cached.parent.mkdir(parents=True, exist_ok=True)
    create_once(cached, name, MAKERS[name])
    os.link(cached, context / name)
