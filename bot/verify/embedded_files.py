"""Files that a compiler has put into the program: `//go:embed`, `include_str!`, a jar's resources."""

import posixpath
import re
from collections.abc import Iterator, Mapping

_GO = re.compile(r"^\s*//go:embed\s+(.+)$", re.MULTILINE)
_RUST = re.compile(r'include_(?:str|bytes)!\s*\(\s*"([^"]+)"\s*\)|#\[folder\s*=\s*"([^"]+)"')
_RUST_TEMPLATES = re.compile(r'#\[template\s*\([^)]*path\s*=\s*"([^"]+)"')
_RUST_DIR = re.compile(
    r'include_dir!\s*\(\s*"(?:\$CARGO_MANIFEST_DIR/)?([^"]+)"|migrate!\s*\(\s*(?:"([^"]+)")?'
)
_RESOURCES = re.compile(r"(?:^|/)src/(?:main|test)/resources/")


def embedded(sources: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern of the paths that sources ask their compiler to take in; a folder with all below."""
    places = {place for path, text in sources.items() for place in _places(path, text)}
    parts = [_as_pattern(place) for place in sorted(places)]
    return re.compile("|".join([*parts, r"(?!)"]))


def is_resource(path: str) -> bool:
    """Whether a jar's build takes a file in by convention."""
    return bool(_RESOURCES.search(path))


def _places(path: str, text: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    if path.endswith(".go"):
        for line in _GO.findall(text):
            for word in re.findall(r'"([^"]+)"|`([^`]+)`|(\S+)', line):
                name = next(part for part in word if part).removeprefix("all:")
                yield posixpath.normpath(posixpath.join(folder, name))
    elif path.endswith(".rs"):
        crate = _crate(folder)
        for file, below in _RUST.findall(text):
            start = folder if file else crate
            yield posixpath.normpath(posixpath.join(start, file or below))
        for name in _RUST_TEMPLATES.findall(text):
            yield posixpath.normpath(posixpath.join(crate, "templates", name))
        for name, migrations in _RUST_DIR.findall(text):
            yield posixpath.normpath(posixpath.join(crate, name or migrations or "migrations"))


def _crate(folder: str) -> str:
    """The folder of a crate, going by a source in its `src`."""
    above, found, _ = f"/{folder}/".rpartition("/src/")
    return above.strip("/") if found else folder


def _as_pattern(place: str) -> str:
    wild = {"*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(letter, re.escape(letter)) for letter in place)
    return rf"^{body}(?:/.*)?$"
