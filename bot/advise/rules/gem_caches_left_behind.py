"""Archives that RubyGems and Bundler keep beside the gems that they unpacked."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import Manager, left_behind
from bot.advise.subject import Subject

_PLACES = (
    "/usr/local/bundle/cache",
    "/usr/local/bundle/ruby/*/cache",
    "/usr/local/lib/ruby/gems/*/cache",
    "/var/lib/gems/*/cache",
    "~/.bundle/cache",
    "~/.gem",
)
_MANAGERS = (
    Manager(
        "bundle",
        ("", "install", "update"),
        _PLACES,
        'rm -rf ~/.bundle/cache "$(gem env gemdir)"/cache/*',
        cleaners=(),
    ),
    Manager("gem", ("install", "update"), _PLACES, 'rm -rf "$(gem env gemdir)"/cache/*'),
)
_TIDY = ("gemdir", ".gem", "gems/")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs gems and keeps their archives."""
    return (
        finding
        for finding in left_behind(
            subject,
            _MANAGERS,
            "Delete the gems' archives in the RUN that fetched them",
            "The gems are unpacked already, and nothing installs them a second time.",
        )
        if not _removes_archives(finding)
    )


def _removes_archives(finding: Finding) -> bool:
    """Archives have many places; any removal that speaks of gems or of their cache is taken for one."""
    script = finding.statement.script
    return any(
        word.text.rstrip("*/\"'").endswith("/cache") or any(name in word.text for name in _TIDY)
        for command in (script.named("rm", "find") if script else ())
        for word in command.arguments
    )
