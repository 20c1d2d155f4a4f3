"""Files that a compiler has put into the program: `//go:embed`, `include_str!`, a jar's resources."""

import posixpath
import re
from collections.abc import Iterator, Mapping

_GO_EMBED = re.compile(r"^\s*//go:embed\s+(.+)$", re.MULTILINE)
_RUST_INCLUDE = re.compile(
    r'include_(?:str|bytes)!\s*\(\s*"([^"]+)"\s*\)|#\[folder\s*=\s*"([^"]+)"'
)
_RUST_TEMPLATE = re.compile(r'#\[template\s*\([^)]*path\s*=\s*"([^"]+)"')
_RUST_INCLUDE_DIR = re.compile(
    r'include_dir!\s*\(\s*"(?:\$CARGO_MANIFEST_DIR/)?([^"]+)"|migrate!\s*\(\s*(?:"([^"]+)")?'
)
_JAVA_RESOURCE_PATH = re.compile(r"(?:^|/)src/(?:main|test)/resources/")


def make_embedded_pattern(sources: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern of the paths that sources ask their compiler to take in; a folder with all below."""
    places = {place for path, text in sources.items() for place in _list_embedded_paths(path, text)}
    parts = [_make_path_pattern(place) for place in sorted(places)]
    return re.compile("|".join([*parts, r"(?!)"]))


def is_java_resource(path: str) -> bool:
    """Whether a jar's build takes a file in by convention."""
    return bool(_JAVA_RESOURCE_PATH.search(path))


def _list_embedded_paths(path: str, text: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    if path.endswith(".go"):
        for line in _GO_EMBED.findall(text):
            for word in re.findall(r'"([^"]+)"|`([^`]+)`|(\S+)', line):
                name = next(part for part in word if part).removeprefix("all:")
                yield posixpath.normpath(posixpath.join(folder, name))
    elif path.endswith(".rs"):
        crate = _get_crate_root(folder)
        for file, below in _RUST_INCLUDE.findall(text):
            start = folder if file else crate
            yield posixpath.normpath(posixpath.join(start, file or below))
        for name in _RUST_TEMPLATE.findall(text):
            yield posixpath.normpath(posixpath.join(crate, "templates", name))
        for name, migrations in _RUST_INCLUDE_DIR.findall(text):
            yield posixpath.normpath(posixpath.join(crate, name or migrations or "migrations"))


def _get_crate_root(folder: str) -> str:
    """The folder of a crate, going by a source in its `src`."""
    above, found, _ = f"/{folder}/".rpartition("/src/")
    return above.strip("/") if found else folder


def _make_path_pattern(path_glob: str) -> str:
    wild = {"*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(letter, re.escape(letter)) for letter in path_glob)
    return rf"^{body}(?:/.*)?$"
