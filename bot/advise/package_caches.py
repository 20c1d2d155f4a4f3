"""Package managers, and the caches that they leave in the layer of whoever ran them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.dockerfile_changes import append_command
from bot.advise.finding import Finding, FixSafety
from bot.advise.path_patterns import overlaps_pattern
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call

_MIN_CACHE_BYTES = 1_000  # bytes below which a cache is an empty one
_REMOVE_PROGRAMS = ("rm", "find", "unlink", "truncate")


@dataclass(frozen=True, slots=True)
class PackageCache:
    """A package manager: the verbs that fill its cache, where that is, and how it is emptied.

    `idle` are options that leave nothing behind, `cleaners` verbs that tidy up.
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
    """The calls that fill a manager's cache, in a `RUN` that does not empty it again."""
    for manager in caches:
        calls = [x for x in step.calls if x.runs_subcommand(manager.program, *manager.subcommands)]
        kept = [x for x in calls if not x.has_option(*manager.no_cache_options)]
        if kept and not is_cache_emptied(step, manager):
            yield manager, kept[-1]


def is_cache_emptied(step: Step, cache: PackageCache) -> bool:
    """Whether the manager is told to tidy up, its cache is removed, or lies in a mount."""
    tidied = any(
        call.name == cache.program and call.subcommand in cache.cleanup_subcommands
        for call in step.calls
    )
    mounted = any(step.has_mount_over(place) for place in cache.paths)
    return tidied or mounted or any(removes_path(step, place) for place in cache.paths)


def removes_path(step: Step, pattern: str) -> bool:
    """Whether a `RUN` removes a place, or what is in it, in plain words."""
    return any(
        overlaps_pattern(word.text, pattern)
        for call in step.calls
        if call.name in _REMOVE_PROGRAMS
        for word in call.arguments
    )


def find_leftover_caches(
    rule_input: RuleInput, caches: Sequence[PackageCache], title: str, message: str
) -> Iterator[Finding]:
    """Caches that one more command at the end of the same `RUN` empties."""
    for step in rule_input.iter_runs():
        used = list(find_cache_fills(step, caches))
        if not used:
            continue
        cleaners = dict.fromkeys(manager.cleanup for manager, _ in used)
        places = [place for manager, _ in used for place in manager.paths]
        yield Finding(
            step.instruction,
            title,
            message,
            saving_bytes=measure_caches(rule_input, step, places),
            changes=append_command(rule_input.dockerfile, step.instruction, " && ".join(cleaners)),
            safety=FixSafety.SAFE,
        )


def measure_caches(rule_input: RuleInput, step: Step, patterns: Sequence[str]) -> int | None:
    """What an instruction's layer holds of caches; None if nothing was measured."""
    saving = rule_input.measure_bytes(step, *patterns)
    return 0 if saving is not None and saving < _MIN_CACHE_BYTES else saving
