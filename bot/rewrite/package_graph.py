"""The packages of the distribution's installer: owners of files, and dependencies."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.image.filesystem.contents import ImageContents

_DPKG_STATUS_PATH = "var/lib/dpkg/status"
_DPKG_INFO_PATH = "var/lib/dpkg/info"
_APK_DATABASE_PATH = "lib/apk/db/installed"
_MAX_LIST_BYTES = 64 << 20
_RELATION_SEPARATOR = re.compile(r"[|,]")


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package with its dependencies; of alternatives all are listed."""

    name: str
    dependencies: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    installed_bytes: int = 0


@dataclass(frozen=True)
class PackageGraph:
    """All packages of an image by name, and the owner of each of their files by path."""

    packages: Mapping[str, SystemPackage] = field(default_factory=dict)
    file_owners: Mapping[str, str] = field(default_factory=dict)

    def find_owner(self, path: str) -> str | None:
        """Return the package that owns a file; with merged `/usr`, `/lib` is `/usr/lib`."""
        owner = self.file_owners.get(path)
        if owner is None and path.startswith("usr/"):
            owner = self.file_owners.get(path.removeprefix("usr/"))
        return owner or self.file_owners.get(f"usr/{path}")

    def resolve_closure(
        self, names: Iterable[str], *, with_recommends: bool = False
    ) -> frozenset[str]:
        """Return the packages and all that they depend on."""
        closure: set[str] = set()
        pending = [name for name in names if name in self.packages]
        while pending:
            name = pending.pop()
            if name not in closure:
                closure.add(name)
                package = self.packages[name]
                requirements = (
                    *package.dependencies,
                    *(package.recommends if with_recommends else ()),
                )
                pending += [x for x in requirements if x in self.packages]
        return frozenset(closure)


def read_package_graph(contents: ImageContents) -> PackageGraph:
    """Read the packages of dpkg or apk; an empty graph for any other installer."""
    status = contents.read(_DPKG_STATUS_PATH)
    if status:
        return PackageGraph(
            {x.name: x for x in _parse_dpkg_status(status.decode(errors="replace"))},
            _read_dpkg_owners(contents),
        )
    installed = contents.read(_APK_DATABASE_PATH)
    return _parse_apk_database(installed.decode(errors="replace")) if installed else PackageGraph()


def _parse_dpkg_status(text: str) -> Iterator[SystemPackage]:
    for paragraph in text.split("\n\n"):
        fields = dict(x.split(": ", 1) for x in paragraph.split("\n") if ": " in x[:40])
        if "ok installed" not in fields.get("Status", ""):
            continue
        relations = f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}"
        yield SystemPackage(
            fields["Package"],
            tuple(_parse_relations(relations)),
            tuple(_parse_relations(fields.get("Recommends", ""))),
            int(fields.get("Installed-Size", "0")) * 1024,
        )


def _parse_relations(relations: str) -> Iterator[str]:
    """Yield the names in `libc6 (>= 2.34), debconf | debconf-2.0`."""
    for relation in _RELATION_SEPARATOR.split(relations):
        name = relation.strip().partition(" ")[0].partition(":")[0]
        if name:
            yield name


def _read_dpkg_owners(contents: ImageContents) -> Mapping[str, str]:
    lists = contents.read_below(
        _DPKG_INFO_PATH, lambda path, size: path.endswith(".list") and size < _MAX_LIST_BYTES
    )
    return {
        line[1:]: name
        for path, data in lists
        for name in [path.rpartition("/")[2].removesuffix(".list").partition(":")[0]]
        for line in data.decode(errors="surrogateescape").split("\n")
        if len(line) > 1
    }


def _parse_apk_database(text: str) -> PackageGraph:
    """Parse Alpine's database: `P:` name, `D:` dependencies, `F:` folder, `R:` file.

    See "Apk spec" in Alpine's wiki.
    """
    packages: dict[str, SystemPackage] = {}
    owners: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        name = folder = ""
        dependencies: list[str] = []
        for line in paragraph.split("\n"):
            key, _, value = line.partition(":")
            match key:
                case "P":
                    name = value
                case "D":
                    dependencies = [re.split(r"[<>=~]", x)[0] for x in value.split()]
                case "F":
                    folder = value
                case "R":
                    owners[f"{folder}/{value}".lstrip("/")] = name
        if name:
            packages[name] = SystemPackage(name, tuple(dependencies))
    return PackageGraph(packages, owners)
