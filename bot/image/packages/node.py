"""Node's packages: npm's, pnpm's and yarn's node_modules, and the archives that yarn runs from."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from bot.image.packages.layer_files import LayerFiles, parse_string
from bot.image.packages.package import Package

# The hidden lock file that npm 7 and later write into node_modules.
_LOCK_NAME = ".package-lock.json"
_MANIFEST_NAME = "package.json"
ENDINGS = ("json",)
MAX_DATABASE_BYTES = 8 << 20
_MODULES_FOLDER = "node_modules/"
_PNPM_STORE_FOLDER = "/.pnpm/"  # <name>@<version>_<peers>/node_modules/<name>
# `lodash-npm-4.17.21-6382451519-eb835a2e51.zip`: slug, version, and two checksums.
_YARN_ARCHIVE_PATTERN = re.compile(
    r"(?P<name>@?.+)-npm-(?P<version>.+)-[0-9a-f]{10}-[0-9a-f]+\.zip"
)


def is_database(path: str) -> bool:
    """Return True for a file about an installed package, not a fixture inside of one."""
    folder, _, name = path.rpartition("/")
    if name == _MANIFEST_NAME:
        return _parse_package_name(folder) is not None
    return name == _LOCK_NAME and folder.endswith("node_modules")


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages by directory; a package's own manifest overrides the lock file."""
    packages: dict[str, Package] = {}
    for path in layer.paths:
        if path.endswith(f"/{_MANIFEST_NAME}") and _PNPM_STORE_FOLDER in path:
            packages |= {package.directories[0]: package for package in _parse_pnpm_path(path)}
    for path in layer.find_named(_LOCK_NAME):
        packages |= {package.directories[0]: package for package in _read_lock(layer, path)}
    for path in layer.find_named(_MANIFEST_NAME):
        folder = posixpath.dirname(path)
        metadata = layer.read_json(path)
        packages[folder] = _make_package(folder, metadata if isinstance(metadata, dict) else {})
    yield from packages.values()
    yield from _read_yarn_archives(layer)


def make_locked_manifest_filter(paths: Iterable[str]) -> Callable[[str], bool]:
    """Create a predicate for manifests that a lock file beside them repeats."""
    locked = tuple(
        path.removesuffix(_LOCK_NAME) for path in paths if path.endswith("/" + _LOCK_NAME)
    )
    return lambda path: bool(locked) and path.endswith(_MANIFEST_NAME) and path.startswith(locked)


def _parse_pnpm_path(manifest: str) -> Iterator[Package]:
    """Yield the package of a path in pnpm's store, where the manifest may have no content."""
    folder = posixpath.dirname(manifest)
    name = _parse_package_name(folder)
    if name:
        full_name = folder.rpartition(_PNPM_STORE_FOLDER)[2].partition("/")[0]
        version = full_name.removeprefix(name.replace("/", "+") + "@")
        yield Package("npm", name, re.split(r"[_(]", version)[0], directories=(folder,))


def _read_lock(layer: LayerFiles, lock: str) -> Iterator[Package]:
    """Yield the packages of npm's hidden lock file; its keys are relative to the project."""
    project = posixpath.dirname(posixpath.dirname(lock))
    document = layer.read_json(lock)
    entries = document.get("packages") if isinstance(document, dict) else None
    for location, metadata in entries.items() if isinstance(entries, dict) else ():
        folder = layer.budget.count(posixpath.join(project, location))
        if isinstance(metadata, dict) and not metadata.get("link") and _parse_package_name(folder):
            yield _make_package(folder, metadata)


def _make_package(folder: str, metadata: dict[str, object]) -> Package:
    """Create a package; the directory of an alias differs from the package's name."""
    name = parse_string(metadata.get("name")) or _parse_package_name(folder) or folder
    return Package("npm", name, parse_string(metadata.get("version")), directories=(folder,))


def _parse_package_name(folder: str) -> str | None:
    """Return the package of a directory; None if it is not directly in node_modules."""
    prefix, marker, name = folder.rpartition(_MODULES_FOLDER)
    if not marker or name.count("/") != name.startswith("@") or (prefix and prefix[-1] != "/"):
        return None
    return name


def _read_yarn_archives(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages in Yarn's cache, which writes a scope's slash as a hyphen."""
    for path in layer.paths:
        if path.endswith(".zip") and "-npm-" in path:
            match = _YARN_ARCHIVE_PATTERN.fullmatch(path.rpartition("/")[2])
            if match:
                scoped = match["name"].startswith("@")
                name = match["name"].replace("-", "/", 1) if scoped else match["name"]
                yield Package("npm", name, match["version"], (path,))
