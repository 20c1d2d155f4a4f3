"""Packages of a language that an image lost: development's own, by what its lock said of them."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bot.prove.exhibit import Piece

_NODE = re.compile(r"^(?P<root>(?:.*?/)?)(?P<key>node_modules/.+)$")
_PYTHON = re.compile(r"^.*/(?:site|dist)-packages/(?P<name>[^/]+)")
_VENDOR = re.compile(r"^(?P<root>(?:.*?/)?)vendor/(?P<name>[^/]+/[^/]+)/")
# Tools that put packages in place, check or test them; none is imported by an application that runs.
_PYTHON_TOOLS = re.compile(
    r"(?:pip|setuptools|wheel|pkg_resources|_distutils_hack|distutils-precedence\.pth|easy_install|pytest"
    r"|_pytest|pluggy|iniconfig|black|blib2to3|blackd|_black_version|ruff|mypy|mypyc|mypy_extensions|flake8"
    r"|pycodestyle|pyflakes|mccabe|pylint|astroid|isort|coverage|tox|nox|virtualenv|poetry\w*|pipenv|uv|build"
    r"|pyproject_hooks|hatchling|flit_core|pre_commit|twine|cython|Cython|pyximport|bandit|pytest_\w+)"
    r"(?:-[\w.]+\.(?:dist|egg)-info|\.py|\.so|\.\w[\w.-]*\.so)?$"
)


def development(piece: Piece) -> Callable[[str], bool]:
    """Says of a file whether it is of a package that only development has."""

    @cache
    def lock(root: str) -> Mapping[str, Any]:
        return _packages(_json(piece, f"{root}node_modules/.package-lock.json"))

    @cache
    def composer(root: str) -> frozenset[str]:
        found = _json(piece, f"{root}vendor/composer/installed.json")
        names = found.get("dev-package-names") if isinstance(found, dict) else None
        return frozenset(names if isinstance(names, list) else ())

    def is_development(path: str) -> bool:
        if match := _PYTHON.match(path):
            return bool(_PYTHON_TOOLS.match(match["name"]))
        if match := _NODE.match(path):
            return _is_dev(lock(match["root"]), match["key"])
        if match := _VENDOR.match(path):
            return match["name"] in composer(match["root"])
        return False

    return is_development


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
