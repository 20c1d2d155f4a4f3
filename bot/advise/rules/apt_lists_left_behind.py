"""apt package lists that the same `RUN` does not delete."""

from collections.abc import Iterator

from bot.advise.apt_list_readers import ListReaders, fetches_lists, installs_from_lists
from bot.advise.dockerfile_changes import append_command
from bot.advise.finding import Finding, FixSafety
from bot.advise.later_mentions import LaterNeeds
from bot.advise.package_caches import measure_caches, runs_cleanup_script
from bot.advise.script_paths import list_later_calls, removes_path
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_programs import APT_PROGRAMS

# hadolint DL3009.
_LISTS_PATH, _ARCHIVES_PATH = "/var/lib/apt/lists", "/var/cache/apt"
_TITLE = "Delete the apt package lists in the same `RUN`"
_MESSAGE = (
    "Nothing reads the lists once the packages are installed, and deleting them in a later `RUN` "
    "saves nothing."
)
_NEEDLESS_MESSAGE = "Nothing installs packages from these lists: leave out the update."
# apt 2.9 and later: `clean`, and the lists as well. Both spellings are in apt-get(8).
_CLEANING_SUBCOMMANDS = ("distclean", "dist-clean")
# Scripts of base images that install packages and delete the lists: bitnami/minideb,
# gitpod-io/workspace-images.
_CLEANING_INSTALLERS = ("install_packages", "install-packages")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that keeps the lists; no fix if something later reads them."""
    needs, readers = LaterNeeds(rule_input), ListReaders(rule_input)
    for step in rule_input.iter_runs():
        if fetches_lists(step) and not _deletes_lists(step):
            paths = _list_paths(rule_input, step)
            finding = _build_finding(rule_input, step, paths, readers.describe(step))
            yield needs.keep(step, paths, finding)


def _deletes_lists(step: Step) -> bool:
    """Return True if a `RUN` deletes the lists behind its last update."""
    updates = [x for x in step.calls if x.name in APT_PROGRAMS and x.subcommand == "update"]
    later = list_later_calls(step, updates)
    return (
        removes_path(step, _LISTS_PATH, later)
        or step.has_mount_over(_LISTS_PATH)
        or runs_cleanup_script(step)
        or any(call.name in _CLEANING_INSTALLERS for call in later)
        or any(
            call.name in APT_PROGRAMS and call.subcommand in _CLEANING_SUBCOMMANDS for call in later
        )
    )


def _may_install(step: Step) -> bool:
    """Return True unless a `RUN` only fetches the lists, as far as its commands show."""
    asks_apt = any(x.name in APT_PROGRAMS and x.subcommand != "update" for x in step.calls)
    return asks_apt or installs_from_lists(step.instruction, after_update=True)


def _list_paths(rule_input: RuleInput, step: Step) -> list[str]:
    # Official images empty the archives themselves (/etc/apt/apt.conf.d/docker-clean).
    has_archives = rule_input.measure_bytes(step, _ARCHIVES_PATH)
    return [_LISTS_PATH, _ARCHIVES_PATH] if has_archives else [_LISTS_PATH]


def _build_finding(
    rule_input: RuleInput, step: Step, paths: list[str], reader: str | None
) -> Finding:
    saving = measure_caches(rule_input, step, paths)
    if reader:
        message = (
            f"{reader}. Put `apt-get update`, `apt-get install` and `rm -rf "
            "/var/lib/apt/lists/*` into one `RUN` each time."
        )
        return Finding(step.instruction, _TITLE, message, saving)
    needs_sudo = any("sudo" in call.wrappers for call in step.calls if call.name in APT_PROGRAMS)
    remove = "rm -rf " + " ".join(f"{place}/*" for place in paths)
    return Finding(
        step.instruction,
        _TITLE,
        _MESSAGE if _may_install(step) else _NEEDLESS_MESSAGE,
        saving,
        append_command(
            rule_input.dockerfile, step.instruction, f"sudo {remove}" if needs_sudo else remove
        ),
        # sudo may allow the user apt-get and not rm.
        FixSafety.NEEDS_CHECK if needs_sudo else FixSafety.SAFE,
    )
