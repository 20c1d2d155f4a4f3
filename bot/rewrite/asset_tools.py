"""Node beside a server in another language: it compiles style sheets and scripts in the build."""

import re
from collections.abc import Iterator

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.project_residue import came_from_context
from bot.rewrite.startup import NODE_RUNNERS, Startup

ASSET_PACKAGES = re.compile(r"nodejs|npm|yarn(?:pkg)?")
_PROGRAMS = ("node", "nodejs", "npx", "corepack", *NODE_RUNNERS)
_MODULES = re.compile(r"(?:.*?/)?node_modules(?=/)")
_GLOBAL_MODULES = re.compile(r"usr/(?:local/)?lib/node_modules$")
# What a server runs or shows, but for scripts and style sheets, which a bundler reads.
_PAGE_OR_SOURCE = re.compile(
    r"\.(?:php|phtml|twig|tpl|rb|ru|erb|haml|slim|liquid|html?|conf|htaccess|ya?ml)$"
)
_DEPENDENCIES = re.compile(r"(?:^|/)(?:node_modules|vendor)/")
_MAX_TEXT_BYTES = 200_000


def list_asset_tools(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the paths of Node's programs and modules; none if something needs them at run time.

    That is the command, or a page that names a file in `node_modules`.
    """
    if set(_PROGRAMS) & set(startup.program_names) or _names_modules(facts):
        return
    yield from (f"/{folder}" for folder in sorted(set(_find_module_folders(facts))))
    for name in _PROGRAMS:
        path = facts.built.which(name)
        is_own = path is not None and path in facts.built.own_files
        if path and is_own and facts.package_graph.find_owner(path) is None:
            yield f"/{path}"


def _find_module_folders(facts: BuildFacts) -> Iterator[str]:
    """Yield the outermost folders of modules that a `RUN` installed, or that came with Node."""
    for path in facts.built.own_files:
        match = _MODULES.match(path)
        if match and (_GLOBAL_MODULES.match(match[0]) or not came_from_context(facts, path)):
            yield match[0]


def _names_modules(facts: BuildFacts) -> bool:
    """Return True if a page or a source of the application names a folder of modules."""
    own_files = facts.built.own_files
    if not facts.workdir:
        return True
    texts = facts.built.files.read_below(
        facts.workdir,
        lambda path, size: (
            size <= _MAX_TEXT_BYTES
            and path in own_files
            and bool(_PAGE_OR_SOURCE.search(path))
            and not _DEPENDENCIES.search(path)
        ),
    )
    return any(b"node_modules" in content for _, content in texts)
