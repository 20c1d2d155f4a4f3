"""`apk add`, `apk upgrade` and `apk update` that store an index."""

from collections.abc import Iterator, Sequence

from bot.advise.base_images import is_public_image
from bot.advise.cleanup_commands import SUDO, Cleanup, add_cleanup
from bot.advise.dockerfile_changes import insert_after, remove_word
from bot.advise.finding import Finding, FixSafety
from bot.advise.later_mentions import LaterNeeds
from bot.advise.package_caches import PackageCache, is_cache_emptied, measure_caches
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Script
from bot.pattern_lists import compile_sections

# hadolint DL3019. About 2 MB of APKINDEX files.
_APK_CACHE = PackageCache("apk", ("add", "upgrade", "update"), ("/var/cache/apk", "/etc/apk/cache"))
_UPDATE_OPTIONS = ("--update", "--update-cache", "-U")
# Subcommands that read an index, but store none themselves.
_READING_SUBCOMMANDS = ("search", "policy", "fetch", "list", "version", "dot")
_OLD_BASE_IMAGES = compile_sections("bot.advise", "old_base_images.txt", "apk without --no-cache")
_TITLE = "Use `apk add --no-cache`"
_MESSAGE = (
    "Without `--no-cache`, apk stores its index in the image. With it, `--update` and "
    "`apk update` are not needed either."
)
# Of a base image that nobody knows, Alpine may be older than the option: conjurdemos/asgard.
_REMOVAL = f"{SUDO}rm -rf /var/cache/apk/*"
_REMOVAL_TITLE = "Delete apk's index in the same `RUN`"
_REMOVAL_MESSAGE = (
    "apk stores its index in the image, and nothing reads it once the packages are installed. "
    "Since Alpine 3.3, `--no-cache` stores none."
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` with an `apk` that stores its index."""
    needs, last_reading_line = LaterNeeds(rule_input), _find_last_reading_line(rule_input)
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if _stores_index(call)]
        if not calls or is_cache_emptied(step, _APK_CACHE):
            continue
        # Without the stored index, `apk search` of a later line would find nothing.
        is_read_later = last_reading_line > step.instruction.line_start
        finding = _build_finding(rule_input, step, calls, has_fix=not is_read_later)
        yield needs.keep(step, _APK_CACHE.paths, finding)


def _stores_index(call: Call) -> bool:
    return _APK_CACHE.is_filled_by(call) and not call.has_option("--no-cache", "--no-network")


def _build_finding(
    rule_input: RuleInput, step: Step, calls: Sequence[Call], *, has_fix: bool
) -> Finding:
    """Build the finding, with the option or, on a base that is not public, with a removal."""
    title = _TITLE if any(call.subcommand == "add" for call in calls) else _build_title(calls)
    message, changes, is_safe = _MESSAGE, tuple[TextChange, ...](), True
    fills = [call for call in calls if call.subcommand != "update"]
    if fills and not is_public_image(rule_input.base_image or ""):
        title, message = _REMOVAL_TITLE, _REMOVAL_MESSAGE
        cleanup = Cleanup(_REMOVAL, fills)
        is_safe = cleanup.is_safe
        if has_fix and not _reads_index(step):
            changes = add_cleanup(rule_input, step, cleanup)
    elif has_fix:
        changes = tuple(_build_changes(rule_input, step, calls))
    saving = measure_caches(rule_input, step, _APK_CACHE.paths)
    fix_safety = FixSafety.SAFE if is_safe else FixSafety.NEEDS_CHECK
    safety = fix_safety if changes else FixSafety.MANUAL
    return Finding(step.instruction, title, message, saving, changes, safety)


def _build_title(calls: Sequence[Call]) -> str:
    installs = next((call for call in calls if call.subcommand != "update"), None)
    return "Use `apk upgrade --no-cache`" if installs else "Leave out `apk update`"


def _build_changes(
    rule_input: RuleInput, step: Step, calls: Sequence[Call]
) -> Iterator[TextChange]:
    """Add the option to all calls that install, and take out what only fetches the index.

    Nothing if another command reads the index, or if it would still be stored.
    """
    updates = [call for call in step.calls if call.runs_subcommand("apk", "update")]
    span = _find_update_span(step.instruction.script, updates)
    if _OLD_BASE_IMAGES.match(rule_input.base_image or "") or (updates and span is None):
        return
    if _reads_index(step):
        return
    for call in calls:
        if call.subcommand != "update":
            # Behind the subcommand: a wrapper or a variable may be in front of `apk`.
            yield insert_after(call.operands[0], "--no-cache")
            for word in call.arguments:
                if word.value in _UPDATE_OPTIONS:
                    yield remove_word(rule_input.dockerfile, word)
    if span:
        yield span


def _find_update_span(script: Script | None, updates: Sequence[Call]) -> TextChange | None:
    """Return the removal of a single `apk update`.

    Of two, the second would lose the operator before it.
    """
    if script is None or len(updates) != 1 or updates[0].is_nested:
        return None
    span = script.removal_span(updates[0].command)
    return TextChange(span, "") if span else None


def _reads_index(step: Step) -> bool:
    """Return True if a command of the `RUN` reads the stored index."""
    return any(call.runs_subcommand("apk", *_READING_SUBCOMMANDS) for call in step.calls)


def _find_last_reading_line(rule_input: RuleInput) -> int:
    """Return the line of the last `RUN` that reads a stored index; 0 if there is none."""
    return max(
        (
            step.instruction.line_start
            for step in rule_input.iter_runs()
            if _reads_index(step)
            or any(call.name == "apk" and call.has_option("--no-network") for call in step.calls)
        ),
        default=0,
    )
