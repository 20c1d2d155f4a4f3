"""Packages of a language that an image lost: development's own, by what its lock said of them."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bot.verify.build_residue import is_development_file
from bot.verify.image_pair import OpenImage
from bot.verify.python_packages import make_tool_matcher

_NODE_MODULE_PATH = re.compile(r"^(?P<root>(?:.*?/)?)(?P<key>node_modules/.+)$")
_COMPOSER_PACKAGE_PATH = re.compile(r"^(?P<root>(?:.*?/)?)vendor/(?P<name>[^/]+/[^/]+)/")

_JAVASCRIPT_FILE = re.compile(r"\.[cm]?js$")
_TOOL_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts|tools|bin/dev)/|(?:^|/)(?:gulpfile|Gruntfile|webpack|rollup|vite|jest|karma|babel|\.)[^/]*$|"
    r"\.(?:config|conf|setup)\.[cm]?js$"
)
_DYNAMIC_REQUIRE = re.compile(
    r"\b(?:require(?:\.resolve)?|import)\(\s*[^\s\"'`)]|\b(?:require|import)\(\s*`[^`]*\$\{"
)
_MODULE_NAME = re.compile(r"(?<![\w./-])(?:@[\w.-]+/)?[A-Za-z][\w.-]*(?![\w/-])")
_STATIC_REQUIRE = re.compile(
    r"(?:\brequire\(|\bimport\(|\bfrom\s|\bimport\s)\s*[\"'`]((?:@[\w.-]+/)?[\w-][\w.-]*)"
)


def make_dev_dependency_matcher(open_image: OpenImage) -> Callable[[str], bool]:
    """Says of a file whether it is of a package that only development has."""
    is_python_tools = make_tool_matcher(open_image)

    @cache
    def lock(root: str) -> Mapping[str, Any]:
        return _get_packages(_read_json(open_image, f"{root}node_modules/.package-lock.json"))

    @cache
    def composer(root: str) -> frozenset[str]:
        found = _read_json(open_image, f"{root}vendor/composer/installed.json")
        names = found.get("dev-package-names") if isinstance(found, dict) else None
        return frozenset(names if isinstance(names, list) else ())

    wanted = find_required_modules(open_image.sources) | _find_modules_in_data(open_image)

    def is_development(path: str) -> bool:
        if is_python_tools(path):
            return True
        if match := _NODE_MODULE_PATH.match(path):
            return _get_module_name(match["key"]) not in wanted and _is_dev_package(
                lock(match["root"]), match["key"]
            )
        if match := _COMPOSER_PACKAGE_PATH.match(path):
            return match["name"] in composer(match["root"])
        return False

    return is_development


def find_required_modules(sources: Mapping[str, str]) -> frozenset[str]:
    """The Node modules that scripts load which are neither tests nor a tool's configuration: there a
    development dependency is one by mistake."""
    return frozenset(
        name
        for path, text in sources.items()
        if _JAVASCRIPT_FILE.search(path)
        and not _TOOL_SCRIPT.search(path)
        and not is_development_file(path)
        for name in _STATIC_REQUIRE.findall(text)
    )


def _find_modules_in_data(open_image: OpenImage) -> frozenset[str]:
    """The names in the application's data, where its scripts load modules by names that they make up."""
    scripts = (text for path, text in open_image.sources.items() if _JAVASCRIPT_FILE.search(path))
    if not any(_DYNAMIC_REQUIRE.search(text) for text in scripts):
        return frozenset()
    return frozenset(
        x for text in open_image.data_texts.values() for x in _MODULE_NAME.findall(text)
    )


def _get_module_name(key: str) -> str:
    """The module that a path below a project's root lies in: `node_modules/@a/b/x.js` in `@a/b`."""
    first, second, *_ = [*key.removeprefix("node_modules/").split("/"), "", ""]
    return f"{first}/{second}" if first.startswith("@") else first


def _is_dev_package(packages: Mapping[str, Any], path: str) -> bool:
    """Whether the lock calls the package of a file a development dependency; the deepest counts."""
    steps = path.split("/")
    for end in range(len(steps), 1, -1):
        told = packages.get("/".join(steps[:end]))
        if isinstance(told, dict):
            return bool(told.get("dev") or told.get("devOptional"))
    return False


def _get_packages(lock: Any) -> Mapping[str, Any]:
    found = lock.get("packages") if isinstance(lock, dict) else None
    return found if isinstance(found, dict) else {}


def _read_json(open_image: OpenImage, path: str) -> Any:
    try:
        return json.loads(open_image.files.read(path) or b"null")
    except (ValueError, RecursionError):
        return None
