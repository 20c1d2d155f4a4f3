"""Caches of npm, Yarn and pnpm."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import PackageCache, find_cache_fills, find_leftover_caches
from bot.advise.subject import RuleInput

# npm's own aliases (`npm help install`), and the abbreviations that people write.
_NPM_INSTALL = "install i in ins inst insta instal isnt isnta isntal add a"
_NPM_CLEAN_INSTALL = "ci clean-install ic install-clean isntall-clean"
_NPM_OTHERS = "update up upgrade udpate install-test it install-ci-test cit"
_NPM = PackageCache(
    "npm",
    tuple(f"{_NPM_INSTALL} {_NPM_CLEAN_INSTALL} {_NPM_OTHERS}".split()),
    ("~/.npm",),
    "{program} cache clean --force",
    # `npm cache verify` keeps every package.
    cleanup_subcommands=("cache clean", "cache clear", "cache rm"),
    directory_options=("--cache",),
    directory_variables=("NPM_CONFIG_CACHE",),
    offline_options=("--offline", "--prefer-offline"),
)
_YARN = PackageCache(
    "yarn",
    (
        "",
        "install",
        "add",
        "upgrade",
        "global add",
        "global upgrade",
        "workspaces focus",
    ),
    ("~/.cache/yarn", "/usr/local/share/.cache/yarn", "~/.yarn/berry/cache"),
    "{program} cache clean",
    cleanup_subcommands=("cache clean", "cache clear"),
    directory_options=("--cache-folder",),
    directory_variables=("YARN_CACHE_FOLDER",),
)
_PNPM = PackageCache(
    "pnpm",
    ("install", "i", "add", "fetch", "update", "up"),
    ("~/.cache/pnpm", "~/.local/share/pnpm/store"),
    # It removes metadata, and packages that are not linked into a node_modules folder.
    "{program} store prune",
    cleanup_subcommands=("store prune",),
    directory_options=("--store-dir",),
    directory_variables=("NPM_CONFIG_STORE_DIR", "PNPM_CONFIG_STORE_DIR"),
    offline_options=("--offline", "--prefer-offline"),
)
_CACHES = (_NPM, _YARN, _PNPM)
# Yarn 2 and later load packages from the archives in the cache (Plug'n'Play), unless the linker is
# another one: yarnpkg.com/configuration/yarnrc#nodeLinker.
_YARN_BERRY = re.compile(
    r"\.yarnrc\.yml|\.pnp\.|\.yarn/releases|yarn set version|corepack prepare yarn@(?!1\.)"
    r"|yarn workspaces focus|yarn install[^\n]* --immutable"
)
_NODE_MODULES_LINKER = re.compile(r"nodeLinker:\s*[\"']?(?:node-modules|pnpm)")
_YARN_SETTINGS = ".yarnrc.yml"


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs modules and keeps the cache."""
    uses_berry = _uses_yarn_berry(rule_input)
    if uses_berry and not _links_node_modules(rule_input):
        caches = tuple(cache for cache in _CACHES if cache is not _YARN)
    else:
        caches = _CACHES
    for finding in find_leftover_caches(
        rule_input,
        caches,
        "Delete the package manager's cache in the same `RUN`",
        "The modules are already unpacked; the cache only speeds up the next installation.",
    ):
        step = rule_input.find_step(finding.instruction)
        is_yarn = any(cache is _YARN for cache, _ in find_cache_fills(step, caches))
        # In Yarn 2 and later the cache may be a folder of the project (enableGlobalCache: false).
        needs_check = uses_berry and is_yarn and finding.safety is FixSafety.SAFE
        yield replace(finding, safety=FixSafety.NEEDS_CHECK) if needs_check else finding


def _uses_yarn_berry(rule_input: RuleInput) -> bool:
    """Return True if the Dockerfile or its context speaks of Yarn 2 or later."""
    context = rule_input.context
    return bool(
        any(_YARN_BERRY.search(step.instruction.text) for step in rule_input.steps)
        or (context and any(path.endswith(_YARN_SETTINGS) for path in context.file_sizes))
    )


def _links_node_modules(rule_input: RuleInput) -> bool:
    context = rule_input.context
    if context is None:
        return False
    paths = [path for path in context.file_sizes if path.endswith(_YARN_SETTINGS)]
    texts = [context.read_text(path) for path in paths]
    return bool(texts) and all(map(_NODE_MODULES_LINKER.search, texts))
