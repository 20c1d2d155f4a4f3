"""`apk add` without `--no-cache`."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import insert_after, remove_word
from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import PackageCache, is_cache_emptied, measure_caches
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Script

# hadolint DL3019. About 2 MB of APKINDEX files.
_APK_CACHE = PackageCache("apk", ("add",), ("/var/cache/apk", "/etc/apk/cache"))
_UPDATE_OPTIONS = ("--update", "--update-cache", "-U")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` with an `apk add` that stores its index."""
    for step in rule_input.iter_runs():
        adds = [call for call in step.calls if call.runs_subcommand("apk", "add")]
        caching = [call for call in adds if not call.has_option("--no-cache")]
        if caching and not is_cache_emptied(step, _APK_CACHE):
            yield Finding(
                step.instruction,
                "Use `apk add --no-cache`",
                "Without `--no-cache`, apk stores its index in the image. With it, `--update` and "
                "`apk update` are not needed either.",
                measure_caches(rule_input, step, _APK_CACHE.paths),
                tuple(_build_changes(rule_input, step, caching)),
                FixSafety.SAFE,
            )


def _build_changes(rule_input: RuleInput, step: Step, adds: list[Call]) -> Iterator[TextChange]:
    for call in adds:
        yield insert_after(call.operands[0], "--no-cache")
        for word in call.arguments:
            if word.value in _UPDATE_OPTIONS:
                yield remove_word(rule_input.dockerfile, word)
    script = step.instruction.script
    if script:
        yield from _remove_update(step, script)


def _remove_update(step: Step, script: Script) -> Iterator[TextChange]:
    """Remove a single `apk update`.

    Of two, the second would lose the operator before it.
    """
    updates = [call for call in step.calls if call.runs_subcommand("apk", "update")]
    span = script.removal_span(updates[0].command) if len(updates) == 1 else None
    if span:
        yield TextChange(span, "")
