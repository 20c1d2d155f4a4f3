"""Ruby's gems, by the paths that RubyGems and Bundler install; no content is needed."""

import re
from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package

# `nokogiri-1.16.0-x86_64-linux`: a name, a version, and perhaps a platform.
_FULL_NAME_PATTERN = re.compile(r"(?P<name>.+)-(?P<version>\d[\w.]*)(?:-[A-Za-z].*)?")
_EXTENSIONS_FOLDER = "/extensions/"
# NAME_MAX of Linux; the pattern takes time in the square of the length.
_MAX_NAME_LENGTH = 255


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield a package for each specification and for each folder of compiled extensions."""
    compiled = set()
    for path in layer.paths:
        if path.endswith(".gemspec"):
            yield from _parse_gemspec_path(path)
        elif _EXTENSIONS_FOLDER in path:
            home, _, subfolder = path.partition(_EXTENSIONS_FOLDER)
            compiled.add((home, "/".join(subfolder.split("/", 3)[:3])))
    for home, subfolder in sorted(compiled):
        yield from _make_package(
            subfolder.rpartition("/")[2], (), (f"{home}{_EXTENSIONS_FOLDER}{subfolder}",)
        )


def _parse_gemspec_path(gemspec: str) -> Iterator[Package]:
    """Yield the gem of a file in `specifications/` or `specifications/default/`."""
    folder, _, name = gemspec.rpartition("/")
    home, _, subfolder = folder.removesuffix("/default").rpartition("specifications")
    if not subfolder and (home or folder.startswith("specifications")):
        full_name = name.removesuffix(".gemspec")
        archive = f"{home}cache/{full_name}.gem"
        directories = (f"{home}gems/{full_name}", f"{home}doc/{full_name}")
        yield from _make_package(full_name, (gemspec, archive), directories)


def _make_package(
    full_name: str, files: tuple[str, ...], directories: tuple[str, ...]
) -> Iterator[Package]:
    match = _FULL_NAME_PATTERN.fullmatch(full_name[:_MAX_NAME_LENGTH])
    if match:
        yield Package("gem", match["name"], match["version"], files, directories)
