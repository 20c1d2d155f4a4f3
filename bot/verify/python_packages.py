"""Python distributions that only tools need, such as the dependencies of Poetry itself."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from bot.image.open_image import OpenImage
from bot.image.packages.python import normalise_name
from bot.pattern_lists import read_names
from bot.verify.app_files import AppFiles

_DIST_INFO_PATH = re.compile(
    r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+?)-[^/-]+\.dist-info/(?P<file>.+)$"
)
_SITE_PACKAGES_ENTRY = re.compile(r"^.*/(?:site|dist)-packages/[^/]+")
_REQUIRES_DIST = re.compile(r"^Requires-Dist:\s*([\w.-]+)(.*)$", re.MULTILINE)
# How Python imports by a computed name: import_string is Django's and Werkzeug's.
_DYNAMIC_IMPORT = re.compile(
    r"\bimportlib\b|__import__|import_string|entry_points|pkg_resources|\bpydoc\b"
)
_TOOL_DISTRIBUTIONS = frozenset(read_names("bot.verify", "python_tools.txt", "tools"))


@dataclass
class _Distribution:
    """A distribution: what it has at the top of site-packages, and what it requires."""

    top_level_names: set[str] = field(default_factory=set)
    requirements: set[str] = field(default_factory=set)
    requirements_with_extras: set[str] = field(default_factory=set)


def make_tool_matcher(app: AppFiles) -> Callable[[str], bool]:
    """Return a predicate for files in site-packages of distributions that only tools require.

    A distribution is needed if another one requires it, if a source that is no test imports it,
    or if the data name it where sources import modules by computed names.
    """
    tool_paths = set[str]()
    folders = _read_distributions(app.image)
    sources = app.program_sources.items() if folders else ()
    code = "\n".join(text for path, text in sources if path.endswith(".py"))
    data = "\n".join(app.data_texts.values()) if _DYNAMIC_IMPORT.search(code) else ""
    for folder, distributions in folders.items():
        # Only tools and what they require are searched for; all other distributions stay anyway.
        imported = {
            name
            for name in _find_tool_requirements(distributions)
            if any(
                _is_imported(code, top) or _is_named_in_data(data, top)
                for top in distributions[name].top_level_names
            )
        }
        for name in _find_tool_only(distributions, imported):
            tool_paths |= {f"{folder}/{top}" for top in distributions[name].top_level_names}

    def is_tools(path: str) -> bool:
        match = _SITE_PACKAGES_ENTRY.match(path)
        return match is not None and match[0] in tool_paths

    return is_tools


def _read_distributions(open_image: OpenImage) -> Mapping[str, dict[str, _Distribution]]:
    """Read the distributions of each site-packages folder, by their normalized names (PEP 503)."""
    folders: dict[str, dict[str, _Distribution]] = {}
    for path in open_image.image.tree:
        match = _DIST_INFO_PATH.match(path)
        if not match or match["file"] not in {"RECORD", "METADATA"}:
            continue
        distribution = folders.setdefault(match["folder"], {}).setdefault(
            normalise_name(match["name"]), _Distribution()
        )
        if match["file"] == "RECORD":
            lines = (line.split(",")[0] for line in open_image.read_text(path).splitlines())
            top_level_names = {line.partition("/")[0] for line in lines}
            # Scripts are recorded as `../../../bin/name`.
            distribution.top_level_names |= top_level_names - {"", "..", "__pycache__"}
        else:
            for name, condition in _REQUIRES_DIST.findall(open_image.read_text(path)):
                distribution.requirements_with_extras.add(normalise_name(name))
                distribution.requirements |= (
                    set() if "extra" in condition else {normalise_name(name)}
                )
    return folders


def _find_tool_only(distributions: Mapping[str, _Distribution], imported: Set[str]) -> set[str]:
    """Return the tools and their requirements, without those that the application needs.

    An extra may name what its tests need: that is no reason to keep a tool.
    """
    tools = _find_tool_requirements(distributions, imported) - imported
    others = distributions.keys() - tools
    return tools - _collect_requirements(
        distributions,
        others,
        lambda distribution: (
            distribution.requirements
            | (distribution.requirements_with_extras - _TOOL_DISTRIBUTIONS)
        ),
    )


def _find_tool_requirements(
    distributions: Mapping[str, _Distribution], imported: Set[str] = frozenset()
) -> set[str]:
    """Return the tools that are not imported, and all that they require."""
    return _collect_requirements(
        distributions,
        (_TOOL_DISTRIBUTIONS & distributions.keys()) - imported,
        lambda distribution: distribution.requirements,
    )


def _collect_requirements(
    distributions: Mapping[str, _Distribution],
    names: Iterable[str],
    get_requirements: Callable[[_Distribution], set[str]],
) -> set[str]:
    """Return distributions and their requirements, transitively."""
    collected, pending = set[str](), list(names)
    while pending:
        name = pending.pop()
        if name in distributions and name not in collected:
            collected.add(name)
            pending += get_requirements(distributions[name])
    return collected


def _is_imported(sources_text: str, top_level_name: str) -> bool:
    module = re.escape(top_level_name.partition(".")[0])
    # `import a, b`, `from b import c`, or the name in quotes, as settings of Django have it.
    return bool(
        re.search(
            rf"(?m)^\s*(?:from|import)\s+(?:[\w., ]+,\s*)?{module}\b|[\"']{module}[\"'.]",
            sources_text,
        )
    )


def _is_named_in_data(data: str, top_level_name: str) -> bool:
    module = re.escape(top_level_name.partition(".")[0])
    return bool(data) and re.search(rf"(?<![\w./-]){module}(?=[\s\"':.,]|$)", data) is not None
