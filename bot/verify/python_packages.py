"""Python's distributions: which of them are there for tools alone, as Poetry's own dependencies are."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from bot.verify.image_pair import Piece

_INFO = re.compile(
    r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+?)-[^/-]+\.dist-info/(?P<file>.+)$"
)
_IN_PACKAGES = re.compile(r"^.*/(?:site|dist)-packages/[^/]+")
_REQUIRES = re.compile(r"^Requires-Dist:\s*([\w.-]+)(.*)$", re.MULTILINE)
_BY_NAME = re.compile(
    r"\bimportlib\b|__import__|import_string|entry_points|pkg_resources|\bpydoc\b"
)
_TOOLS = frozenset(
    {
        "pip",
        "setuptools",
        "wheel",
        "pytest",
        "black",
        "ruff",
        "mypy",
        "flake8",
        "pylint",
        "isort",
        "tox",
        "nox",
    }
    | {
        "coverage",
        "virtualenv",
        "poetry",
        "pipenv",
        "uv",
        "build",
        "hatch",
        "hatchling",
        "flit",
        "flit-core",
    }
    | {"pre-commit", "twine", "cython", "bandit", "pdm", "pip-tools", "pytest-cov"}
)


@dataclass
class _Distribution:
    """One of them: what it has at the top of its folder, and what it asks for (`always`, or perhaps)."""

    tops: set[str] = field(default_factory=set)
    always: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)


def tools(piece: Piece) -> Callable[[str], bool]:
    """Says of a file in site-packages whether only tools ask for its distribution: no other one does,
    no source of the application imports it, nor do its data name it where sources import by name."""
    known = set[str]()
    all_found = _distributions(piece)
    sources = piece.sources.items() if all_found else ()
    told = "\n".join(text for path, text in sources if path.endswith(".py"))
    data = "\n".join(piece.data.values()) if _BY_NAME.search(told) else ""
    for folder, found in all_found.items():
        wanted = {
            name
            for name in _asked_by_tools(found)
            if any(_imports(told, top) or _named(data, top) for top in found[name].tops)
        }
        for name in _for_tools(found, wanted):
            known |= {f"{folder}/{top}" for top in found[name].tops}

    def is_tools(path: str) -> bool:
        match = _IN_PACKAGES.match(path)
        return match is not None and match[0] in known

    return is_tools


def _distributions(piece: Piece) -> Mapping[str, dict[str, _Distribution]]:
    """Those of each folder, by their names as PEP 503 writes them."""
    found: dict[str, dict[str, _Distribution]] = {}
    for path in piece.image.tree:
        match = _INFO.match(path)
        if not match or match["file"] not in {"RECORD", "METADATA"}:
            continue
        told = found.setdefault(match["folder"], {}).setdefault(
            _name(match["name"]), _Distribution()
        )
        if match["file"] == "RECORD":
            lines = (line.split(",")[0] for line in piece.text(path).splitlines())
            told.tops |= {line.partition("/")[0] for line in lines} - {"", "..", "__pycache__"}
        else:
            for name, rest in _REQUIRES.findall(piece.text(path)):
                told.perhaps.add(_name(name))
                told.always |= set() if "extra" in rest else {_name(name)}
    return found


def _for_tools(found: Mapping[str, _Distribution], wanted: Set[str]) -> set[str]:
    """The tools and what they alone ask for, less those that are wanted."""
    asked = _asked_by_tools(found, wanted) - wanted
    others = found.keys() - asked
    return asked - _closure(found, others, lambda x: x.perhaps)


def _asked_by_tools(found: Mapping[str, _Distribution], wanted: Set[str] = frozenset()) -> set[str]:
    return _closure(found, (_TOOLS & found.keys()) - wanted, lambda x: x.always)


def _closure(
    found: Mapping[str, _Distribution],
    names: Iterable[str],
    wants: Callable[[_Distribution], set[str]],
) -> set[str]:
    seen, left = set[str](), list(names)
    while left:
        name = left.pop()
        if name in found and name not in seen:
            seen.add(name)
            left += wants(found[name])
    return seen


def _imports(told: str, top: str) -> bool:
    module = re.escape(top.partition(".")[0])
    return bool(
        re.search(
            rf"(?m)^\s*(?:from|import)\s+(?:[\w., ]+,\s*)?{module}\b|[\"']{module}[\"'.]", told
        )
    )


def _named(data: str, top: str) -> bool:
    module = re.escape(top.partition(".")[0])
    return bool(data) and re.search(rf"(?<![\w./-]){module}(?=[\s\"':.,]|$)", data) is not None


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
