"""Debian's packages: dpkg's own database, and the one that distroless images have in its place."""

from collections import defaultdict
from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

_STATUS_FILE = "var/lib/dpkg/status"
STATUS_D = "var/lib/dpkg/status.d/"
ENDINGS = (_STATUS_FILE, "list")
MAX_DATABASE_BYTES = 64 << 20
_INFO_FOLDER = "var/lib/dpkg/info/"
_CHECKSUMS_SUFFIX = ".md5sums"


def is_database(path: str) -> bool:
    """Whether a file names packages or lists their files."""
    return path == _STATUS_FILE or path.startswith(STATUS_D) or _is_file_list(path)


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Every package that the databases name; with its files if this layer lists them."""
    files = _read_files(layer)
    versions = _read_versions(layer)
    for name in versions | dict.fromkeys(files):
        yield Package("deb", name, versions.get(name), tuple(files.get(name, ())))


def _read_versions(layer: LayerFiles) -> dict[str, str | None]:
    """The version of each package that is in a status file."""
    versions: dict[str, str | None] = {}
    for path in layer.contents:
        if path == _STATUS_FILE or (
            path.startswith(STATUS_D) and not path.endswith(_CHECKSUMS_SUFFIX)
        ):
            name = ""
            for line in layer.read_lines(path):
                if line.startswith("Package: "):
                    name = line[9:].strip()
                    versions[name] = None
                elif line.startswith("Version: ") and name:
                    versions[name] = line[9:].strip()
    return versions


def _read_files(layer: LayerFiles) -> dict[str, list[str]]:
    """The files of each package: what its list names, and dpkg's own about it."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in layer.contents:
        if _is_file_list(path):
            files[_parse_package_name(path)] += (
                line[1:] for line in layer.read_lines(path) if len(line) > 1
            )
        elif path.startswith(STATUS_D) and path.endswith(_CHECKSUMS_SUFFIX):
            files[_parse_package_name(path)] += (
                line.partition("  ")[2] for line in layer.read_lines(path) if line
            )
    for path in layer.paths:
        if path.startswith(_INFO_FOLDER) and (name := _parse_package_name(path)):
            files[name].append(path)
        elif path.startswith(STATUS_D):
            files[
                _parse_package_name(path.removesuffix(_CHECKSUMS_SUFFIX) + _CHECKSUMS_SUFFIX)
            ].append(path)
    return files


def _is_file_list(path: str) -> bool:
    return path.startswith(_INFO_FOLDER) and path.endswith(".list")


def _parse_package_name(path: str) -> str:
    """The package in `info/libc6:amd64.list`; empty where the file is about none."""
    return path.rpartition("/")[2].rpartition(".")[0].partition(":")[0]
