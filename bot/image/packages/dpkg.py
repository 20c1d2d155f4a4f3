"""Debian's packages: dpkg's own database, and status.d of distroless images."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

DATABASE_FOLDERS = ("var/lib/dpkg",)
STATUS_FILE = "var/lib/dpkg/status"
# Distroless images have one status file and one list of checksums for each package instead.
STATUS_D = "var/lib/dpkg/status.d/"
ENDINGS = (STATUS_FILE, "list")
MAX_DATABASE_BYTES = 64 << 20
INFO_FOLDER = "var/lib/dpkg/info/"
_CHECKSUMS_SUFFIX = ".md5sums"


def is_database(path: str) -> bool:
    """Return True for a file that names packages or lists their files."""
    return path == STATUS_FILE or path.startswith(STATUS_D) or _is_file_list(path)


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield every package that the databases name, with the files that this layer lists."""
    files = _read_files(layer)
    versions = _read_versions(layer)
    for name in versions | dict.fromkeys(files):
        yield Package("deb", name, versions.get(name), tuple(files.get(name, ())))


def _read_versions(layer: LayerFiles) -> dict[str, str | None]:
    """Return the version of each package that is in a status file."""
    versions: dict[str, str | None] = {}
    for path in layer.contents:
        if path == STATUS_FILE or (
            path.startswith(STATUS_D) and not path.endswith(_CHECKSUMS_SUFFIX)
        ):
            for fields in parse_status(layer.read_lines(path)):
                # A removed package is listed as long as its configuration files are there, and owns
                # them.
                versions[fields["Package"]] = fields.get("Version")
    return versions


def parse_status(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Yield the fields of each package in a status file, whether it is installed or removed.

    See `man 5 deb-control`. Continuation lines, which begin with a blank, are left out.
    """
    fields: dict[str, str] = {}
    for line in lines:
        name, separator, value = line.partition(": ")
        if name == "Package" and separator:
            if fields:
                yield fields
            fields = {name: value.strip()}
        elif fields and separator and not name.startswith((" ", "\t")):
            fields[name] = value.strip()
    if fields:
        yield fields


def _read_files(layer: LayerFiles) -> dict[str, list[str]]:
    """Return the files of each package: those in its list, and dpkg's own files about it."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in layer.contents:
        if _is_file_list(path):
            files[parse_package_name(path)] += (
                line[1:] for line in layer.read_lines(path) if len(line) > 1
            )
        elif path.startswith(STATUS_D) and path.endswith(_CHECKSUMS_SUFFIX):
            files[parse_package_name(path)] += (
                line.partition("  ")[2] for line in layer.read_lines(path) if line
            )
    for path in layer.paths:
        if path.startswith(INFO_FOLDER) and (name := parse_package_name(path)):
            files[name].append(path)
        elif path.startswith(STATUS_D):
            # Status files have no suffix to remove, and names may contain dots (libpython3.11).
            checksums = path.removesuffix(_CHECKSUMS_SUFFIX) + _CHECKSUMS_SUFFIX
            files[parse_package_name(checksums)].append(path)
    return files


def _is_file_list(path: str) -> bool:
    return path.startswith(INFO_FOLDER) and path.endswith(".list")


def parse_package_name(path: str) -> str:
    """Return the package of `info/libc6:amd64.list`; empty for dpkg's other files."""
    return path.rpartition("/")[2].rpartition(".")[0].partition(":")[0]
