"""Files that one instruction adds and a later one removes."""

import posixpath
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from bot.advise.copy_targets import (
    find_unpacked_archive,
    is_copy,
    is_remote_add,
    is_tiny_copy,
    list_copied_paths,
)
from bot.advise.dockerfile_changes import merge_runs
from bot.advise.finding import Finding, FixSafety
from bot.advise.layer_evidence import LayerEvidence
from bot.advise.path_patterns import compile_path_patterns
from bot.advise.script_paths import find_folder, list_removed_paths, removes_all
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.model.files import WasteCause

# Other rules report caches, with the command that empties them.
_CACHE_PATTERN = compile_path_patterns(
    (
        "/var/lib/apt/lists",
        "/var/cache",
        "/etc/apk/cache",
        "~/.cache",
        "~/.npm",
        "/usr/local/share/.cache",
        "~/.local/share/pnpm",
        "~/.composer/cache",
        "~/.m2",
        "~/.gradle",
        "/go/pkg/mod",
        "/usr/local/cargo/registry",
        "/opt/*/pkgs",
    )
)
_WRITE_PROGRAMS = ("cp", "mv", "install", "touch", "mkdir", "tee", "git", "ln")
_OUTPUT_OPTIONS = ("-o", "-O", "--output", "--output-document")
_MODULE_INSTALLERS = {
    "npm": ("ci", "install", "i"),
    "yarn": ("", "install"),
    "pnpm": ("install", "i"),
    "bun": ("install", "i"),
}
_BRANCHES = ("if", "case")
_TITLE = "Remove the files in the `RUN` that creates them"


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that removes files of an earlier instruction of this Dockerfile."""
    written = _WrittenPaths(rule_input.steps)
    for step in rule_input.iter_runs():
        for creator, saving in _find_creators(rule_input, written, step):
            # archive-added-by-url reports these.
            if find_unpacked_archive(rule_input, creator) is None:
                yield _build_finding(rule_input, creator, step, saving)


def _build_finding(
    rule_input: RuleInput, creator: Step, step: Step, saving_bytes: int | None
) -> Finding:
    line = creator.instruction.line_start
    if is_remote_add(creator):
        message = (
            f"Line {line} downloads them into a layer, where they stay. A single `RUN` that "
            "downloads, uses and removes them stores nothing."
        )
        return Finding(
            step.instruction,
            "Download the files in the `RUN` that uses them",
            message,
            saving_bytes,
        )
    if is_copy(creator):
        message = (
            f"Line {line} copies them into a layer, where they stay. `RUN --mount=type=bind` gives "
            "files to a command without storing them (with `rw`, also to one that changes them)."
        )
        return Finding(
            step.instruction, "Mount the files instead of copying them", message, saving_bytes
        )
    changes = _merge_steps(rule_input, creator, step)
    message = f"Line {line} stores them, and removing them in a later layer only hides them."
    if changes:
        message += (
            " Merged into one `RUN`, both run again if either changes: the layer cache has one "
            "entry less."
        )
    safety = FixSafety.SAFE if changes else FixSafety.MANUAL
    return Finding(step.instruction, _TITLE, message, saving_bytes, changes, safety)


class _WrittenPaths:
    """The instructions that add files, by the paths in their text."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._copies: list[Step] = []
        self._runs: dict[str | None, list[Step]] = {}
        self._removals: dict[str, list[int]] = {}
        for step in steps:
            is_run = step.instruction.keyword == "RUN"
            for removed in _list_removed_paths(step) if is_run else ():
                self._removals.setdefault(removed, []).append(step.instruction.line_start)
            if is_copy(step):
                self._copies.append(step)
            for path in _list_written_paths(step):
                self._runs.setdefault(path, []).append(step)

    def is_removed_between(self, path: str, creator: Step, step: Step) -> bool:
        """Return True if another instruction has removed a path before this one."""
        first, last = creator.instruction.line_start, step.instruction.line_start
        return any(first < line < last for line in self._removals.get(path, ()))

    def find_last_creator(self, path: str, step: Step) -> Step | None:
        """Return the last instruction before a step that adds a path."""
        line = step.instruction.line_start
        copies = [x for x in self._copies if _creates_path(x, path)]
        creators = [*copies, *self._runs.get(path, ())]
        earlier = (x for x in creators if x.instruction.line_start < line)
        return max(earlier, key=lambda creator: creator.instruction.line_start, default=None)


def _find_creators(
    rule_input: RuleInput, written: _WrittenPaths, step: Step
) -> Iterator[tuple[Step, int | None]]:
    """Yield the instructions of the files that this one removes, with bytes where measured."""
    if rule_input.evidence:
        yield from _find_measured_creators(rule_input, rule_input.evidence, step)
    else:
        yield from ((creator, None) for creator in _find_named_creators(rule_input, written, step))


