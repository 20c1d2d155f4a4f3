"""Package managers of languages, and the files of a project from which they install."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.advise.project_files import parse_table, read_key


@dataclass(frozen=True, slots=True)
class InstallTool:
    """A package manager of a language, and the files from which it installs.

    `manifest` is required, and `others` are read if they are there. `settings` are subcommands that
    read nothing. An install reads parts of the project if `sources` finds something in the
    manifest, or if one of `folders`, or files, is there.
    """

    manifest: str
    others: tuple[str, ...]
    installs: tuple[str, ...]
    settings: tuple[str, ...] = ("config", "cache")
    required_option: str = ""
    sources: str = r"$^"
    folders: tuple[str, ...] = ()


# npm calls node-gyp for it.
_NATIVE_MODULE = "binding.gyp"
# patch-package and the client of Prisma read files of the project while they are installed.
_NODE_SOURCES = (
    r'"(?:@prisma/client|prisma|patchedDependencies|husky|puppeteer)"|"(?:portal|patch):'
    r'|"prepublish"\s*:'
)
_PATHS_IN_TOML = r"\bpath\s*=|\beditable\s*=|\bdevelop\s*="
INSTALL_TOOLS: Mapping[str, InstallTool] = {
    "npm": InstallTool(
        "package.json",
        ("package-lock.json", "npm-shrinkwrap.json", ".npmrc"),
        ("ci", "install", "i", "add"),
        sources=_NODE_SOURCES,
        folders=(_NATIVE_MODULE,),
    ),
    "yarn": InstallTool(
        "package.json",
        ("yarn.lock", ".npmrc", ".yarnrc", ".yarnrc.yml"),
        ("install", ""),
        settings=("config", "cache", "global"),
        sources=_NODE_SOURCES,
        folders=(".yarn", _NATIVE_MODULE),
    ),
    "pnpm": InstallTool(
        "package.json",
        ("pnpm-lock.yaml", ".npmrc", ".pnpmfile.cjs"),
        ("install", "i", "add"),
        sources=_NODE_SOURCES,
        folders=("pnpm-workspace.yaml", "patches", _NATIVE_MODULE),
    ),
    "bundle": InstallTool(
        "Gemfile",
        ("Gemfile.lock",),
        ("install",),
        sources=r"(?m)\b(?:File|eval_gemfile|require_relative|instance_eval|file:)",
        folders=(".bundle",),
    ),
    "composer": InstallTool("composer.json", ("composer.lock", "auth.json"), ("install",)),
    "pipenv": InstallTool(
        "Pipfile", ("Pipfile.lock",), ("install", "sync"), sources=_PATHS_IN_TOML
    ),
    "poetry": InstallTool(
        "pyproject.toml",
        ("poetry.lock", "poetry.toml"),
        ("install",),
        required_option="--no-root",
        sources=_PATHS_IN_TOML,
    ),
    "go": InstallTool(
        "go.mod",
        ("go.sum",),
        ("mod download",),
        settings=("env", "version"),
        sources=r"=>\s*\.",
        folders=("go.work", "vendor"),
    ),
}
# Composer then lists the classes of the project, too.
SCANNING_OPTIONS = ("-o", "--optimize-autoloader", "-a", "--classmap-authoritative")
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def reads_sources(tool: InstallTool, text: str) -> bool:
    """Return True if a manifest shows that installing from it reads parts of the project."""
    is_node = tool.manifest == "package.json"
    return bool(re.search(tool.sources, text)) or (is_node and _has_local_packages(text))


def _has_local_packages(text: str) -> bool:
    """Return True if a package.json has a dependency by its path: `"shop": "../shop"`."""
    table = parse_table("package.json", text) or {}
    groups = (read_key(table, name) for name in _DEPENDENCIES)
    versions = [str(x) for group in groups if isinstance(group, dict) for x in group.values()]
    return any(version.startswith((".", "/", "~/")) for version in versions)
