"""Debian's packages: dpkg's own database, and the one that distroless images have in its place."""

from collections import defaultdict
from collections.abc import Iterator

from bot.image.packages.layer_files import Evidence
from bot.image.packages.package import Package

_STATUS = "var/lib/dpkg/status"
STATUS_D = "var/lib/dpkg/status.d/"
ENDINGS = (_STATUS, "list")
MAX_SIZE = 64 << 20
_INFO = "var/lib/dpkg/info/"
_SUMS = ".md5sums"


def wants(path: str) -> bool:
    """Whether a file names packages or lists their files."""
    return path == _STATUS or path.startswith(STATUS_D) or _is_list(path)


def packages(layer: Evidence) -> Iterator[Package]:
    """Every package that the databases name; with its files if this layer lists them."""
    files = _files(layer)
    versions = _versions(layer)
    for name in versions | dict.fromkeys(files):
        yield Package("deb", name, versions.get(name), tuple(files.get(name, ())))


def _versions(layer: Evidence) -> dict[str, str | None]:
    """The version of each package that is in a status file."""
    versions: dict[str, str | None] = {}
    for path in layer.contents:
        if path == _STATUS or (path.startswith(STATUS_D) and not path.endswith(_SUMS)):
            name = ""
            for line in layer.lines(path):
                if line.startswith("Package: "):
                    name = line[9:].strip()
                    versions[name] = None
                elif line.startswith("Version: ") and name:
                    versions[name] = line[9:].strip()
    return versions


def _files(layer: Evidence) -> dict[str, list[str]]:
    """The files of each package: what its list names, and dpkg's own about it."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in layer.contents:
        if _is_list(path):
            files[_name(path)] += (line[1:] for line in layer.lines(path) if len(line) > 1)
        elif path.startswith(STATUS_D) and path.endswith(_SUMS):
            files[_name(path)] += (line.partition("  ")[2] for line in layer.lines(path) if line)
    for path in layer.paths:
        if path.startswith(_INFO) and (name := _name(path)):
            files[name].append(path)
        elif path.startswith(STATUS_D):
            files[_name(path.removesuffix(_SUMS) + _SUMS)].append(path)
    return files


def _is_list(path: str) -> bool:
    return path.startswith(_INFO) and path.endswith(".list")


def _name(path: str) -> str:
    """The package in `info/libc6:amd64.list`; empty where the file is about none."""
    return path.rpartition("/")[2].rpartition(".")[0].partition(":")[0]
