"""Composer's cache of package archives."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

# Composer takes abbreviations of its commands; those that people write.
_GLOBAL_VERBS = ("install", "update", "require")
_COMPOSER_CACHE = PackageCache(
    "composer",
    (
        "install",
        "i",
        "update",
        "u",
        "upgrade",
        "require",
        "r",
        "req",
        "create-project",
        "reinstall",
        *(f"global {verb}" for verb in _GLOBAL_VERBS),
    ),
    (
        "~/.composer/cache",
        "~/.cache/composer",
        "~/.config/composer/cache",
        "/tmp/cache",  # noqa: S108 - the official image's
    ),
    "{program} clear-cache",
    no_cache_options=("--no-cache",),
    cleanup_subcommands=("clear-cache", "clearcache", "cc", "clear", "global clear-cache"),
    directory_variables=("COMPOSER_CACHE_DIR",),
    home_variables=("COMPOSER_HOME",),
    # Composer has no such option: nothing installs from its cache alone.
    offline_options=(),
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs packages and keeps the cache."""
    return find_leftover_caches(
        rule_input,
        (_COMPOSER_CACHE,),
        "Delete Composer's cache in the same `RUN`",
        "The packages are already unpacked; the cache only speeds up the next installation.",
    )
