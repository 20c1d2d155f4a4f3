"""Ruby's gems: told by the names of what RubyGems and Bundler install, no content is needed."""

import re
from collections.abc import Iterator

from bot.image.packages.layer_files import Evidence
from bot.image.packages.package import Package

# `nokogiri-1.16.0-x86_64-linux`: a name, a version, and perhaps a platform.
_FULL_NAME = re.compile(r"(?P<name>.+)-(?P<version>\d[\w.]*)(?:-[A-Za-z].*)?")
_EXTENSIONS = "/extensions/"
_MAX_NAME = 255


def packages(layer: Evidence) -> Iterator[Package]:
    """A package for each specification, and for each directory of what was compiled for one."""
    compiled = set()
    for path in layer.paths:
        if path.endswith(".gemspec"):
            yield from _specified(path)
        elif _EXTENSIONS in path:
            home, _, below = path.partition(_EXTENSIONS)
            compiled.add((home, "/".join(below.split("/", 3)[:3])))
    for home, below in sorted(compiled):
        yield from _gem(below.rpartition("/")[2], (), (f"{home}{_EXTENSIONS}{below}",))


def _specified(gemspec: str) -> Iterator[Package]:
    """The gem of a specification in `specifications/` or `specifications/default/`."""
    folder, _, name = gemspec.rpartition("/")
    home, _, last = folder.removesuffix("/default").rpartition("specifications")
    if not last and (home or folder.startswith("specifications")):
        full_name = name.removesuffix(".gemspec")
        archive = f"{home}cache/{full_name}.gem"
        places = (f"{home}gems/{full_name}", f"{home}doc/{full_name}")
        yield from _gem(full_name, (gemspec, archive), places)


def _gem(full_name: str, files: tuple[str, ...], directories: tuple[str, ...]) -> Iterator[Package]:
    match = _FULL_NAME.fullmatch(full_name[:_MAX_NAME])
    if match:
        yield Package("gem", match["name"], match["version"], files, directories)
