"""Gem caches of RubyGems and Bundler."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

_CACHE_PATHS = (
    "/usr/local/bundle/cache",
    "/usr/local/bundle/ruby/*/cache",
    "/usr/local/lib/ruby/gems/*/cache",
    "/var/lib/gems/*/cache",
    "~/.bundle/cache",
    "~/.gem",
)
_CACHES = (
    PackageCache(
        "bundle",
        ("", "install", "update"),
        _CACHE_PATHS,
        'rm -rf ~/.bundle/cache "$(gem env gemdir)"/cache/*',
        cleanup_subcommands=(),
    ),
    PackageCache("gem", ("install", "update"), _CACHE_PATHS, 'rm -rf "$(gem env gemdir)"/cache/*'),
)
_GEM_PATH_PARTS = ("gemdir", ".gem", "gems/")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs gems and keeps the cache."""
    return (
        finding
        for finding in find_leftover_caches(
            rule_input,
            _CACHES,
            "Delete the gem cache in the same `RUN`",
            "The gems are already unpacked, and nothing installs them again.",
        )
        if not _removes_archives(finding)
    )


def _removes_archives(finding: Finding) -> bool:
    """Return True if the `RUN` removes a gem cache, which has many possible paths."""
    script = finding.instruction.script
    return any(
        word.text.rstrip("*/\"'").endswith("/cache")
        or any(name in word.text for name in _GEM_PATH_PARTS)
        for command in (script.find_commands("rm", "find") if script else ())
        for word in command.arguments
    )
