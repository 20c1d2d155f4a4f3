"""Node's packages: npm's, pnpm's and yarn's node_modules, and the archives that yarn runs from."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from bot.image.packages.layer_files import LayerFiles, parse_string
from bot.image.packages.package import Package

_LOCK_NAME = ".package-lock.json"
_MANIFEST_NAME = "package.json"
ENDINGS = ("json",)
MAX_DATABASE_BYTES = 8 << 20
_MODULES_FOLDER = "node_modules/"
_PNPM_STORE_FOLDER = "/.pnpm/"  # <name>@<version>_<peers>/node_modules/<name>
_YARN_ARCHIVE_PATTERN = re.compile(
    r"(?P<name>@?.+)-npm-(?P<version>.+)-[0-9a-f]{10}-[0-9a-f]+\.zip"
)


def is_database(path: str) -> bool:
    """Whether a file describes what is installed, and not what a package happens to hold."""
    folder, _, name = path.rpartition("/")
    if name == _MANIFEST_NAME:
        return _parse_package_name(folder) is not None
    return name == _LOCK_NAME and folder.endswith("node_modules")


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """The packages by the directories they are in; the manifest in one knows better than the lock."""
    found: dict[str, Package] = {}
    for path in layer.paths:
        if path.endswith(f"/{_MANIFEST_NAME}") and _PNPM_STORE_FOLDER in path:
            found |= {package.directories[0]: package for package in _parse_pnpm_path(path)}
    for path in layer.find_named(_LOCK_NAME):
        found |= {package.directories[0]: package for package in _read_lock(layer, path)}
    for path in layer.find_named(_MANIFEST_NAME):
        folder = posixpath.dirname(path)
        about = layer.read_json(path)
        found[folder] = _make_package(folder, about if isinstance(about, dict) else {})
    yield from found.values()
    yield from _read_yarn_archives(layer)


def make_locked_manifest_filter(paths: Iterable[str]) -> Callable[[str], bool]:
    """Which of these files are manifests that a lock beside them repeats."""
    locked = tuple(
        path.removesuffix(_LOCK_NAME) for path in paths if path.endswith("/" + _LOCK_NAME)
    )
    return lambda path: bool(locked) and path.endswith(_MANIFEST_NAME) and path.startswith(locked)


def _parse_pnpm_path(manifest: str) -> Iterator[Package]:
    """A package as pnpm's directories tell of it: its manifest may be a link without content."""
    folder = posixpath.dirname(manifest)
    name = _parse_package_name(folder)
    if name:
        full_name = folder.rpartition(_PNPM_STORE_FOLDER)[2].partition("/")[0]
        version = full_name.removeprefix(name.replace("/", "+") + "@")
        yield Package("npm", name, re.split(r"[_(]", version)[0], directories=(folder,))


def _read_lock(layer: LayerFiles, lock: str) -> Iterator[Package]:
    """What npm wrote down of a whole node_modules; its keys are relative to the project."""
    project = posixpath.dirname(posixpath.dirname(lock))
    document = layer.read_json(lock)
    listed = document.get("packages") if isinstance(document, dict) else None
    for place, about in listed.items() if isinstance(listed, dict) else ():
        folder = posixpath.join(project, place)
        if isinstance(about, dict) and not about.get("link") and _parse_package_name(folder):
            yield _make_package(folder, about)


def _make_package(folder: str, metadata: dict[str, object]) -> Package:
    """An alias is installed in another directory than that of its name."""
    name = parse_string(metadata.get("name")) or _parse_package_name(folder) or folder
    return Package("npm", name, parse_string(metadata.get("version")), directories=(folder,))


def _parse_package_name(folder: str) -> str | None:
    """The package that a directory is named for; None if it is not directly in node_modules."""
    before, modules, name = folder.rpartition(_MODULES_FOLDER)
    if not modules or name.count("/") != name.startswith("@") or (before and before[-1] != "/"):
        return None
    return name


def _read_yarn_archives(layer: LayerFiles) -> Iterator[Package]:
    """Yarn's cache: the slug of a scoped name has a hyphen for its slash."""
    for path in layer.paths:
        if path.endswith(".zip") and "-npm-" in path:
            match = _YARN_ARCHIVE_PATTERN.fullmatch(path.rpartition("/")[2])
            if match:
                scoped = match["name"].startswith("@")
                name = match["name"].replace("-", "/", 1) if scoped else match["name"]
                yield Package("npm", name, match["version"], (path,))
