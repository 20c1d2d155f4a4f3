"""Clones that keep the history of their repository."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.copied_scripts import CopiedScripts
from bot.advise.dockerfile_changes import append_command
from bot.advise.finding import Finding, FixSafety
from bot.advise.image_purpose import find_work_reason, starts_build_tool
from bot.advise.path_patterns import overlaps_pattern
from bot.advise.program_starts import starts_git
from bot.advise.script_paths import find_folder, list_removed_paths, resolve_word
from bot.advise.started_commands import read_start_commands
from bot.advise.started_scripts import find_final_folder
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call

# Options of git-clone(1) that take the next word.
_OPTIONS_WITH_VALUE = (
    "-b",
    "--branch",
    "-o",
    "--origin",
    "--depth",
    "-j",
    "--jobs",
    "-c",
    "--config",
    "-u",
    "--reference",
    "--filter",
    "--upload-pack",
    "--separate-git-dir",
    "--shallow-since",
)
_SCRIPT = re.compile(r"\.sh$|entrypoint|^/.+/[\w-]+$")
_GIT_USE = re.compile(
    r"(?m)^[^#\n]*\bgit (?:-C \S+ )?(?:pull|fetch|reset|checkout|describe|log|rev-parse|status)\b"
)
_BARE_OPTIONS = ("--bare", "--mirror")
# Of other files, those that may run in the container: `hooks/entrypoint-pre.d/15_maps.sh`.
_HOOK = re.compile(r"\.(?:sh|bash|ya?ml)$|(?:^|/)[^/.]+$")
_MAX_HOOKS, _MAX_HOOK_BYTES = 300, 100_000


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `git clone` of a final stage with a `.git` that its `RUN` leaves there.

    Nothing in images to build or work in, nor if git is used later: the history may be needed.
    """
    if find_work_reason(rule_input, may_start_nothing=True):
        return
    if starts_build_tool(rule_input, ("git",)) or _starts_with_git(rule_input):
        return
    if any(map(_prepares_pull, rule_input.list_run_calls())):
        return
    # Only the last RUN with git: those before it may be what a later `git describe` reads.
    uses = [x for x in rule_input.iter_runs() if any(call.name == "git" for call in x.calls)]
    for step in uses[-1:]:
        clones = [call for call in step.calls if _is_clone(call)]
        folders = [_find_clone_folder(step, call) for call in clones]
        kept_folders = [folder for folder in folders if folder and not _is_removed(step, folder)]
        if kept_folders and not _is_updated_later(rule_input, step, kept_folders):
            yield _build_finding(rule_input, step, kept_folders)


def _prepares_pull(call: Call) -> bool:
    """Return True for settings of a repository that is used later: `pull.ff`, `safe.directory`."""
    return call.runs_subcommand("git", "config") and any(
        value.startswith(("pull.", "safe.directory")) for value in call.known_arguments
    )


def _starts_with_git(rule_input: RuleInput) -> bool:
    """Return True if the script that starts uses the history: `git pull` (devome/dockerfiles)."""
    scripts = CopiedScripts(rule_input)
    words = (word for command in read_start_commands(rule_input).commands for word in command)
    texts = (scripts.read(word) for word in words if _SCRIPT.search(word))
    return any(text and _GIT_USE.search(text) for text in texts)


def _is_updated_later(rule_input: RuleInput, step: Step, folders: list[str]) -> bool:
    """Return True for a partial clone, and if a file of the context, or the program, uses git.

    Who clones with `--filter`, and checks nothing else out, wants the rest later.
    """
    calls = [call for call in step.calls if call.name == "git"]
    if all(map(_is_clone, calls)) and any(
        word.text.startswith("--filter") for call in calls for word in call.arguments
    ):
        return True
    if _runs_in(rule_input, folders) and rule_input.ask_once(starts_git):
        return True
    context = rule_input.context
    sizes = context.file_sizes if context else {}
    paths = [x for x, size in sizes.items() if _HOOK.search(x) and size <= _MAX_HOOK_BYTES]
    texts = (context.read_text(path) for path in paths[:_MAX_HOOKS] if context)
    return any(_GIT_USE.search(text) and any(x in text for x in folders) for text in texts)


def _runs_in(rule_input: RuleInput, folders: list[str]) -> bool:
    """Return True if the container starts in a clone: the program may update it."""
    start = find_final_folder(rule_input) or ""
    return any(f"{start}/".startswith(f"{folder}/") for folder in folders)


def _build_finding(rule_input: RuleInput, step: Step, folders: list[str]) -> Finding:
    paths = [posixpath.join(folder, ".git") for folder in folders]
    changes = _remove_in_same_run(rule_input, step, paths)
    return Finding(
        step.instruction,
        "Delete `.git` of the clone in the same `RUN`",
        "The repository's history and a second copy of each file stay in the image. Check that "
        "nothing reads them when the program is built or starts, as tools that ask git for the "
        "version do. A download of the release's archive has none.",
        rule_input.measure_bytes(step, *paths),
        changes,
        FixSafety.NEEDS_CHECK if changes else FixSafety.MANUAL,
    )


def _remove_in_same_run(
    rule_input: RuleInput, step: Step, paths: list[str]
) -> tuple[TextChange, ...]:
    if any(not path.startswith("/") or "$" in path for path in paths):
        return ()
    command = f"rm -rf {' '.join(paths)}"
    return append_command(rule_input.dockerfile, step.instruction, command)


def _is_clone(call: Call) -> bool:
    return call.runs_subcommand("git", "clone") and not call.has_option(*_BARE_OPTIONS)


def _find_clone_folder(step: Step, call: Call) -> str | None:
    """Return the folder that a clone makes; None if it is unknown."""
    operands: list[str] = []
    skip_next = False
    for word in call.arguments:
        if skip_next or word.text.startswith("-"):
            skip_next = not skip_next and word.text in _OPTIONS_WITH_VALUE
        else:
            operands.append(word.text)
    addresses = operands[operands.index("clone") + 1 :] if "clone" in operands else []
    match addresses:
        case [_, folder]:
            word = next(x for x in reversed(call.arguments) if x.text == folder)
            return resolve_word(step, call, word)
        case [address]:
            name = posixpath.basename(address.strip("\"'").rstrip("/")).removesuffix(".git")
            parent = find_folder(step, call)
            return None if parent is None or not name else posixpath.join(parent, name)
    return None


def _is_removed(step: Step, folder: str) -> bool:
    """Return True if the `RUN` removes or moves the clone or its history, or mounts its folder."""
    history = posixpath.join(folder, ".git")
    name = posixpath.basename(folder)
    for _, path in list_removed_paths(step):
        if overlaps_pattern(path, history) or ".git" in path.split("/"):
            return True
        # In a folder that is unknown, the same name is taken for the same folder.
        if posixpath.basename(path.rstrip("/*")) == name:
            return True
    is_moved = any(
        call.name == "mv" and any(name in word.text for word in call.arguments[:-1])
        for call in step.calls
    )
    mentions_git = any(
        ".git" in word.text.split("/")[-1:]
        for call in step.calls
        if call.name in ("find", "rsync", "tar")
        for word in call.arguments
    )
    return is_moved or mentions_git or step.has_mount_over(history)
