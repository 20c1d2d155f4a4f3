"""Package managers, and the caches that they leave in a layer.

Seven rules are the same but for the manager; what they share is here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.advise.cleanup_commands import Cleanup, add_cleanup
from bot.advise.finding import Finding, FixSafety
from bot.advise.later_mentions import LaterNeeds
from bot.advise.script_paths import list_later_calls, list_removed_paths, removes_path
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import POSIX_SHELLS

_MIN_CACHE_BYTES = 1_000  # an emptied cache may still hold a lock or an index
# With one of these alone, `yarn` prints; without a word it installs.
_VERSION_OPTIONS = ("--version", "-v", "-V", "-h")
# `cleanup.sh`, `docker-clean`: a project's own script, which is there to remove caches.
_CLEANUP_SCRIPT = re.compile(r"clean")
_CONFIGURING_VERBS = ("config", "set")


@dataclass(frozen=True, slots=True)
class PackageCache:
    """A package manager: subcommands that fill its cache, the paths, and the cleanup command.

    `no_cache_options` store nothing; `cleanup_subcommands` empty the cache, also those of
    `cleaned_by`, which are other programs. `directory_options` and `directory_variables` put it
    elsewhere, and `home_variables` the folder above it. A call with one of `offline_options` reads
    it. See `Cleanup` for `cleanup`.
    """

    program: str
    subcommands: tuple[str, ...]
    paths: tuple[str, ...]
    cleanup: str = ""
    no_cache_options: tuple[str, ...] = ()
    cleanup_subcommands: tuple[str, ...] = ("clean",)
    cleaned_by: tuple[str, ...] = ()
    directory_options: tuple[str, ...] = ()
    directory_variables: tuple[str, ...] = ()
    home_variables: tuple[str, ...] = ()
    offline_options: tuple[str, ...] = ("--offline",)

    def is_filled_by(self, call: Call) -> bool:
        """Return True if a call stores packages in the cache."""
        return (
            call.runs_subcommand(self.program, *self.subcommands)
            and not call.has_option("--help", "--dry-run", *self.no_cache_options)
            and not (not call.operands and call.has_option(*_VERSION_OPTIONS))
        )

    def is_cleaned_by(self, call: Call) -> bool:
        """Return True if a call empties the cache."""
        programs = (self.program, *self.cleaned_by)
        return any(call.runs_subcommand(name, *self.cleanup_subcommands) for name in programs)


def find_cache_fills(
    step: Step, caches: Sequence[PackageCache]
) -> Iterator[tuple[PackageCache, Call]]:
    """Yield the last call that fills each cache, in a `RUN` that does not empty it."""
    for cache in caches:
        fills = list_cache_fills(step, cache)
        if fills and not is_cache_emptied(step, cache):
            yield cache, fills[-1]


def list_cache_fills(step: Step, cache: PackageCache) -> list[Call]:
    """Return the calls that fill a cache, where it is not thrown away."""
    return [
        call
        for call in step.calls
        if cache.is_filled_by(call) and find_cache_folder(step, cache, call) != "/dev/null"
    ]


def is_cache_emptied(step: Step, cache: PackageCache) -> bool:
    """Return True if the `RUN` then cleans up, removes the cache, or has it in a mount."""
    fills = list_cache_fills(step, cache)
    later = list_later_calls(step, fills)
    if any(map(cache.is_cleaned_by, later)) or runs_cleanup_script(step):
        return True
    folders = {find_cache_folder(step, cache, call) for call in fills}
    homes = (step.shell_variables.get(name) for name in cache.home_variables)
    paths = [*cache.paths, *(folder for folder in (*folders, *homes) if folder)]
    if _removes_variable(step, cache, later):
        return True
    return _has_named_mount(step, cache.program) or any(
        step.has_mount_over(path) or removes_path(step, path, later) for path in paths
    )


def _removes_variable(step: Step, cache: PackageCache, calls: Sequence[Call]) -> bool:
    """Return True if some calls remove a folder by its variable, whose value the shell computes.

    `export COMPOSER_HOME="$(mktemp -d)"; …; rm -rf "$COMPOSER_HOME"`, as in docker-library/drupal.
    """
    names = (*cache.directory_variables, *cache.home_variables)
    values = step.folders.values
    texts = {values.get(name, f"${name}") for name in names}
    return any(path in texts for _, path in list_removed_paths(step, calls))


def _has_named_mount(step: Step, program: str) -> bool:
    """Return True if a cache mount has the program in its name: `id=pnpm,target=/pnpm/store`."""
    return any(
        mount.kind == "cache"
        and any(program in name for name in (mount.target or "", mount.options.get("id", "")))
        for mount in step.instruction.mounts
    )


def runs_cleanup_script(step: Step) -> bool:
    """Return True if a `RUN` runs a script that is called a clean-up."""
    return any(
        _CLEANUP_SCRIPT.search(name)
        for call in step.calls
        for name in (call.name, *(_list_script_names(call)))
    )


def find_cache_folder(step: Step, cache: PackageCache, call: Call) -> str | None:
    """Return where an option or a variable puts the cache; None for its usual place."""
    value = call.option_value(*cache.directory_options)
    if value is None:
        # npm reads `npm_config_cache` and `NPM_CONFIG_CACHE` alike.
        variables = {name.upper(): value for name, value in step.shell_variables.items()}
        values = (variables.get(name) for name in cache.directory_variables)
        value = next((value for value in values if value), None)
    return value.strip("\"'") if value else None


class CacheUses:
    """The lines that configure a package manager's cache, or install from it."""

    def __init__(self, rule_input: RuleInput, cache: PackageCache) -> None:
        calls = [
            (step.instruction.line_start, call) for step in rule_input.steps for call in step.calls
        ]
        calls = [(line, call) for line, call in calls if call.name == cache.program]
        self._configured = [line for line, call in calls if _configures_cache(call)]
        self._read = [line for line, call in calls if call.has_option(*cache.offline_options)]

    def explains(self, step: Step) -> bool:
        """Return True if a cache is elsewhere (`npm config set cache /tmp`), or is read later."""
        line = step.instruction.line_start
        # Configured before or in this RUN, or read behind it.
        return min(self._configured, default=line + 1) <= line or max(self._read, default=0) >= line


