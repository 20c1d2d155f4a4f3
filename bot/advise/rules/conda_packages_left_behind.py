"""conda's cache of package archives."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

_SUBCOMMANDS = ("install", "create", "update", "env", "upgrade")
_CACHE_PATHS = ("/opt/*/pkgs", "~/*/pkgs", "~/.conda/pkgs")
_CACHES = tuple(
    PackageCache(name, _SUBCOMMANDS, _CACHE_PATHS, f"{name} clean -afy")
    for name in ("conda", "mamba", "micromamba")
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs packages and does not clean up."""
    return find_leftover_caches(
        rule_input,
        _CACHES,
        "Delete conda's package cache in the same `RUN`",
        "The packages are already unpacked; nothing reads their archives again.",
    )
