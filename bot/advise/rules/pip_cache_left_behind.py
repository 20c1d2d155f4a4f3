"""Wheels that pip and uv keep to install them once more, which no container does."""

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
_FALSE_VALUES = ("", "0", "false", "no", "off")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Every `RUN` in which pip or uv installs and keeps what it downloaded."""
    for step in rule_input.iter_runs():
        used = [
            (x, call)
            for x, call in find_cache_fills(step, (_PIP_CACHE, _UV_CACHE))
            if not _has_cache_setting(step, x.program)
        ]
        if used:
            names = " and ".join(f"`{x.cleanup}`" for x, _ in used)
            yield Finding(
                step.instruction,
                f"Install with {names}",
                "The cache only speeds up the next installation, and a container installs once. "
                "The installed packages are the same.",
                measure_caches(rule_input, step, [place for x, _ in used for place in x.paths]),
                tuple(change for x, _ in used for change in _build_changes(step, x)),
                FixSafety.SAFE,
            )


def _build_changes(step: Step, cache: PackageCache) -> Iterator[TextChange]:
    """The option, for each call that lacks it, behind its verb."""
    for call in step.calls:
        if call.runs_subcommand(cache.program, *cache.subcommands) and not call.has_option(
            *cache.no_cache_options
        ):
            yield insert_after(_last_subcommand(call), cache.cleanup)


def _last_subcommand(call: Call) -> Word:
    """`uv pip install` has two words for a verb."""
    return call.operands[1] if call.subcommand in ("pip", "tool") else call.operands[0]


def _has_cache_setting(step: Step, program: str) -> bool:
    """Whether a variable turns the cache off, or moves it where we do not know."""
    script = step.instruction.script
    exported = {
        given.name: (given.value and given.value.value) or ""
        for command in (script.commands if script else ())
        for given in command.assignments
    }
    known = {**step.variables, **exported}
    switch = known.get(_NO_CACHE_VARIABLES[program])
    return _CACHE_DIR_VARIABLES[program] in known or (
        switch is not None and switch.lower() not in _FALSE_VALUES
    )
