"""Caches of dnf, yum, microdnf and zypper."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches
from bot.advise.subject import RuleInput

# hadolint DL3032, DL3036 and DL3040. With the aliases of dnf(8) and yum(8).
_SUBCOMMANDS = (
    "install",
    "in",
    "localinstall",
    "update",
    "upgrade",
    "up",
    "groupinstall",
    "group install",
    "reinstall",
    "builddep",
    "module install",
    "module enable",
    "distro-sync",
    "swap",
    "makecache",
)
_DNF_CACHE_PATHS = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum")
_OFFLINE_OPTIONS = ("-C", "--cacheonly")
_CACHES = (
    *(
        PackageCache(
            name,
            _SUBCOMMANDS,
            _DNF_CACHE_PATHS,
            f"{{program}} clean all && {{sudo}}rm -rf /var/cache/{folder}",
            # `--installroot` has its cache below that root.
            no_cache_options=("--installroot", "--help"),
            offline_options=_OFFLINE_OPTIONS,
            cleaned_by=tuple(x for x in ("dnf", "microdnf", "yum") if x != name),
        )
        for name, folder in (("dnf", "dnf"), ("microdnf", "dnf"), ("yum", "yum"))
    ),
    PackageCache(
        "zypper",
        ("install", "in", "update", "up", "refresh", "ref", "dup", "dist-upgrade", "patch"),
        ("/var/cache/zypp",),
        "{program} clean --all",
        no_cache_options=("--installroot", "--root", "-R"),
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