def _configures_cache(call: Call) -> bool:
    has_cache = any("cache" in word.text for word in call.arguments)
    return call.subcommand in _CONFIGURING_VERBS and has_cache


def find_leftover_caches(
    rule_input: RuleInput,
    caches: Sequence[PackageCache],
    title: str,
    message: str,
    fills_nothing: Callable[[Step, PackageCache], bool] = lambda step, cache: False,
) -> Iterator[Finding]:
    """Yield caches that one more command of the same `RUN` empties."""
    needs = LaterNeeds(rule_input)
    uses = {cache.program: CacheUses(rule_input, cache) for cache in caches}
    for step in rule_input.iter_runs():
        filled = [
            cache
            for cache, _ in find_cache_fills(step, caches)
            if not uses[cache.program].explains(step) and not fills_nothing(step, cache)
        ]
        if filled:
            paths = [path for cache in filled for path in _list_paths(step, cache)]
            changes, safety = _build_changes(rule_input, step, filled)
            saving = measure_caches(rule_input, step, paths)
            finding = Finding(step.instruction, title, message, saving, changes, safety)
            yield needs.keep(step, paths, finding)


def measure_caches(rule_input: RuleInput, step: Step, patterns: Sequence[str]) -> int | None:
    """Return the bytes of caches in an instruction's layer; None without an image."""
    saving = rule_input.measure_bytes(step, *patterns)
    return 0 if saving is not None and saving < _MIN_CACHE_BYTES else saving


def _list_paths(step: Step, cache: PackageCache) -> list[str]:
    folders = (find_cache_folder(step, cache, call) for call in list_cache_fills(step, cache))
    return [*cache.paths, *(x for x in folders if x and x.startswith("/") and "$" not in x)]


def _build_changes(
    rule_input: RuleInput, step: Step, caches: Sequence[PackageCache]
) -> tuple[tuple[TextChange, ...], FixSafety]:
    """Add the cleanup of each cache, once for those that one program cleans."""
    changes, safety, cleaning = list[TextChange](), FixSafety.SAFE, set[str]()
    for cache in caches:
        # `bundle` is cleaned by `gem`: one command for both, or it would stand there twice.
        if cleaning.isdisjoint(cache.cleaned_by):
            cleaning.add(cache.program)
            fills = list_cache_fills(step, cache)
            # The cleanup commands do not know the options of the installation.
            is_elsewhere = any(call.has_option(*cache.directory_options) for call in fills)
            cleanup = Cleanup("" if is_elsewhere else cache.cleanup, fills)
            added = add_cleanup(rule_input, step, cleanup)
            if not added:
                return (), FixSafety.MANUAL
            changes += [*added, *_remove_earlier_cleanups(step, cache, fills)]
            safety = safety if cleanup.is_safe else FixSafety.NEEDS_CHECK
    return tuple(changes), safety


def _remove_earlier_cleanups(
    step: Step, cache: PackageCache, fills: Sequence[Call]
) -> Iterator[TextChange]:
    """Remove a cleanup in front of an installation: the one behind it does the work of both."""
    script = step.instruction.script
    for call in step.calls[: step.calls.index(fills[-1])]:
        if script and call.name == cache.program and cache.is_cleaned_by(call):
            span = None if call.is_nested else script.removal_span(call.command)
            if span and call.command.enclosing == fills[-1].command.enclosing:
                yield TextChange(span, "")


def _list_script_names(call: Call) -> Iterator[str]:
    """Yield the name of the script that a shell is started with."""
    if call.name in (*POSIX_SHELLS, ".", "source"):
        operands = (word.text for word in call.arguments if not word.text.startswith("-"))
        yield next(operands, "").rpartition("/")[2]
