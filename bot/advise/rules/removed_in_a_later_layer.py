"""Files that one instruction brings and a later one removes: they are shipped all the same."""

from collections.abc import Iterator

from bot.advise.copy_targets import is_copy, landing
from bot.advise.dockerfile_changes import merged
from bot.advise.fetched_files import is_fetched, unpacked_later
from bot.advise.finding import Finding, Tier
from bot.advise.layer_evidence import Evidence
from bot.advise.path_patterns import inside
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.model.files import Hidden

# Caches have rules of their own, which say how to empty them where they were filled.
_CACHES = inside(
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
_WRITERS = ("cp", "mv", "install", "touch", "mkdir", "tee", "git", "ln")
_OUTPUTS = ("-o", "-O", "--output", "--output-document")
_TITLE = "Remove the files in the RUN that made them"


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that removes what an earlier instruction of this Dockerfile brought."""
    for step in subject.runs():
        for maker, saving in _makers(subject, step):
            # Of an archive that `ADD` downloads another rule speaks.
            if unpacked_later(subject, maker) is None:
                yield _finding(subject, maker, step, saving)


def _finding(subject: Subject, maker: Step, step: Step, saving: int | None) -> Finding:
    line = maker.statement.line_start
    if is_fetched(maker):
        message = (
            f"Line {line} downloads them into a layer, where they stay. A `RUN` that downloads, uses "
            "and removes them leaves nothing of them."
        )
        return Finding(step.statement, "Download the files where they are used", message, saving)
    if is_copy(maker):
        message = (
            f"Line {line} copies them into a layer, where they stay. `RUN --mount=type=bind` lets a "
            "command read files that no layer gets."
        )
        return Finding(step.statement, "Mount the files instead of copying them", message, saving)
    changes = _merge(subject, maker, step)
    message = f"Line {line} ships them, and a later layer only hides them."
    if changes:
        message += (
            " As one RUN, both run again when either changes: the layer cache has one entry less."
        )
    tier = Tier.APPLY if changes else Tier.TELL
    return Finding(step.statement, _TITLE, message, saving, changes, tier)


def _makers(subject: Subject, step: Step) -> Iterator[tuple[Step, int | None]]:
    """Who brought what this instruction removes, and the bytes where they were measured."""
    if subject.evidence:
        yield from _measured(subject, subject.evidence, step)
    else:
        yield from ((maker, None) for maker in _told(subject, step))


def _measured(subject: Subject, evidence: Evidence, step: Step) -> Iterator[tuple[Step, int]]:
    """Who brought what this instruction removes, and the bytes."""
    sizes: dict[int, int] = {}
    for waste in evidence.hidden_by(step.statement, Hidden.REMOVED):
        if not _CACHES.match(waste.path):
            sizes[waste.written] = sizes.get(waste.written, 0) + waste.size
    for maker in subject.before(step):
        layer = evidence.layer(maker.statement)
        if layer and sizes.get(layer.index):
            yield maker, sizes[layer.index]


def _told(subject: Subject, step: Step) -> Iterator[Step]:
    """Who, by the text alone, brought a file or a folder that is removed under its full name."""
    for path in _removed(step):
        makers = [maker for maker in subject.before(step) if _brings(maker, path)]
        if makers and not _is_made_here(step, path):
            yield makers[-1]


def _removed(step: Step) -> Iterator[str]:
    for call in step.calls:
        if call.name == "rm":
            for word in call.operands:
                path = step.path(word.value or "$")
                if path and not word.is_pattern and not _CACHES.match(path[1:]):
                    yield path


def _brings(step: Step, path: str) -> bool:
    if is_copy(step):
        return landing(step) == path
    return any(_names(step, word.value, path) for call in step.calls for word in _written(call))


def _written(call: Call) -> Iterator[Word]:
    """What a command writes, as far as its words say so."""
    for redirection in call.command.redirections:
        if redirection.operator.endswith(">") and redirection.target:
            yield redirection.target
    if call.name in _WRITERS:
        yield from call.operands[-1:]
    for option, word in zip(call.arguments, call.arguments[1:], strict=False):
        if option.value in _OUTPUTS:
            yield word


def _is_made_here(step: Step, path: str) -> bool:
    return any(
        _names(step, word.value, path)
        for call in step.calls
        if call.name != "rm"
        for word in call.arguments
    )


def _names(step: Step, value: str | None, path: str) -> bool:
    return value is not None and value.startswith("/") and step.path(value) == path


def _merge(subject: Subject, first: Step, second: Step) -> tuple[Change, ...]:
    """The two as one `RUN`, where nothing stands between them."""
    follower = next(iter(subject.after(first)), None)
    if follower != second or first.stage is not second.stage:
        return ()
    return merged(subject.dockerfile, first.statement, second.statement)
