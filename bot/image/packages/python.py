"""Python's packages: what pip, uv and setuptools leave beside the modules they install."""

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
_BYTECODE_FOLDER = "__pycache__"


def is_database(path: str) -> bool:
    """Whether a file is one that installers leave."""
    return path.endswith(_DATABASE_SUFFIXES)


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """A package for each dist-info and each egg-info."""
    for path in layer.find_named("RECORD"):
        yield _read_wheel(layer, path)
    for path in layer.contents:
        if path.endswith((".egg-info", ".egg-info/PKG-INFO")):
            yield _read_egg(layer, path)


def find_source_folder(folder: str) -> str | None:
    """The directory of the sources whose compiled form is in a directory; None if it has none."""
    parent, _, name = folder.rpartition("/")
    return parent if name == _BYTECODE_FOLDER else None


def get_source_name(name: str) -> str:
    """The module that `module.cpython-312.opt-1.pyc` was compiled from."""
    return name.partition(".")[0] + ".py"


def _read_wheel(layer: LayerFiles, record: str) -> Package:
    about = posixpath.dirname(record)
    site, _, label = about.rpartition("/")
    name, _, version = label.removesuffix(".dist-info").rpartition("-")
    files = (_parse_record_path(line) for line in layer.read_lines(record) if line)
    return Package(
        "pypi",
        _normalise_name(name),
        version or None,
        tuple(_join_path(site, x) for x in files),
        (about,),
    )


def _read_egg(layer: LayerFiles, info: str) -> Package:
    """An egg-info is a directory, or only the file that it would have as PKG-INFO."""
    about = info.removesuffix("/PKG-INFO")
    site, _, label = about.rpartition("/")
    name, _, rest = label.removesuffix(_EGG_INFO_SUFFIX).partition("-")
    fields = dict(line.partition(": ")[::2] for line in reversed(layer.read_lines(info)[:100]))
    version = fields.get("Version") or rest.partition("-py")[0]
    listed = [
        _join_path(about, line)
        for line in _read_non_empty_lines(layer, f"{about}/installed-files.txt")
    ]
    named = [] if listed else _read_non_empty_lines(layer, f"{about}/top_level.txt")
    modules = [_join_path(site, module) for module in named]
    return Package(
        "pypi",
        _normalise_name(fields.get("Name") or name),
        version or None,
        (info, *listed, *(f"{module}.py" for module in modules)),
        (about, *modules),
    )


def _read_non_empty_lines(layer: LayerFiles, path: str) -> list[str]:
    return [line.strip() for line in layer.read_lines(path) if line.strip()]


def _parse_record_path(line: str) -> str:
    """The path in a line of a RECORD, which is `path,digest,size`."""
    return line.rpartition(",")[0].rpartition(",")[0].strip('"')


def _join_path(folder: str, path: str) -> str:
    """A path relative to the root; most have no dots, so most are only put together."""
    if path.startswith((".", "/")) or "/../" in path:
        return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
    return f"{folder}/{path}" if folder else path


def _normalise_name(name: str) -> str:
    """The one spelling of a name that all others are equal to."""
    return re.sub(r"[-_.]+", "-", name).lower()
