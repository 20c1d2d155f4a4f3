"""conda's cache of package archives."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import PackageCache, find_leftover_caches, list_cache_fills
from bot.advise.script_paths import list_later_calls, list_removed_paths
from bot.advise.subject import RuleInput, Step

_PROGRAMS = ("conda", "mamba", "micromamba")
_SUBCOMMANDS = (
    "install",
    "create",
    "update",
    "upgrade",
    "env create",
    "env update",
)
# /opt/conda/pkgs, ~/miniconda3/pkgs, and where conda may not write to the first.
_CACHE_PATHS = ("/opt/*/pkgs", "~/*/pkgs", "~/.conda/pkgs")
# `conda clean --index-cache` and `--lock` leave the packages.
_CLEANING_OPTIONS = ("--all", "--packages", "--tarballs", "--force-pkgs-dirs")
_CLEANING_LETTERS = frozenset("apft")
# conda and mamba share the cache of their root folder; micromamba has the one of the root prefix
# that it is given, which images set to the same folder (jupyter/docker-stacks).
_CACHES = tuple(
    PackageCache(
        name,
        _SUBCOMMANDS,
        _CACHE_PATHS,
        # `-f` is unknown to conda before 4.6, and removes packages that are linked symbolically.
        "{program} clean -ay",
        no_cache_options=("--download-only", "--dry-run", "-d"),
        cleanup_subcommands=(),
        cleaned_by=tuple(other for other in _PROGRAMS if other != name),
        directory_variables=("CONDA_PKGS_DIRS",),
    )
    for name in _PROGRAMS
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs packages and does not clean up."""
    return (
        finding
        for finding in find_leftover_caches(
            rule_input,
            _CACHES,
            "Delete conda's package cache in the same `RUN`",
            "The packages are already unpacked; nothing reads their archives again.",
        )
        if not _removes_packages(rule_input.find_step(finding.instruction))
    )


def _removes_packages(step: Step) -> bool:
    """Return True if a `RUN` cleans the packages, or removes a `pkgs` folder of any root."""
    fills = [call for cache in _CACHES for call in list_cache_fills(step, cache)]
    later = list_later_calls(step, fills)
    is_cleaned = any(
        call.name in _PROGRAMS
        and call.subcommand == "clean"
        and _names_packages(call.known_arguments)
        for call in later
    )
    paths = (path.rstrip("/*") for _, path in list_removed_paths(step, later))
    return is_cleaned or any(path.endswith("/pkgs") or "/pkgs/" in path for path in paths)


def _names_packages(values: tuple[str, ...]) -> bool:
    return any(
        value in _CLEANING_OPTIONS
        or (value.startswith("-") and value[1:2] != "-" and _CLEANING_LETTERS & set(value[1:]))
        for value in values
    )