def _find_measured_creators(
    rule_input: RuleInput, evidence: LayerEvidence, step: Step
) -> Iterator[tuple[Step, int]]:
    """Yield the instructions of the files that this one removes, with their bytes."""
    sizes: dict[int, int] = {}
    for waste in evidence.find_hidden_files(step.instruction, WasteCause.REMOVED):
        if not _CACHE_PATTERN.match(waste.path):
            sizes[waste.shipping_layer] = sizes.get(waste.shipping_layer, 0) + waste.size
    for creator in rule_input.steps_before(step):
        layer = evidence.find_layer(creator.instruction)
        if layer and sizes.get(layer.index):
            yield creator, sizes[layer.index]


def _find_named_creators(
    rule_input: RuleInput, written: _WrittenPaths, step: Step
) -> Iterator[Step]:
    """Yield, from the text alone, the instructions that added a removed path."""
    for path in _list_removed_paths(step):
        creator = written.find_last_creator(path, step)
        if creator is None or written.is_removed_between(path, creator, step):
            continue
        if not _replaces_path(rule_input, creator, step, path):
            yield creator


def _replaces_path(rule_input: RuleInput, creator: Step, step: Step, path: str) -> bool:
    """Return True if the `RUN` itself makes what it removes, or if that is next to nothing.

    A command that uses a copied file names it as well.
    """
    if is_copy(creator):
        return is_tiny_copy(rule_input, creator)
    return _is_created_in_run(step, path)


def _list_removed_paths(step: Step) -> Iterator[str]:
    """Yield the paths that are removed whole: `/src` of `rm -rf /src/*`, or a pattern."""
    for call, removed in list_removed_paths(step):
        # What only one branch removes is wanted in the other: zalando/spilo keeps packages so.
        is_certain = all(block.kind not in _BRANCHES for block in call.command.enclosing)
        # Of a path that is relative or has a variable, nobody knows here what it is.
        if removes_all(call) and is_certain and removed.startswith("/") and "$" not in removed:
            path = posixpath.normpath(removed.removesuffix("/*"))
            if path != "/" and not _CACHE_PATTERN.match(path[1:]):
                yield path


def _list_written_paths(step: Step) -> Iterator[str | None]:
    """Yield the absolute paths that the commands of a `RUN` write."""
    for call in step.calls:
        for word in _list_written_words(call):
            if word.value is not None and word.value.startswith("/"):
                yield step.resolve_path(word.value)
        folder = find_folder(step, call) if _installs_modules(call) else None
        if folder and folder.startswith("/"):
            yield posixpath.join(folder, "node_modules")


def _creates_path(copy: Step, path: str) -> bool:
    return any(_is_removed_with(copied, path) for copied in list_copied_paths(copy))


def _is_removed_with(copied: str, path: str) -> bool:
    """Return True if a copied path matches a removed one, or is below it."""
    return fnmatchcase(copied, path) or copied.startswith(f"{path}/")


def _installs_modules(call: Call) -> bool:
    """Return True if a package manager of Node installs into `node_modules`."""
    is_install = call.subcommand in _MODULE_INSTALLERS.get(call.name, ())
    return is_install and not call.has_option("-g", "--global", "--prefix")


def _list_written_words(call: Call) -> Iterator[Word]:
    """Yield the paths that a command writes, as far as its words show."""
    for redirection in call.command.redirections:
        if redirection.operator.endswith(">") and redirection.target:
            yield redirection.target
    if call.name in _WRITE_PROGRAMS:
        # The last operand of `cp`, `mv` or `git clone` is what is written.
        yield from call.operands[-1:]
    for option, word in zip(call.arguments, call.arguments[1:], strict=False):
        if option.value in _OUTPUT_OPTIONS:
            yield word


def _is_created_in_run(step: Step, path: str) -> bool:
    return any(
        _resolves_to(step, word.value, path)
        for call in step.calls
        if call.name != "rm"
        for word in call.arguments
    )


def _resolves_to(step: Step, value: str | None, path: str) -> bool:
    return value is not None and value.startswith("/") and step.resolve_path(value) == path


def _merge_steps(rule_input: RuleInput, first: Step, second: Step) -> tuple[TextChange, ...]:
    """Merge two adjacent `RUN`s of one stage."""
    follower = next(iter(rule_input.steps_after(first)), None)
    if follower != second or first.stage is not second.stage:
        return ()
    # The flags, user, folder and shell of both must be the same, so only direct neighbours.
    return merge_runs(rule_input.dockerfile, first.instruction, second.instruction)
