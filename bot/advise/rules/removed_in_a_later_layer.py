"""Files that one instruction brings and a later one removes: they are shipped all the same."""

from collections.abc import Iterator

from bot.advise.copy_targets import is_copy, resolve_copied_path
from bot.advise.dockerfile_changes import merge_runs
from bot.advise.fetched_files import find_unpacked_archive, is_remote_add
from bot.advise.finding import Finding, FixSafety
from bot.advise.layer_evidence import LayerEvidence
from bot.advise.path_patterns import compile_path_patterns
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.model.files import WasteCause

# Caches have rules of their own, which say how to empty them where they were filled.
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
_TITLE = "Remove the files in the `RUN` that creates them"


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Every `RUN` that removes what an earlier instruction of this Dockerfile brought."""
    for step in rule_input.iter_runs():
        for maker, saving in _find_creators(rule_input, step):
            # Of an archive that `ADD` downloads another rule speaks.
            if find_unpacked_archive(rule_input, maker) is None:
                yield _build_finding(rule_input, maker, step, saving)


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
            "files to a command without storing them."
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
    tier = FixSafety.SAFE if changes else FixSafety.MANUAL
    return Finding(step.instruction, _TITLE, message, saving_bytes, changes, tier)


def _find_creators(rule_input: RuleInput, step: Step) -> Iterator[tuple[Step, int | None]]:
    """Who brought what this instruction removes, and the bytes where they were measured."""
    if rule_input.evidence:
        yield from _find_measured_creators(rule_input, rule_input.evidence, step)
    else:
        yield from ((maker, None) for maker in _find_named_creators(rule_input, step))


def _find_measured_creators(
    rule_input: RuleInput, evidence: LayerEvidence, step: Step
) -> Iterator[tuple[Step, int]]:
    """Who brought what this instruction removes, and the bytes."""
    sizes: dict[int, int] = {}
    for waste in evidence.find_hidden_files(step.instruction, WasteCause.REMOVED):
        if not _CACHE_PATTERN.match(waste.path):
            sizes[waste.shipping_layer] = sizes.get(waste.shipping_layer, 0) + waste.size
    for maker in rule_input.steps_before(step):
        layer = evidence.find_layer(maker.instruction)
        if layer and sizes.get(layer.index):
            yield maker, sizes[layer.index]


def _find_named_creators(rule_input: RuleInput, step: Step) -> Iterator[Step]:
    """Who, by the text alone, brought a file or a folder that is removed under its full name."""
    for path in _list_removed_paths(step):
        makers = [maker for maker in rule_input.steps_before(step) if _creates_path(maker, path)]
        if makers and not _is_created_in_run(step, path):
            yield makers[-1]


def _list_removed_paths(step: Step) -> Iterator[str]:
    for call in step.calls:
        if call.name == "rm":
            for word in call.operands:
                path = step.resolve_path(word.value or "$")
                if path and not word.is_pattern and not _CACHE_PATTERN.match(path[1:]):
                    yield path


def _creates_path(step: Step, path: str) -> bool:
    if is_copy(step):
        return resolve_copied_path(step) == path
    return any(
        _resolves_to(step, word.value, path)
        for call in step.calls
        for word in _list_written_words(call)
    )


def _list_written_words(call: Call) -> Iterator[Word]:
    """What a command writes, as far as its words say so."""
    for redirection in call.command.redirections:
        if redirection.operator.endswith(">") and redirection.target:
            yield redirection.target
    if call.name in _WRITE_PROGRAMS:
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
    """The two as one `RUN`, where nothing stands between them."""
    follower = next(iter(rule_input.steps_after(first)), None)
    if follower != second or first.stage is not second.stage:
        return ()
    return merge_runs(rule_input.dockerfile, first.instruction, second.instruction)
