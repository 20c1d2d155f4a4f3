"""Python's packages: the metadata that pip, uv and setuptools leave beside the modules."""

import posixpath
import re
from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

_EGG_INFO_SUFFIX = ".egg-info"
_EGG_INFO_FILES = tuple(
    f"{_EGG_INFO_SUFFIX}/{name}" for name in ("PKG-INFO", "top_level.txt", "installed-files.txt")
)
_DATABASE_SUFFIXES = (".dist-info/RECORD", *_EGG_INFO_FILES, _EGG_INFO_SUFFIX)
ENDINGS = tuple({ending.rpartition(".")[2] for ending in _DATABASE_SUFFIXES})
MAX_DATABASE_BYTES = 8 << 20
_BYTECODE_FOLDER = "__pycache__"  # PEP 3147


def is_database(path: str) -> bool:
    """Return True for a file of metadata that installers leave."""
    return path.endswith(_DATABASE_SUFFIXES)


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield a package for each dist-info and each egg-info."""
    for path in layer.find_named("RECORD"):
        yield _read_wheel(layer, path)
    for path in layer.contents:
        if path.endswith((".egg-info", ".egg-info/PKG-INFO")):
            yield _read_egg(layer, path)


def find_source_folder(folder: str) -> str | None:
    """Return the folder of the sources of a `__pycache__`; None for another folder."""
    parent, _, name = folder.rpartition("/")
    return parent if name == _BYTECODE_FOLDER else None


def get_source_name(name: str) -> str:
    """Return the module that `module.cpython-312.opt-1.pyc` was compiled from."""
    return name.partition(".")[0] + ".py"


def _read_wheel(layer: LayerFiles, record: str) -> Package:
    info_folder = posixpath.dirname(record)
    site, _, full_name = info_folder.rpartition("/")
    name, _, version = full_name.removesuffix(".dist-info").rpartition("-")
    files = (_parse_record_path(line) for line in layer.read_lines(record) if line)
    return Package(
        "pypi",
        normalise_name(name),
        version or None,
        tuple(layer.budget.count(_join_path(site, x)) for x in files),
        (info_folder,),
    )


def _read_egg(layer: LayerFiles, info: str) -> Package:
    """Read an egg-info, which is a folder with a PKG-INFO or only that file."""
    info_folder = info.removesuffix("/PKG-INFO")
    site, _, full_name = info_folder.rpartition("/")
    name, _, version_and_tag = full_name.removesuffix(_EGG_INFO_SUFFIX).partition("-")
    # Reversed, so that the first of several lines with one key wins; a description comes after.
    fields = dict(line.partition(": ")[::2] for line in reversed(layer.read_lines(info)[:100]))
    version = fields.get("Version") or version_and_tag.partition("-py")[0]
    installed = [
        layer.budget.count(_join_path(info_folder, line))
        for line in _read_non_empty_lines(layer, f"{info_folder}/installed-files.txt")
    ]
    top_level = [] if installed else _read_non_empty_lines(layer, f"{info_folder}/top_level.txt")
    modules = [layer.budget.count(_join_path(site, module)) for module in top_level]
    return Package(
        "pypi",
        normalise_name(fields.get("Name") or name),
        version or None,
        (info, *installed, *(f"{module}.py" for module in modules)),
        (info_folder, *modules),
    )


def _read_non_empty_lines(layer: LayerFiles, path: str) -> list[str]:
    return [line.strip() for line in layer.read_lines(path) if line.strip()]


def _parse_record_path(line: str) -> str:
    """Return the path in a line of a RECORD, `path,digest,size`."""
    return line.rpartition(",")[0].rpartition(",")[0].strip('"')


def _join_path(folder: str, path: str) -> str:
    """Join a path relative to the root; normalised only if needed, as most have no dots."""
    if path.startswith((".", "/")) or "/../" in path:
        return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
    return f"{folder}/{path}" if folder else path


def normalise_name(name: str) -> str:
    """Return the normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
