"""Ruby's gems: told by the names of what RubyGems and Bundler install, no content is needed."""

import re
from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

# `nokogiri-1.16.0-x86_64-linux`: a name, a version, and perhaps a platform.
_FULL_NAME_PATTERN = re.compile(r"(?P<name>.+)-(?P<version>\d[\w.]*)(?:-[A-Za-z].*)?")
_EXTENSIONS_FOLDER = "/extensions/"
_MAX_NAME_LENGTH = 255


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """A package for each specification, and for each directory of what was compiled for one."""
    compiled = set()
    for path in layer.paths:
        if path.endswith(".gemspec"):
            yield from _parse_gemspec_path(path)
        elif _EXTENSIONS_FOLDER in path:
            home, _, below = path.partition(_EXTENSIONS_FOLDER)
            compiled.add((home, "/".join(below.split("/", 3)[:3])))
    for home, below in sorted(compiled):
        yield from _make_package(
            below.rpartition("/")[2], (), (f"{home}{_EXTENSIONS_FOLDER}{below}",)
        )


def _parse_gemspec_path(gemspec: str) -> Iterator[Package]:
    """The gem of a specification in `specifications/` or `specifications/default/`."""
    folder, _, name = gemspec.rpartition("/")
    home, _, last = folder.removesuffix("/default").rpartition("specifications")
    if not last and (home or folder.startswith("specifications")):
        full_name = name.removesuffix(".gemspec")
        archive = f"{home}cache/{full_name}.gem"
        places = (f"{home}gems/{full_name}", f"{home}doc/{full_name}")
        yield from _make_package(full_name, (gemspec, archive), places)


def _make_package(
    full_name: str, files: tuple[str, ...], directories: tuple[str, ...]
) -> Iterator[Package]:
    match = _FULL_NAME_PATTERN.fullmatch(full_name[:_MAX_NAME_LENGTH])
    if match:
        yield Package("gem", match["name"], match["version"], files, directories)
