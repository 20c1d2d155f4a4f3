"""Folders in which Go projects keep the modules that their build compiles: `vendor`."""

import posixpath
import re
from collections.abc import Callable, Container, Iterable, Mapping

# What the tools that fill such a folder write: to it (`go mod vendor`, govendor, gvt), or beside
# it (dep, glide, godep, vndr).
_INSIDE = ("modules.txt", "vendor.json", "manifest")
_BESIDE = ("Gopkg.lock", "glide.lock", "Godeps/Godeps.json", "vendor.conf")
_BELOW_VENDOR = re.compile(r"(?:^|/)vendor/")
# A path that a source opens or serves: `"vendor/x.html"`, `http.Dir("./vendor")`.
_READ = re.compile(r"[\"'`](?:[\w.-]*/)*vendor[/\"'`]")


def make_vendored_module_matcher(
    tree: Container[str], sources: Mapping[str, str]
) -> Callable[[str], bool]:
    """Return a predicate for files of vendored Go modules, unless a source may read them."""
    is_read = any(map(_READ.search, sources.values()))
    folders: dict[str, bool] = {}

    def is_vendored(path: str) -> bool:
        for folder in () if is_read else _list_vendor_folders(path):
            if folder not in folders:
                folders[folder] = is_module_folder(folder, tree)
            if folders[folder]:
                return True
        return False

    return is_vendored


def is_module_folder(folder: str, tree: Container[str]) -> bool:
    """Return True if a tool for modules of Go filled a folder `vendor`."""
    project = posixpath.dirname(folder)
    names = [posixpath.join(folder, name) for name in _INSIDE]
    names += [posixpath.join(project, name) for name in _BESIDE]
    return any(name in tree for name in names)


def _list_vendor_folders(path: str) -> Iterable[str]:
    """Yield the folders `vendor` that a file is in, the outermost first."""
    return (path[: match.end() - 1] for match in _BELOW_VENDOR.finditer(path))
