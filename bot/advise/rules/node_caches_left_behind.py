"""Caches of npm, Yarn and pnpm."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bot.advise.copy_targets import (
    copies_whole_context,
    iter_context_copies,
    list_copy_sources,
)
from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import (
    PackageCache,
    find_cache_fills,
    find_leftover_caches,
    list_cache_fills,
)
from bot.advise.script_paths import find_folder
from bot.advise.subject import RuleInput, Step

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
    # `pnpm fetch` fills the store for the install of a later line.
    ("install", "i", "add", "update", "up"),
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
_NODE_MODULES_LINKER = re.compile(r"nodeLinker:?\s*[\"']?(?:node-modules|pnpm)")
_YARN_SETTINGS = ".yarnrc.yml"
_PNPM_LOCK = "pnpm-lock.yaml"


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
        lambda step, cache: cache is _PNPM and _installs_from_lock(rule_input, step),
    ):
        step = rule_input.find_step(finding.instruction)
        if _only_fills_caches(step):
            continue
        is_yarn = any(cache is _YARN for cache, _ in find_cache_fills(step, caches))
        # In Yarn 2 and later the cache may be a folder of the project (enableGlobalCache: false).
        needs_check = uses_berry and is_yarn and finding.safety is FixSafety.SAFE
        yield replace(finding, safety=FixSafety.NEEDS_CHECK) if needs_check else finding


def _installs_from_lock(rule_input: RuleInput, step: Step) -> bool:
    """Return True if pnpm only installs what a lock file names, as far as the text shows.

    It then stores no metadata, and hard links have the rest of its store in common with
    `node_modules`: of 47 MB, `pnpm store prune` removes 0.1 MB. An image shows the bytes.
    """
    if rule_input.evidence:
        return False
    before = (*rule_input.steps_before(step), step)
    is_sent = rule_input.context is not None and _PNPM_LOCK in rule_input.context.file_sizes
    has_lock = any(_PNPM_LOCK in earlier.instruction.text for earlier in before) or (
        is_sent and any(_copies_one(copy, [_PNPM_LOCK]) for copy in iter_context_copies(before))
    )
    calls = list_cache_fills(step, _PNPM)
    return all(
        call.subcommand in ("install", "i")
        and (not call.operands[1:] or call.has_option("--frozen-lockfile", "--filter", "-F"))
        and not call.has_option("-g", "--global", "--no-frozen-lockfile", "--no-lockfile")
        and (has_lock or call.has_option("--frozen-lockfile"))
        for call in calls
    )


def _only_fills_caches(step: Step) -> bool:
    """Return True if a `RUN` ends with installs in a mounted folder: the cache is all it leaves."""
    names = {cache.program for cache in _CACHES}
    last = [call for call in step.calls if call.name not in ("cd", "rm", "true")][-1:]
    mounts = step.instruction.mounts
    targets = [mount.target for mount in mounts if mount.kind == "bind" and mount.target]
    folders = [find_folder(step, call) or "" for call in last if call.name in names]
    return any(
        posixpath.join(folder, "").startswith(posixpath.join(target, ""))
        for folder in folders
        for target in targets
    )


def _uses_yarn_berry(rule_input: RuleInput) -> bool:
    """Return True if the Dockerfile or its context speaks of Yarn 2 or later."""
    context = rule_input.context
    return bool(
        any(_YARN_BERRY.search(step.instruction.text) for step in rule_input.steps)
        or (context and any(path.endswith(_YARN_SETTINGS) for path in context.file_sizes))
    )


def _links_node_modules(rule_input: RuleInput) -> bool:
    """Return True if a `RUN` sets the linker, or the settings that are copied before Yarn runs."""
    if any(_NODE_MODULES_LINKER.search(step.instruction.text) for step in rule_input.steps):
        return True
    context = rule_input.context
    if context is None:
        return False
    paths = [path for path in context.file_sizes if path.endswith(_YARN_SETTINGS)]
    texts = [context.read_text(path) for path in paths]
    return all(map(_NODE_MODULES_LINKER.search, texts)) and _copies_before_yarn(rule_input, paths)


def _copies_before_yarn(rule_input: RuleInput, paths: Sequence[str]) -> bool:
    """Return True if a `COPY` in front of the first call of Yarn brings one of the files."""
    calls = ((step, call) for step in rule_input.iter_runs() for call in step.calls)
    first = next((step for step, call in calls if _YARN.is_filled_by(call)), None)
    before = rule_input.steps_before(first) if first else rule_input.steps
    return any(_copies_one(copy, paths) for copy in iter_context_copies(before))


def _copies_one(copy: Step, paths: Sequence[str]) -> bool:
    if not paths:
        return False
    sources = [posixpath.normpath(source.lstrip("/")) for source in list_copy_sources(copy)]
    return copies_whole_context(copy) or any(
        path.startswith(f"{source}/") or fnmatchcase(path, source)
        for path in paths
        for source in sources
    )
