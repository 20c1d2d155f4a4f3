"""Python's distributions: which of them are there for tools alone, as Poetry's own dependencies are."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from bot.pattern_lists import read_names
from bot.verify.image_pair import OpenImage

_DIST_INFO_PATH = re.compile(
    r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+?)-[^/-]+\.dist-info/(?P<file>.+)$"
)
_SITE_PACKAGES_ENTRY = re.compile(r"^.*/(?:site|dist)-packages/[^/]+")
_REQUIRES_DIST = re.compile(r"^Requires-Dist:\s*([\w.-]+)(.*)$", re.MULTILINE)
_DYNAMIC_IMPORT = re.compile(
    r"\bimportlib\b|__import__|import_string|entry_points|pkg_resources|\bpydoc\b"
)
_TOOL_DISTRIBUTIONS = frozenset(read_names("bot.verify", "python_tools.txt", "tools"))


@dataclass
class _Distribution:
    """One of them: what it has at the top of its folder, and what it asks for (`always`, or perhaps)."""

    top_level_names: set[str] = field(default_factory=set)
    requirements: set[str] = field(default_factory=set)
    requirements_with_extras: set[str] = field(default_factory=set)


def make_tool_matcher(open_image: OpenImage) -> Callable[[str], bool]:
    """Says of a file in site-packages whether only tools ask for its distribution: no other one does,
    no source of the application imports it, nor do its data name it where sources import by name."""
    known = set[str]()
    all_found = _read_distributions(open_image)
    sources = open_image.sources.items() if all_found else ()
    told = "\n".join(text for path, text in sources if path.endswith(".py"))
    data = "\n".join(open_image.data_texts.values()) if _DYNAMIC_IMPORT.search(told) else ""
    for folder, found in all_found.items():
        wanted = {
            name
            for name in _find_tool_requirements(found)
            if any(
                _is_imported(told, top) or _is_named_in_data(data, top)
                for top in found[name].top_level_names
            )
        }
        for name in _find_tool_only(found, wanted):
            known |= {f"{folder}/{top}" for top in found[name].top_level_names}

    def is_tools(path: str) -> bool:
        match = _SITE_PACKAGES_ENTRY.match(path)
        return match is not None and match[0] in known

    return is_tools


def _read_distributions(open_image: OpenImage) -> Mapping[str, dict[str, _Distribution]]:
    """Those of each folder, by their names as PEP 503 writes them."""
    found: dict[str, dict[str, _Distribution]] = {}
    for path in open_image.image.tree:
        match = _DIST_INFO_PATH.match(path)
        if not match or match["file"] not in {"RECORD", "METADATA"}:
            continue
        told = found.setdefault(match["folder"], {}).setdefault(
            _normalize_name(match["name"]), _Distribution()
        )
        if match["file"] == "RECORD":
            lines = (line.split(",")[0] for line in open_image.read_text(path).splitlines())
            told.top_level_names |= {line.partition("/")[0] for line in lines} - {
                "",
                "..",
                "__pycache__",
            }
        else:
            for name, rest in _REQUIRES_DIST.findall(open_image.read_text(path)):
                told.requirements_with_extras.add(_normalize_name(name))
                told.requirements |= set() if "extra" in rest else {_normalize_name(name)}
    return found


def _find_tool_only(distributions: Mapping[str, _Distribution], imported: Set[str]) -> set[str]:
    """The tools and what they alone ask for, less those that are wanted."""
    asked = _find_tool_requirements(distributions, imported) - imported
    others = distributions.keys() - asked
    return asked - _collect_requirements(
        distributions, others, lambda x: x.requirements_with_extras
    )


def _find_tool_requirements(
    distributions: Mapping[str, _Distribution], imported: Set[str] = frozenset()
) -> set[str]:
    return _collect_requirements(
        distributions,
        (_TOOL_DISTRIBUTIONS & distributions.keys()) - imported,
        lambda x: x.requirements,
    )


def _collect_requirements(
    distributions: Mapping[str, _Distribution],
    names: Iterable[str],
    get_requirements: Callable[[_Distribution], set[str]],
) -> set[str]:
    seen, left = set[str](), list(names)
    while left:
        name = left.pop()
        if name in distributions and name not in seen:
            seen.add(name)
            left += get_requirements(distributions[name])
    return seen


def _is_imported(sources_text: str, top_level_name: str) -> bool:
    module = re.escape(top_level_name.partition(".")[0])
    return bool(
        re.search(
            rf"(?m)^\s*(?:from|import)\s+(?:[\w., ]+,\s*)?{module}\b|[\"']{module}[\"'.]",
            sources_text,
        )
    )


def _is_named_in_data(data: str, top_level_name: str) -> bool:
    module = re.escape(top_level_name.partition(".")[0])
    return bool(data) and re.search(rf"(?<![\w./-]){module}(?=[\s\"':.,]|$)", data) is not None


def _normalize_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
