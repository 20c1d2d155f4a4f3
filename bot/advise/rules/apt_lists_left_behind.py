"""apt package lists that the same `RUN` does not delete."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import append_command
from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import measure_caches, removes_path
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_programs import APT_PROGRAMS

# hadolint DL3009.
_LISTS_PATH, _ARCHIVES_PATH = "/var/lib/apt/lists", "/var/cache/apt"
_TITLE = "Delete the apt package lists in the same `RUN`"


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that keeps the lists; no fix if a later one installs from them."""
    for step in rule_input.iter_runs():
        if (
            _fetches_lists(step)
            and not removes_path(step, _LISTS_PATH)
            and not step.has_mount_over(_LISTS_PATH)
        ):
            yield _build_finding(rule_input, step, _find_later_install(rule_input, step))


def _build_finding(rule_input: RuleInput, step: Step, later_install: Step | None) -> Finding:
    paths = [
        _LISTS_PATH,
        *([_ARCHIVES_PATH] if rule_input.measure_bytes(step, _ARCHIVES_PATH) else []),
    ]
    saving = measure_caches(rule_input, step, paths)
    if later_install:
        line = later_install.instruction.line_start
        message = (
            f"Line {line} installs packages from the lists of this `RUN`. Put `apt-get update`, "
            "`apt-get install` and `rm -rf /var/lib/apt/lists/*` into one `RUN` each time."
        )
        return Finding(step.instruction, _TITLE, message, saving)
    remove = "rm -rf " + " ".join(f"{place}/*" for place in paths)
    return Finding(
        step.instruction,
        _TITLE,
        "Nothing reads the lists once the packages are installed, and deleting them in a later "
        "`RUN` saves nothing.",
        saving,
        append_command(rule_input.dockerfile, step.instruction, remove),
        FixSafety.SAFE,
    )


def _fetches_lists(step: Step) -> bool:
    return any(call.name in APT_PROGRAMS and call.subcommand == "update" for call in step.calls)


def _find_later_install(rule_input: RuleInput, step: Step) -> Step | None:
    """Return the first later `RUN` that installs without its own update."""
    for later in rule_input.steps_after(step):
        if _fetches_lists(later):
            return None
        if any(
            call.name in APT_PROGRAMS and call.subcommand in ("install", "build-dep")
            for call in later.calls
        ):
            return later
    return None
