"""Gem caches of RubyGems and Bundler."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.advise.cleanup_commands import Cleanup, add_cleanup
from bot.advise.finding import Finding, FixSafety
from bot.advise.later_mentions import LaterNeeds
from bot.advise.package_caches import (
    PackageCache,
    find_cache_fills,
    list_cache_fills,
    measure_caches,
)
from bot.advise.script_paths import list_removed_paths
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call

_CACHE_PATHS = (
    "/usr/local/bundle/cache",
    "/usr/local/bundle/ruby/*/cache",
    "/usr/local/lib/ruby/gems/*/cache",
    "/var/lib/gems/*/cache",
    "~/.bundle/cache",
    "~/.gem",
)
_BUNDLE = PackageCache(
    "bundle",
    ("", "install", "i", "update"),
    _CACHE_PATHS,
    '{sudo}rm -rf ~/.bundle/cache "$({program} env gemdir)"/cache/*',
    no_cache_options=("--local",),
    cleanup_subcommands=(),
    offline_options=("--local",),
)
_GEM = PackageCache(
    "gem",
    ("install", "i", "inst", "update"),
    _CACHE_PATHS,
    '{sudo}rm -rf "$({program} env gemdir)"/cache/*',
    cleanup_subcommands=(),
    offline_options=("--local",),
)
# `gem env gemdir`, ~/.gem, …/gems/3.2.0/cache and ~/.bundle, in whatever form they are written.
_GEM_PATH_PARTS = ("gemdir", ".gem", "gems/", ".bundle")
# Options that install gems into another folder than `gem env gemdir`: bundle-install(1).
_FOLDER_OPTIONS = (
    "--path",
    "--deployment",
    "--install-dir",
    "-i",
    "--user-install",
    "--standalone",
)
_DEPLOYMENT_FOLDER = "vendor/bundle"
_OTHER_ENGINES = ("jruby", "truffleruby")
_LITERAL_FOLDER = re.compile(r"[\w./-]+")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs gems and keeps the cache."""
    needs = LaterNeeds(rule_input)
    for step in rule_input.iter_runs():
        filled = [cache for cache, _ in find_cache_fills(step, (_BUNDLE, _GEM))]
        if not filled or _removes_archives(step):
            continue
        cleanups = _join_cleanups(
            cleanup for cache in filled for cleanup in _list_cleanups(rule_input, step, cache)
        )
        changes = [add_cleanup(rule_input, step, cleanup) for cleanup in cleanups]
        # Bundler falls back to a folder in the home where another user may not write to the gems'.
        has_sudo = any("sudo" in call.wrappers for call in step.calls)
        is_safe = not has_sudo and not step.has_other_user
        finding = Finding(
            step.instruction,
            "Delete the gem cache in the same `RUN`",
            "The gems are already unpacked, and nothing installs them again.",
            measure_caches(rule_input, step, _CACHE_PATHS),
            tuple(x for change in changes for x in change) if all(changes) else (),
            FixSafety.SAFE if is_safe else FixSafety.NEEDS_CHECK,
        )
        yield needs.keep(step, _CACHE_PATHS, finding)


def _list_cleanups(rule_input: RuleInput, step: Step, cache: PackageCache) -> Iterator[Cleanup]:
    """Yield the command that empties the cache, which is below the folder of the gems."""
    fills = list_cache_fills(step, cache)
    folders = [_find_gem_folder(rule_input, step, call) for call in fills]
    if not any(folder is not None for folder in folders):
        yield Cleanup(cache.cleanup, fills, program="gem")
        return
    has_other_folder = any(call.name in ("cd", "pushd") for call in step.calls)
    for folder in dict.fromkeys(folders):
        is_clear = folder is not None and _LITERAL_FOLDER.fullmatch(folder)
        is_reached = folder is not None and (folder.startswith("/") or not has_other_folder)
        engine = _find_ruby_engine(rule_input, step)
        removed = f"{{sudo}}rm -rf {folder}/{engine}/*/cache" if cache is _BUNDLE else ""
        yield Cleanup(removed if is_clear and is_reached else "", fills)


def _find_ruby_engine(rule_input: RuleInput, step: Step) -> str:
    """Return the folder that Bundler makes below its path, by the name of the Ruby."""
    texts = (rule_input.base_image or "", *step.variables.values())
    return next((name for name in _OTHER_ENGINES if any(name in text for text in texts)), "ruby")


def _join_cleanups(cleanups: Iterable[Cleanup]) -> list[Cleanup]:
    """Return the cleanups with one for `gem` and `bundle`, if both install to the usual folder."""
    by_template = {cleanup.template: cleanup for cleanup in cleanups}
    bundle, gem = by_template.get(_BUNDLE.cleanup), by_template.get(_GEM.cleanup)
    if bundle and gem:
        del by_template[_GEM.cleanup]
        fills = sorted((*gem.fills, *bundle.fills), key=lambda call: call.program_span.start)
        by_template[_BUNDLE.cleanup] = replace(bundle, fills=fills)
    return list(by_template.values())


def _find_gem_folder(rule_input: RuleInput, step: Step, call: Call) -> str | None:
    """Return the folder that an option, a setting or a variable names; None for the usual one."""
    value = call.option_value(*_FOLDER_OPTIONS)
    if value is not None:
        # `bundle install --deployment` installs to vendor/bundle: bundle-install(1).
        return value.strip("\"'") if call.has_option("--path") else _DEPLOYMENT_FOLDER
    if call.name != "bundle":
        return None
    variables = step.shell_variables
    if variables.get("BUNDLE_PATH"):
        return variables["BUNDLE_PATH"]
    settings = [
        setting
        for earlier in (*rule_input.steps_before(step), step)
        for setting in earlier.calls
        if setting.name == "bundle" and setting.subcommand == "config"
    ]
    return next(filter(None, map(_read_folder_setting, reversed(settings))), None) or (
        _DEPLOYMENT_FOLDER if variables.get("BUNDLE_DEPLOYMENT") else None
    )


def _read_folder_setting(call: Call) -> str | None:
    """Return the folder of `bundle config set --local path vendor/bundle` and its older forms."""
    words = [word.text.strip("\"'") for word in call.operands[1:] if word.text != "set"]
    if "path" in words[:-1]:
        return words[-1]
    return _DEPLOYMENT_FOLDER if words[:1] == ["deployment"] and words[1:] != ["false"] else None


def _removes_archives(step: Step) -> bool:
    """Return True if the `RUN` removes a gem cache, which has many possible paths."""
    paths = [path.rstrip("*/") for call, path in list_removed_paths(step)]
    # A `find / -name '*.gem' -delete` names them behind an option.
    words = [
        word.text for call in step.calls if call.name in ("rm", "find") for word in call.arguments
    ]
    return any(path.endswith("/cache") for path in paths) or any(
        part in word for word in words for part in _GEM_PATH_PARTS
    )
