"""Files that a compiler embeds: `//go:embed`, `include_str!`, the resources of a jar."""

import posixpath
import re
from collections.abc import Iterator, Mapping

_GO_EMBED = re.compile(r"^\s*//go:embed\s+(.+)$", re.MULTILINE)
# `include_str!` and `include_bytes!` of the standard library, `#[folder = …]` of rust-embed.
_RUST_INCLUDE = re.compile(
    r'include_(?:str|bytes)!\s*\(\s*"([^"]+)"\s*\)|#\[folder\s*=\s*"([^"]+)"'
)
# `#[template(path = …)]` of askama, relative to the folder `templates` of the crate.
_RUST_TEMPLATE = re.compile(r'#\[template\s*\([^)]*path\s*=\s*"([^"]+)"')
# `include_dir!` of the crate of that name, and `migrate!` of sqlx, by default in `migrations`.
_RUST_INCLUDE_DIR = re.compile(
    r'include_dir!\s*\(\s*"(?:\$CARGO_MANIFEST_DIR/)?([^"]+)"|migrate!\s*\(\s*(?:"([^"]+)")?'
)
_JAVA_RESOURCE_PATH = re.compile(r"(?:^|/)src/(?:main|test)/resources/")


def make_embedded_pattern(sources: Mapping[str, str]) -> re.Pattern[str]:
    """Compile a pattern of the paths that sources embed; a folder includes all files below it."""
    embedded_paths = {
        embedded_path
        for path, text in sources.items()
        for embedded_path in _list_embedded_paths(path, text)
    }
    parts = [_make_path_pattern(embedded_path) for embedded_path in sorted(embedded_paths)]
    # `(?!)` never matches, where an empty alternative would match every path.
    return re.compile("|".join([*parts, r"(?!)"]))


def is_java_resource(path: str) -> bool:
    """Return True for files in the folders that Maven and Gradle pack into a jar by convention."""
    return bool(_JAVA_RESOURCE_PATH.search(path))


def _list_embedded_paths(path: str, text: str) -> Iterator[str]:
    """Yield the paths or globs that one source file embeds."""
    folder = posixpath.dirname(path)
    if path.endswith(".go"):
        for line in _GO_EMBED.findall(text):
            for word in re.findall(r'"([^"]+)"|`([^`]+)`|(\S+)', line):
                # With `all:` a folder includes files that begin with `.` or `_` (pkg.go.dev/embed).
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
    """Return the folder of a crate: the one above its `src`, or the source's own."""
    above, separator, _ = f"/{folder}/".rpartition("/src/")
    return above.strip("/") if separator else folder


def _make_path_pattern(path_glob: str) -> str:
    """Translate a glob of `//go:embed` into a regular expression."""
    wild = {"*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(letter, re.escape(letter)) for letter in path_glob)
    return rf"^{body}(?:/.*)?$"
