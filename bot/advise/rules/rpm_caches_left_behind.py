"""Caches of dnf, yum, microdnf and zypper."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

# hadolint DL3032, DL3036 and DL3040.
_SUBCOMMANDS = ("install", "update", "upgrade", "groupinstall", "reinstall", "builddep", "module")
_DNF_CACHE_PATHS = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum")
_CACHES = (
    PackageCache("dnf", _SUBCOMMANDS, _DNF_CACHE_PATHS, "dnf clean all && rm -rf /var/cache/dnf"),
    PackageCache(
        "microdnf", _SUBCOMMANDS, _DNF_CACHE_PATHS, "microdnf clean all && rm -rf /var/cache/dnf"
    ),
    PackageCache("yum", _SUBCOMMANDS, _DNF_CACHE_PATHS, "yum clean all && rm -rf /var/cache/yum"),
    PackageCache(
        "zypper",
        ("install", "in", "update", "up", "refresh", "ref", "dup"),
        ("/var/cache/zypp",),
        "zypper clean --all",
        cleanup_subcommands=("clean", "cc"),
    ),
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs and does not clean up."""
    return find_leftover_caches(
        rule_input,
        _CACHES,
        "Delete the package manager's cache in the same `RUN`",
        "Nothing reads the cache once the packages are installed.",
    )
