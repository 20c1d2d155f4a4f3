"""Caches of pip and uv."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import insert_after
from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import PackageCache, find_cache_fills, measure_caches
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

_PIP_CACHE = PackageCache(
    "pip",
    ("install", "wheel", "download"),
    ("~/.cache/pip",),
    "--no-cache-dir",
    no_cache_options=("--no-cache-dir",),
    cleanup_subcommands=("cache",),
)
_UV_CACHE = PackageCache(
    "uv",
    ("pip", "sync", "add", "tool"),
    ("~/.cache/uv",),
    "--no-cache",
    no_cache_options=("--no-cache", "-n"),
    cleanup_subcommands=("cache",),
)
_NO_CACHE_VARIABLES = {"pip": "PIP_NO_CACHE_DIR", "uv": "UV_NO_CACHE"}
_CACHE_DIR_VARIABLES = {"pip": "PIP_CACHE_DIR", "uv": "UV_CACHE_DIR"}
# pip reads PIP_NO_CACHE_DIR as a boolean: hadolint DL3042 accepts 1, on, yes and true.
_FALSE_VALUES = ("", "0", "false", "no", "off")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` in which pip or uv installs and keeps its cache."""
    for step in rule_input.iter_runs():
        caches = [
            cache
            for cache, _ in find_cache_fills(step, (_PIP_CACHE, _UV_CACHE))
            if not _has_cache_setting(step, cache.program)
        ]
        if caches:
            names = " and ".join(f"`{cache.cleanup}`" for cache in caches)
            yield Finding(
                step.instruction,
                f"Install with {names}",
                "The cache only speeds up the next installation, and a container installs once. "
                "The installed packages are the same.",
                measure_caches(
                    rule_input, step, [path for cache in caches for path in cache.paths]
                ),
                tuple(change for cache in caches for change in _build_changes(step, cache)),
                FixSafety.SAFE,
            )


def _build_changes(step: Step, cache: PackageCache) -> Iterator[TextChange]:
    """Yield the option for each call that lacks it, behind the subcommand."""
    for call in step.calls:
        if call.runs_subcommand(cache.program, *cache.subcommands) and not call.has_option(
            *cache.no_cache_options
        ):
            yield insert_after(_last_subcommand(call), cache.cleanup)


def _last_subcommand(call: Call) -> Word:
    """Return the last word of the subcommand: `uv pip install` has two."""
    return call.operands[1] if call.subcommand in ("pip", "tool") else call.operands[0]


def _has_cache_setting(step: Step, program: str) -> bool:
    """Return True if a variable turns the cache off, or moves it elsewhere."""
    script = step.instruction.script
    exported = {
        assignment.name: (assignment.value and assignment.value.value) or ""
        for command in (script.commands if script else ())
        for assignment in command.assignments
    }
    variables = {**step.variables, **exported}
    no_cache_value = variables.get(_NO_CACHE_VARIABLES[program])
    return _CACHE_DIR_VARIABLES[program] in variables or (
        no_cache_value is not None and no_cache_value.lower() not in _FALSE_VALUES
    )
