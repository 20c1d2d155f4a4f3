"""Node's packages: npm's, pnpm's and yarn's node_modules, and the archives that yarn runs from."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from bot.image.packages.layer_files import Evidence, as_text
from bot.image.packages.package import Package

_LOCK = ".package-lock.json"
_MANIFEST = "package.json"
ENDINGS = ("json",)
MAX_SIZE = 8 << 20
_MODULES = "node_modules/"
_STORE = "/.pnpm/"  # <name>@<version>_<peers>/node_modules/<name>
_YARN = re.compile(r"(?P<name>@?.+)-npm-(?P<version>.+)-[0-9a-f]{10}-[0-9a-f]+\.zip")


def wants(path: str) -> bool:
    """Whether a file describes what is installed, and not what a package happens to hold."""
    folder, _, name = path.rpartition("/")
    if name == _MANIFEST:
        return _name(folder) is not None
    return name == _LOCK and folder.endswith("node_modules")


def packages(layer: Evidence) -> Iterator[Package]:
    """The packages by the directories they are in; the manifest in one knows better than the lock."""
    found: dict[str, Package] = {}
    for path in layer.paths:
        if path.endswith(f"/{_MANIFEST}") and _STORE in path:
            found |= {package.directories[0]: package for package in _stored(path)}
    for path in layer.named(_LOCK):
        found |= {package.directories[0]: package for package in _locked(layer, path)}
    for path in layer.named(_MANIFEST):
        folder = posixpath.dirname(path)
        about = layer.json(path)
        found[folder] = _package(folder, about if isinstance(about, dict) else {})
    yield from found.values()
    yield from _zipped(layer)


def gathered(paths: Iterable[str]) -> Callable[[str], bool]:
    """Which of these files are manifests that a lock beside them repeats."""
    locked = tuple(path.removesuffix(_LOCK) for path in paths if path.endswith("/" + _LOCK))
    return lambda path: bool(locked) and path.endswith(_MANIFEST) and path.startswith(locked)


def _stored(manifest: str) -> Iterator[Package]:
    """A package as pnpm's directories tell of it: its manifest may be a link without content."""
    folder = posixpath.dirname(manifest)
    name = _name(folder)
    if name:
        full_name = folder.rpartition(_STORE)[2].partition("/")[0]
        version = full_name.removeprefix(name.replace("/", "+") + "@")
        yield Package("npm", name, re.split(r"[_(]", version)[0], directories=(folder,))


def _locked(layer: Evidence, lock: str) -> Iterator[Package]:
    """What npm wrote down of a whole node_modules; its keys are relative to the project."""
    project = posixpath.dirname(posixpath.dirname(lock))
    document = layer.json(lock)
    listed = document.get("packages") if isinstance(document, dict) else None
    for place, about in listed.items() if isinstance(listed, dict) else ():
        folder = posixpath.join(project, place)
        if isinstance(about, dict) and not about.get("link") and _name(folder):
            yield _package(folder, about)


def _package(folder: str, about: dict[str, object]) -> Package:
    """An alias is installed in another directory than that of its name."""
    name = as_text(about.get("name")) or _name(folder) or folder
    return Package("npm", name, as_text(about.get("version")), directories=(folder,))


def _name(folder: str) -> str | None:
    """The package that a directory is named for; None if it is not directly in node_modules."""
    before, modules, name = folder.rpartition(_MODULES)
    if not modules or name.count("/") != name.startswith("@") or (before and before[-1] != "/"):
        return None
    return name


def _zipped(layer: Evidence) -> Iterator[Package]:
    """Yarn's cache: the slug of a scoped name has a hyphen for its slash."""
    for path in layer.paths:
        if path.endswith(".zip") and "-npm-" in path:
            match = _YARN.fullmatch(path.rpartition("/")[2])
            if match:
                scoped = match["name"].startswith("@")
                name = match["name"].replace("-", "/", 1) if scoped else match["name"]
                yield Package("npm", name, match["version"], (path,))
