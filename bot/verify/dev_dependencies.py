"""Packages of a language that an image lost: development's own, by what its lock said of them."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bot.verify.build_residue import is_for_people
from bot.verify.image_pair import Piece
from bot.verify.python_packages import tools

_NODE = re.compile(r"^(?P<root>(?:.*?/)?)(?P<key>node_modules/.+)$")
_VENDOR = re.compile(r"^(?P<root>(?:.*?/)?)vendor/(?P<name>[^/]+/[^/]+)/")

_SCRIPT = re.compile(r"\.[cm]?js$")
_OF_TOOLS = re.compile(
    r"(?:^|/)(?:scripts|tools|bin/dev)/|(?:^|/)(?:gulpfile|Gruntfile|webpack|rollup|vite|jest|karma|babel|\.)[^/]*$|"
    r"\.(?:config|conf|setup)\.[cm]?js$"
)
_MADE_UP = re.compile(
    r"\b(?:require(?:\.resolve)?|import)\(\s*[^\s\"'`)]|\b(?:require|import)\(\s*`[^`]*\$\{"
)
_MODULE_NAME = re.compile(r"(?<![\w./-])(?:@[\w.-]+/)?[A-Za-z][\w.-]*(?![\w/-])")
_REQUIRED = re.compile(
    r"(?:\brequire\(|\bimport\(|\bfrom\s|\bimport\s)\s*[\"'`]((?:@[\w.-]+/)?[\w-][\w.-]*)"
)


def development(piece: Piece) -> Callable[[str], bool]:
    """Says of a file whether it is of a package that only development has."""
    is_python_tools = tools(piece)

    @cache
    def lock(root: str) -> Mapping[str, Any]:
        return _packages(_json(piece, f"{root}node_modules/.package-lock.json"))

    @cache
    def composer(root: str) -> frozenset[str]:
        found = _json(piece, f"{root}vendor/composer/installed.json")
        names = found.get("dev-package-names") if isinstance(found, dict) else None
        return frozenset(names if isinstance(names, list) else ())

    wanted = required(piece.sources) | _named_in_data(piece)

    def is_development(path: str) -> bool:
        if is_python_tools(path):
            return True
        if match := _NODE.match(path):
            return _name(match["key"]) not in wanted and _is_dev(lock(match["root"]), match["key"])
        if match := _VENDOR.match(path):
            return match["name"] in composer(match["root"])
        return False

    return is_development


def required(sources: Mapping[str, str]) -> frozenset[str]:
    """The Node modules that scripts load which are neither tests nor a tool's configuration: there a
    development dependency is one by mistake."""
    return frozenset(
        name
        for path, text in sources.items()
        if _SCRIPT.search(path) and not _OF_TOOLS.search(path) and not is_for_people(path)
        for name in _REQUIRED.findall(text)
    )


def _named_in_data(piece: Piece) -> frozenset[str]:
    """The names in the application's data, where its scripts load modules by names that they make up."""
    scripts = (text for path, text in piece.sources.items() if _SCRIPT.search(path))
    if not any(_MADE_UP.search(text) for text in scripts):
        return frozenset()
    return frozenset(x for text in piece.data.values() for x in _MODULE_NAME.findall(text))


def _name(key: str) -> str:
    """The module that a path below a project's root lies in: `node_modules/@a/b/x.js` in `@a/b`."""
    first, second, *_ = [*key.removeprefix("node_modules/").split("/"), "", ""]
    return f"{first}/{second}" if first.startswith("@") else first


def _is_dev(packages: Mapping[str, Any], path: str) -> bool:
    """Whether the lock calls the package of a file a development dependency; the deepest counts."""
    steps = path.split("/")
    for end in range(len(steps), 1, -1):
        told = packages.get("/".join(steps[:end]))
        if isinstance(told, dict):
            return bool(told.get("dev") or told.get("devOptional"))
    return False


def _packages(lock: Any) -> Mapping[str, Any]:
    found = lock.get("packages") if isinstance(lock, dict) else None
    return found if isinstance(found, dict) else {}


def _json(piece: Piece, path: str) -> Any:
    try:
        return json.loads(piece.files.read(path) or b"null")
    except (ValueError, RecursionError):
        return None
