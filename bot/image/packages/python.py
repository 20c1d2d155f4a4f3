"""Python's packages: what pip, uv and setuptools leave beside the modules they install."""

import posixpath
import re
from collections.abc import Iterator

from bot.image.packages.layer_files import Evidence
from bot.image.packages.package import Package

_EGG = ".egg-info"
_EGG_FILES = tuple(
    f"{_EGG}/{name}" for name in ("PKG-INFO", "top_level.txt", "installed-files.txt")
)
_DATABASES = (".dist-info/RECORD", *_EGG_FILES, _EGG)
ENDINGS = tuple({ending.rpartition(".")[2] for ending in _DATABASES})
MAX_SIZE = 8 << 20
_CACHE = "__pycache__"


def wants(path: str) -> bool:
    """Whether a file is one that installers leave."""
    return path.endswith(_DATABASES)


def packages(layer: Evidence) -> Iterator[Package]:
    """A package for each dist-info and each egg-info."""
    for path in layer.named("RECORD"):
        yield _wheel(layer, path)
    for path in layer.contents:
        if path.endswith((".egg-info", ".egg-info/PKG-INFO")):
            yield _egg(layer, path)


def compiled_from(folder: str) -> str | None:
    """The directory of the sources whose compiled form is in a directory; None if it has none."""
    parent, _, name = folder.rpartition("/")
    return parent if name == _CACHE else None


def source(name: str) -> str:
    """The module that `module.cpython-312.opt-1.pyc` was compiled from."""
    return name.partition(".")[0] + ".py"


def _wheel(layer: Evidence, record: str) -> Package:
    about = posixpath.dirname(record)
    site, _, label = about.rpartition("/")
    name, _, version = label.removesuffix(".dist-info").rpartition("-")
    files = (_column(line) for line in layer.lines(record) if line)
    return Package(
        "pypi", _canonical(name), version or None, tuple(_inside(site, x) for x in files), (about,)
    )


def _egg(layer: Evidence, info: str) -> Package:
    """An egg-info is a directory, or only the file that it would have as PKG-INFO."""
    about = info.removesuffix("/PKG-INFO")
    site, _, label = about.rpartition("/")
    name, _, rest = label.removesuffix(_EGG).partition("-")
    fields = dict(line.partition(": ")[::2] for line in reversed(layer.lines(info)[:100]))
    version = fields.get("Version") or rest.partition("-py")[0]
    listed = [_inside(about, line) for line in _filled(layer, f"{about}/installed-files.txt")]
    named = [] if listed else _filled(layer, f"{about}/top_level.txt")
    modules = [_inside(site, module) for module in named]
    return Package(
        "pypi",
        _canonical(fields.get("Name") or name),
        version or None,
        (info, *listed, *(f"{module}.py" for module in modules)),
        (about, *modules),
    )


def _filled(layer: Evidence, path: str) -> list[str]:
    return [line.strip() for line in layer.lines(path) if line.strip()]


def _column(line: str) -> str:
    """The path in a line of a RECORD, which is `path,digest,size`."""
    return line.rpartition(",")[0].rpartition(",")[0].strip('"')


def _inside(folder: str, path: str) -> str:
    """A path relative to the root; most have no dots, so most are only put together."""
    if path.startswith((".", "/")) or "/../" in path:
        return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
    return f"{folder}/{path}" if folder else path


def _canonical(name: str) -> str:
    """The one spelling of a name that all others are equal to."""
    return re.sub(r"[-_.]+", "-", name).lower()
