"""Caches of pip and uv."""

import re
from collections.abc import Iterator

from bot.advise.dockerfile_changes import insert_after
from bot.advise.finding import Finding, FixSafety
from bot.advise.later_mentions import LaterNeeds
from bot.advise.package_caches import (
    CacheUses,
    PackageCache,
    is_cache_emptied,
    list_cache_fills,
    measure_caches,
)
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.pattern_lists import compile_sections

_PIP_CACHE = PackageCache(
    "pip",
    ("install", "wheel", "download"),
    ("~/.cache/pip",),
    "--no-cache-dir",
    no_cache_options=("--cache-dir", "--no-index"),
    cleanup_subcommands=("cache purge", "cache remove"),
    offline_options=(),
)
_UV_CACHE = PackageCache(
    "uv",
    ("pip install", "pip sync", "sync", "add", "tool install"),
    ("~/.cache/uv",),
    "--no-cache",
    no_cache_options=("--no-cache", "--no-cache-dir", "-n", "--cache-dir", "--no-index"),
    cleanup_subcommands=("cache clean", "cache prune"),
    offline_options=("--offline",),
)
# optparse takes an option that is abbreviated, as long as it is the only one: `--no-c` is not.
_ABBREVIATED_NO_CACHE_DIR = re.compile(r"--no-ca(?:c(?:h(?:e(?:-(?:d(?:ir?)?)?)?)?)?)?")
_OPTIONS_WITHOUT_DEPENDENCIES = ("--no-deps", "--no-dependencies")
_CACHE_DIR_VARIABLES = {"pip": "PIP_CACHE_DIR", "uv": "UV_CACHE_DIR"}
# clap's values of a switch in uv.
_FALSE_VALUES = ("", "0", "false", "no", "off", "n", "f")
# `pip config set global.no-cache-dir true`, or a pip.conf that a line writes.
_NO_CACHE_SETTING = re.compile(r"no-cache-dir(?![\w-])")
_SETTING_FILES = re.compile(r"pip\.(?:conf|ini)|pip3? config")
_PIP_INSTALLERS = re.compile(r"get-pip\.py|easy_install")
_OLD_BASE_IMAGES = compile_sections(
    "bot.advise", "old_base_images.txt", "pip without --no-cache-dir"
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` in which pip or uv installs and keeps its cache."""
    needs, settings = LaterNeeds(rule_input), _Settings(rule_input)
    for step in rule_input.iter_runs():
        fills = {
            cache: calls
            for cache in (_PIP_CACHE, _UV_CACHE)
            if (calls := _list_fills(settings, step, cache))
        }
        if fills:
            names = " and ".join(f"`{cache.cleanup}`" for cache in fills)
            paths = [path for cache in fills for path in cache.paths]
            finding = Finding(
                step.instruction,
                f"Install with {names}",
                "The cache only speeds up the next installation, and a container installs once. "
                "The installed packages are the same.",
                measure_caches(rule_input, step, paths),
                tuple(_build_changes(fills)),
                FixSafety.SAFE,
            )
            yield needs.keep(step, paths, finding)


def _build_changes(fills: dict[PackageCache, list[Call]]) -> Iterator[TextChange]:
    """Yield the option for each call that lacks it, behind the subcommand."""
    for cache, calls in fills.items():
        for call in calls:
            yield insert_after(_last_subcommand(call), cache.cleanup)


def _last_subcommand(call: Call) -> Word:
    """Return the last word of the subcommand: `uv pip install` has two."""
    return call.operands[1] if call.subcommand in ("pip", "tool") else call.operands[0]


class _Settings:
    """The lines that configure the caches, and the first that brings another pip."""

    def __init__(self, rule_input: RuleInput) -> None:
        self.uses = {x.program: CacheUses(rule_input, x) for x in (_PIP_CACHE, _UV_CACHE)}
        steps = rule_input.steps
        self._no_cache = [x.instruction.line_start for x in steps if _writes_no_cache_setting(x)]
        self._is_old = bool(_OLD_BASE_IMAGES.match(rule_input.base_image or ""))
        replacing = [x for x in steps if any(map(_replaces_pip, x.calls))] if self._is_old else []
        self._replacing = [x.instruction.line_start for x in replacing]

    def has_no_cache(self, step: Step) -> bool:
        """Return True if a pip.conf or `pip config` turns the cache off."""
        line = step.instruction.line_start
        return min(self._no_cache, default=line + 1) <= line

    def has_old_pip(self, step: Step, call: Call) -> bool:
        """Return True if the base image's pip has no cache, and no earlier call replaced it."""
        line = step.instruction.line_start
        if not self._is_old or min(self._replacing, default=line) < line:
            return False
        return not any(map(_replaces_pip, step.calls[: step.calls.index(call)]))


def _list_fills(settings: _Settings, step: Step, cache: PackageCache) -> list[Call]:
    """Return the calls that leave packages in the cache."""
    fills = list_cache_fills(step, cache)
    if (
        not fills
        or is_cache_emptied(step, cache)
        or settings.uses[cache.program].explains(step)
        or _has_cache_variable(step, cache.program)
    ):
        return []
    if cache is _UV_CACHE:
        return fills
    has_no_cache = settings.has_no_cache(step)
    return [] if has_no_cache else [x for x in fills if _fills_pip_cache(settings, step, x)]


def _fills_pip_cache(settings: _Settings, step: Step, call: Call) -> bool:
    return not (
        any(map(_ABBREVIATED_NO_CACHE_DIR.fullmatch, call.known_arguments))
        or _downloads_nothing(call)
        or settings.has_old_pip(step, call)
    )


def _downloads_nothing(call: Call) -> bool:
    """Return True for local wheels, or sources that need nothing else, without dependencies."""
    if not call.has_option(*_OPTIONS_WITHOUT_DEPENDENCIES) or call.has_option(
        "-r", "--requirement"
    ):
        return False
    links = call.option_value("--find-links", "-f") or ""
    if links.strip("\"'").startswith((".", "/")):
        return True
    packages = [word.text.strip("\"'") for word in call.operands[1:]]
    is_local = all(name.startswith((".", "/")) for name in packages)
    return all(name.endswith(".whl") and "://" not in name for name in packages) or (
        is_local and call.has_option("--no-build-isolation")
    )


def _replaces_pip(call: Call) -> bool:
    """Return True for `pip install -U pip`, `get-pip.py` and another Python of its own."""
    words = [call.name, *(word.text for word in call.arguments)]
    upgrades = call.runs_subcommand("pip", "install") and any(
        word.strip("\"'").partition("=")[0].rstrip("<>~!") == "pip" for word in words[1:]
    )
    return (
        upgrades or any(map(_PIP_INSTALLERS.search, words)) or call.name in ("virtualenv", "conda")
    )


def _has_cache_variable(step: Step, program: str) -> bool:
    """Return True if a variable turns the cache off, or moves it elsewhere."""
    variables = step.shell_variables
    if variables.get(_CACHE_DIR_VARIABLES[program]):
        return True
    if program == "uv":
        return variables.get("UV_NO_CACHE", "").lower() not in _FALSE_VALUES
    # Any value turns it off, `0` and `false` as well: pip#5385. pip ignores an empty one.
    return bool(variables.get("PIP_NO_CACHE_DIR") or variables.get("PIP_NO_INDEX"))


def _writes_no_cache_setting(step: Step) -> bool:
    text = "\n".join([step.instruction.text, *(x.body.text for x in step.instruction.heredocs)])
    return bool(_NO_CACHE_SETTING.search(text) and _SETTING_FILES.search(text))
