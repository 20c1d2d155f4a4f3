"""The packages of the distribution's installer: owners of files, and dependencies."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.image.filesystem.contents import ImageContents
from bot.image.packages import apk, dpkg

_MAX_DIGITS = 15
_PART_SUFFIX = re.compile(r"-(?:minimal|base)$")
# Alternatives (`|`) count as if all were required: which one is installed, the status file shows.
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

    def find_program_owner(self, *paths: str) -> str | None:
        """Return the package that brings a program as a whole, by its paths, the called one first.

        `/usr/bin/python3` is a link of `python3-minimal`, which is a part of `python3`.
        """
        owner = next((x for x in map(self.find_owner, paths) if x), None)
        whole = _PART_SUFFIX.sub("", owner or "")
        if whole != owner and owner in self.resolve_closure([whole]):
            return whole
        return owner

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
    status = contents.read(dpkg.STATUS_FILE)
    if status:
        installed = _parse_dpkg_packages(status.decode(errors="replace").split("\n"))
        return PackageGraph({x.name: x for x in installed}, _read_dpkg_owners(contents))
    databases = (contents.read(path) for path in apk.ENDINGS)
    texts = (data.decode(errors="replace") for data in databases if data)
    packages = (package for text in texts for package in apk.parse_database(text.split("\n")))
    return _build_apk_graph(tuple(packages))


def _parse_dpkg_packages(lines: Iterable[str]) -> Iterator[SystemPackage]:
    for fields in dpkg.parse_status(lines):
        # `deinstall ok config-files`: a removed package is listed until its configuration goes.
        if "ok installed" not in fields.get("Status", ""):
            continue
        relations = f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}"
        yield SystemPackage(
            fields["Package"],
            tuple(_parse_relations(relations)),
            tuple(_parse_relations(fields.get("Recommends", ""))),
            # In KiB (deb-control(5)). The file is the image's: another text is no size.
            installed_bytes=_parse_number(fields.get("Installed-Size", "")) * 1024,
        )


def _parse_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < _MAX_DIGITS else 0


def _parse_relations(relations: str) -> Iterator[str]:
    """Yield the names in `libc6 (>= 2.34), debconf | debconf-2.0`."""
    for relation in _RELATION_SEPARATOR.split(relations):
        name = relation.strip().partition(" ")[0].partition(":")[0]
        if name:
            yield name


def _read_dpkg_owners(contents: ImageContents) -> Mapping[str, str]:
    lists = contents.read_below(
        dpkg.INFO_FOLDER.rstrip("/"),
        lambda path, size: path.endswith(".list") and size < dpkg.MAX_DATABASE_BYTES,
    )
    return {
        line[1:]: dpkg.parse_package_name(path)
        for path, data in lists
        for line in data.decode(errors="surrogateescape").split("\n")
        if len(line) > 1
    }


def _build_apk_graph(packages: Sequence[apk.ApkPackage]) -> PackageGraph:
    return PackageGraph(
        {package.name: SystemPackage(package.name, package.dependencies) for package in packages},
        {path: package.name for package in packages for path in package.files},
    )
