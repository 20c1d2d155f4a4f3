"""Package managers, and the caches that they leave in a layer.

Seven rules are the same but for the manager; what they share is here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.dockerfile_changes import append_command
from bot.advise.finding import Finding, FixSafety
from bot.advise.path_patterns import overlaps_pattern
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call

_MIN_CACHE_BYTES = 1_000  # an emptied cache may still hold a lock or an index
_REMOVE_PROGRAMS = ("rm", "find", "unlink", "truncate")


@dataclass(frozen=True, slots=True)
class PackageCache:
    """A package manager: subcommands that fill its cache, the paths, and the cleanup command.

    `no_cache_options` store nothing; `cleanup_subcommands` empty the cache.
    """

    program: str
    subcommands: tuple[str, ...]
    paths: tuple[str, ...]
    cleanup: str = ""
    no_cache_options: tuple[str, ...] = ()
    cleanup_subcommands: tuple[str, ...] = ("clean",)


def find_cache_fills(
    step: Step, caches: Sequence[PackageCache]
) -> Iterator[tuple[PackageCache, Call]]:
    """Yield the calls that fill a cache, in a `RUN` that does not empty it."""
    for cache in caches:
        calls = [x for x in step.calls if x.runs_subcommand(cache.program, *cache.subcommands)]
        fills = [x for x in calls if not x.has_option(*cache.no_cache_options)]
        if fills and not is_cache_emptied(step, cache):
            yield cache, fills[-1]


def is_cache_emptied(step: Step, cache: PackageCache) -> bool:
    """Return True if the `RUN` cleans up, removes the cache, or has it in a mount."""
    is_cleaned = any(
        call.name == cache.program and call.subcommand in cache.cleanup_subcommands
        for call in step.calls
    )
    is_mounted = any(step.has_mount_over(path) for path in cache.paths)
    return is_cleaned or is_mounted or any(removes_path(step, path) for path in cache.paths)


def removes_path(step: Step, pattern: str) -> bool:
    """Return True if a `RUN` removes a path, or what is in it."""
    return any(
        overlaps_pattern(word.text, pattern)
        for call in step.calls
        if call.name in _REMOVE_PROGRAMS
        for word in call.arguments
    )


def find_leftover_caches(
    rule_input: RuleInput, caches: Sequence[PackageCache], title: str, message: str
) -> Iterator[Finding]:
    """Yield caches that one more command at the end of the same `RUN` empties."""
    for step in rule_input.iter_runs():
        filled = [cache for cache, _ in find_cache_fills(step, caches)]
        if not filled:
            continue
        cleanups = dict.fromkeys(cache.cleanup for cache in filled)
        paths = [path for cache in filled for path in cache.paths]
        yield Finding(
            step.instruction,
            title,
            message,
            saving_bytes=measure_caches(rule_input, step, paths),
            changes=append_command(rule_input.dockerfile, step.instruction, " && ".join(cleanups)),
            safety=FixSafety.SAFE,
        )


def measure_caches(rule_input: RuleInput, step: Step, patterns: Sequence[str]) -> int | None:
    """Return the bytes of caches in an instruction's layer; None without an image."""
    saving = rule_input.measure_bytes(step, *patterns)
    return 0 if saving is not None and saving < _MIN_CACHE_BYTES else saving
