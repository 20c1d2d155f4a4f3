"""Composer's cache of package archives."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

_COMPOSER_CACHE = PackageCache(
    "composer",
    ("install", "update", "require", "create-project", "global"),
    ("~/.composer/cache", "~/.cache/composer", "/tmp/cache"),  # noqa: S108 - the official image's
    "composer clear-cache",
    no_cache_options=("--no-cache",),
    cleanup_subcommands=("clear-cache", "clearcache", "cc"),
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs packages and keeps the cache."""
    return find_leftover_caches(
        rule_input,
        (_COMPOSER_CACHE,),
        "Delete Composer's cache in the same `RUN`",
        "The packages are already unpacked; the cache only speeds up the next installation.",
    )
