"""Archives that Composer keeps beside the packages that it unpacked."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import Manager, left_behind
from bot.advise.subject import Subject

_COMPOSER = Manager(
    "composer",
    ("install", "update", "require", "create-project", "global"),
    ("~/.composer/cache", "~/.cache/composer", "/tmp/cache"),  # noqa: S108 - the official image's
    "composer clear-cache",
    idle=("--no-cache",),
    cleaners=("clear-cache", "clearcache", "cc"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs packages and keeps their archives."""
    return left_behind(
        subject,
        (_COMPOSER,),
        "Empty Composer's cache in the RUN that filled it",
        "The packages are unpacked already; the cache only helps the next installation.",
    )
