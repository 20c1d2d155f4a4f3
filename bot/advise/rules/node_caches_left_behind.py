"""Tarballs that npm, Yarn and pnpm keep beside the modules that they unpacked."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import Manager, left_behind
from bot.advise.subject import Subject

_MANAGERS = (
    Manager(
        "npm",
        ("ci", "install", "i", "add", "update", "clean-install"),
        ("~/.npm",),
        "npm cache clean --force",
        cleaners=("cache",),
    ),
    Manager(
        "yarn",
        ("", "install", "add", "global"),
        ("~/.cache/yarn", "/usr/local/share/.cache/yarn", "~/.yarn/berry/cache"),
        "yarn cache clean",
        cleaners=("cache",),
    ),
    Manager(
        "pnpm",
        ("install", "i", "add", "fetch"),
        ("~/.cache/pnpm", "~/.local/share/pnpm/store"),
        'rm -rf ~/.cache/pnpm "$(pnpm store path)"',
        cleaners=("store",),
    ),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs modules and keeps the cache."""
    return left_behind(
        subject,
        _MANAGERS,
        "Empty the package manager's cache in the RUN that filled it",
        "The modules are unpacked already; the cache only helps the next installation.",
    )
