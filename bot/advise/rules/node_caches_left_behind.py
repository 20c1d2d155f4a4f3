"""Caches of npm, Yarn and pnpm."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

_CACHES = (
    PackageCache(
        "npm",
        ("ci", "install", "i", "add", "update", "clean-install"),
        ("~/.npm",),
        "npm cache clean --force",
        cleanup_subcommands=("cache",),
    ),
    PackageCache(
        "yarn",
        ("", "install", "add", "global"),
        ("~/.cache/yarn", "/usr/local/share/.cache/yarn", "~/.yarn/berry/cache"),
        "yarn cache clean",
        cleanup_subcommands=("cache",),
    ),
    PackageCache(
        "pnpm",
        ("install", "i", "add", "fetch"),
        ("~/.cache/pnpm", "~/.local/share/pnpm/store"),
        'rm -rf ~/.cache/pnpm "$(pnpm store path)"',
        cleanup_subcommands=("store",),
    ),
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs modules and keeps the cache."""
    return find_leftover_caches(
        rule_input,
        _CACHES,
        "Delete the package manager's cache in the same `RUN`",
        "The modules are already unpacked; the cache only speeds up the next installation.",
    )
