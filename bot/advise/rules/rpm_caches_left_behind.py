"""Metadata and packages that dnf, yum, microdnf and zypper keep after an installation."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import Manager, left_behind
from bot.advise.subject import Subject

_VERBS = ("install", "update", "upgrade", "groupinstall", "reinstall", "builddep", "module")
_DNF = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum")
_MANAGERS = (
    Manager("dnf", _VERBS, _DNF, "dnf clean all && rm -rf /var/cache/dnf"),
    Manager("microdnf", _VERBS, _DNF, "microdnf clean all && rm -rf /var/cache/dnf"),
    Manager("yum", _VERBS, _DNF, "yum clean all && rm -rf /var/cache/yum"),
    Manager(
        "zypper",
        ("install", "in", "update", "up", "refresh", "ref", "dup"),
        ("/var/cache/zypp",),
        "zypper clean --all",
        cleaners=("clean", "cc"),
    ),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs and does not tidy up."""
    return left_behind(
        subject,
        _MANAGERS,
        "Empty the package manager's cache in the RUN that filled it",
        "Nothing reads the cache once the packages are installed.",
    )
