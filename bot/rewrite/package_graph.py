"""The packages that a distribution's own installer brought: whose a file is, and who needs whom."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.image.filesystem.contents import Contents

_STATUS = "var/lib/dpkg/status"
_INFO = "var/lib/dpkg/info"
_APK = "lib/apk/db/installed"
_LARGEST = 64 << 20
_RELATION = re.compile(r"[|,]")
# What `debootstrap --variant=minbase` installs, and so what the slim images of Debian hold: the
# essential packages, those of priority required, apt, and what all these depend on.
_IN_SLIM = ("required",)


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package: what it needs (its first alternatives), and whether every slim image has it."""

    name: str
    needs: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    is_basic: bool = False
    size: int = 0


@dataclass(frozen=True)
class System:
    """All packages of an image by name, and the owner of each of their files by path."""

    packages: Mapping[str, SystemPackage] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def owner(self, path: str) -> str | None:
        """The package that a file belongs to, also where `/lib` is a link to `/usr/lib`."""
        found = self.owners.get(path)
        if found is None and path.startswith("usr/"):
            found = self.owners.get(path.removeprefix("usr/"))
        return found or self.owners.get(f"usr/{path}")

    def closure(self, names: Iterable[str], *, recommended: bool = False) -> frozenset[str]:
        """The packages and all that they depend on."""
        found: set[str] = set()
        left = [name for name in names if name in self.packages]
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                package = self.packages[name]
                more = (*package.needs, *(package.recommends if recommended else ()))
                left += [x for x in more if x in self.packages]
        return frozenset(found)

    @cached_property
    def basic(self) -> frozenset[str]:
        """What every slim image of the distribution has."""
        return self.closure([x.name for x in self.packages.values() if x.is_basic] + ["apt"])


def read_system(files: Contents) -> System:
    """The packages of dpkg or apk; none of another installer."""
    status = files.read(_STATUS)
    if status:
        return System(
            {x.name: x for x in _of_dpkg(status.decode(errors="replace"))}, _owners(files)
        )
    installed = files.read(_APK)
    return _of_apk(installed.decode(errors="replace")) if installed else System()


def _of_dpkg(text: str) -> Iterator[SystemPackage]:
    for paragraph in text.split("\n\n"):
        fields = dict(x.split(": ", 1) for x in paragraph.split("\n") if ": " in x[:40])
        if "ok installed" not in fields.get("Status", ""):
            continue
        needs = f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}"
        yield SystemPackage(
            fields["Package"],
            tuple(_names(needs)),
            tuple(_names(fields.get("Recommends", ""))),
            fields.get("Essential") == "yes" or fields.get("Priority") in _IN_SLIM,
            int(fields.get("Installed-Size", "0")) * 1024,
        )


def _names(relations: str) -> Iterator[str]:
    """`libc6`, `debconf`, `debconf-2.0` of `libc6 (>= 2.34), debconf | debconf-2.0`."""
    for relation in _RELATION.split(relations):
        name = relation.strip().partition(" ")[0].partition(":")[0]
        if name:
            yield name


def _owners(files: Contents) -> Mapping[str, str]:
    lists = files.below(_INFO, lambda path, size: path.endswith(".list") and size < _LARGEST)
    return {
        line[1:]: name
        for path, data in lists
        for name in [path.rpartition("/")[2].removesuffix(".list").partition(":")[0]]
        for line in data.decode(errors="surrogateescape").split("\n")
        if len(line) > 1
    }


def _of_apk(text: str) -> System:
    """Alpine's database: `P:` name, `D:` needs, `F:` folder, `R:` file (apk's wiki, "Apk spec")."""
    packages: dict[str, SystemPackage] = {}
    owners: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        name = folder = ""
        needs: list[str] = []
        for line in paragraph.split("\n"):
            key, _, value = line.partition(":")
            match key:
                case "P":
                    name = value
                case "D":
                    needs = [re.split(r"[<>=~]", x)[0] for x in value.split()]
                case "F":
                    folder = value
                case "R":
                    owners[f"{folder}/{value}".lstrip("/")] = name
        if name:
            packages[name] = SystemPackage(name, tuple(needs), is_basic=name == "alpine-baselayout")
    return System(packages, owners)
