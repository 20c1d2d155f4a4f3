"""The output of a failed build: what went wrong, at which instruction, and of which kind.

buildx prints, below a line of dashes, the failing step with its output, an excerpt of the
Dockerfile, and the error. What the files of the commit say of it (a file is ignored, or is not in
the context) is added in `line/failure_causes.py`.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import PurePosixPath

from bot.adapters.docker.missing_sources import explain_missing_source
from bot.adapters.process import ProcessResult
from bot.dockerfile.instruction import Mount, parse_mount
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.pattern_lists import compile_sections

_LOG_LINES = 20
_MAX_CHARACTERS = 4000  # of a line; a failing program can print a line of any length
# A program that the image lacks is no defect of the machine, which the same words could mean.
_OWN_PROGRAM = ("missing shell", "missing program", "unusable program")
_TEMPORARY = "temporary network errors"
# Between rulers of dashes, buildx prints the failed step, and then the excerpt in longer ones.
_RULER = "------"
_EXCERPT_RULER = "-" * 20
_EXCERPT_LINES = 5  # as many as buildx shows around one line
_SHOWN_OF_LONGER = 3
_ERROR_PREFIX = "ERROR: "
_OUTER_ERRORS = re.compile(r"^(?:failed to build: )?(?:failed to solve: )?")
# Two builds of the same files name different snapshots of the context.
_SNAPSHOT = re.compile(r" of ref \S+::\S+(?=:)")
_FAILED_STEP = re.compile(r"(?P<step>#\d+) ERROR: ")
# ` > [builder 3/7] RUN make:`, or without the brackets for a step that has no stage.
_STEP_HEADER = re.compile(r" > (?:\[(?P<stage>[^\]]*)\] )?(?P<text>.*):")
# A stage without a name is `stage-1`; the numbers shift when a line is added above.
_STEP_NUMBER = re.compile(r"(?:^stage-\d+)?(?:^| )\d+/\d+$")
# `   4 | >>> RUN make`: the arrows mark the lines of the instruction that failed.
_EXCERPT_LINE = re.compile(r" *\d+ \| >>> ?(?P<text>.*)")
_RUN = re.compile(r"(?:^|: )RUN\b", re.IGNORECASE)
_MOUNT = re.compile(r"--mount=(\S+)")
# A reason that may lie around the build is searched for first.
_OUTER_KINDS = (
    *(FailureKind.SECRET, FailureKind.SSH, FailureKind.LOGIN, FailureKind.DISK),
    *(
        FailureKind.MEMORY,
        FailureKind.TIME,
        FailureKind.PLATFORM,
        FailureKind.BASE_IMAGE,
        FailureKind.NETWORK,
    ),
    FailureKind.ENGINE,
)
# Reasons in the files themselves, which may only be named where nothing around them is to blame.
_OWN_KINDS = (
    *(FailureKind.TARGET, FailureKind.SYNTAX, FailureKind.REFERENCE, FailureKind.MISSING_FILE),
    FailureKind.INSTRUCTION,
)
# Sections of data/build_errors.txt beside the one that has the kind's name.
_MORE_SECTIONS = {
    FailureKind.PLATFORM: ("platform that is not offered",),
    FailureKind.ENGINE: ("network of the host", "insecure step", "older buildx"),
}
# Newer releases of BuildKit name the server of tokens, if any, and not the registry.
_METADATA_HEADER = re.compile(r" > \[internal\] load metadata for ([\w.-]+(?::\d+)?)/")
_MOUNT_KINDS = {"secret": FailureKind.SECRET, "ssh": FailureKind.SSH}
_SUBJECTS = {
    FailureKind.SECRET: re.compile(r"secret (\S+): not found"),
    FailureKind.SSH: re.compile(r"(?:ssh (?:forward )?key |SSH key \")([\w.-]+)"),
    FailureKind.LOGIN: re.compile(r"(?:source metadata for |https?://)([\w.-]+(?::\d+)?)/"),
}


def parse_build_failure(result: ProcessResult, provided: Collection[str] = ()) -> BuildFailure:
    """Return the error of a failed build, with the last lines of the failing step.

    `provided` has the IDs of the secrets and SSH keys that the build had.
    """
    lines = [line for line in result.stderr_lines if line.strip()]
    errors = [line for line in lines if line.startswith(_ERROR_PREFIX)]
    reason = f"exit status {result.status}"
    if errors:
        reason = _OUTER_ERRORS.sub("", errors[-1].removeprefix(_ERROR_PREFIX), count=1)
        reason = _SNAPSHOT.sub("", reason)
    block = _find_block(lines)
    instruction = _find_instruction(block)
    output = [line for line in [*_list_step_output(lines), *block] if line not in errors]
    kind = classify_failure(reason, instruction, output, provided)
    subject = _find_registry(kind, block) or _find_subject(kind, reason, instruction, provided)
    reason, path = explain_missing_source(reason, instruction)
    return BuildFailure(
        reason, tail_log(_shorten_excerpt(block)), kind, instruction, path or subject
    )


def classify_failure(
    reason: str, instruction: str, output: Iterable[str], provided: Collection[str] = ()
) -> FailureKind:
    """Return the kind of a failure by the words of BuildKit and of the programs that it ran.

    UNKNOWN for words that no list has. An instruction that may need a secret counts as one that
    lacks it, since a program that gets none fails in words of its own; with one it may fail since
    that is out of date, so that its failure is none of the files' alone.
    """
    needs = _list_needs(instruction)
    if lacking := [kind for kind, name in needs if name not in provided]:
        return lacking[0]
    if _compile_section(FailureKind.IGNORE_FILE.value).search(_cut(reason)):
        return FailureKind.IGNORE_FILE
    texts = [_cut(text) for text in (reason, *output)]
    texts = [text for text in texts if not _compile_section(*_OWN_PROGRAM).search(text)]
    for kind in _OUTER_KINDS:
        pattern = _compile_section(kind.value, *_MORE_SECTIONS.get(kind, ()))
        if any(pattern.search(text) for text in texts):
            return kind
    own = (kind for kind in _OWN_KINDS if _compile_section(kind.value).search(reason))
    return FailureKind.UNKNOWN if needs else next(own, FailureKind.UNKNOWN)


def _list_needs(instruction: str) -> list[tuple[FailureKind, str]]:
    """Return the secrets and SSH keys that an instruction mounts, by their kinds and IDs."""
    mounts = [parse_mount(value) for value in _MOUNT.findall(instruction)]
    return [
        (_MOUNT_KINDS[mount.kind], _find_id(mount))
        for mount in mounts
        if mount.kind in _MOUNT_KINDS
    ]


def _find_id(mount: Mount) -> str:
    """Return the ID of a secret or SSH key by the rules of BuildKit."""
    # Dockerfile reference, RUN --mount=type=secret: the ID is the base name of the target.
    default = "default" if mount.kind == "ssh" else PurePosixPath(mount.target or "").name
    return mount.options.get("id") or default


def _find_registry(kind: FailureKind, block: Sequence[str]) -> str:
    """Return the registry of the base image that needs a login; empty for another failure."""
    header = _METADATA_HEADER.match(block[0]) if block and kind is FailureKind.LOGIN else None
    return header[1] if header else ""


def _find_subject(
    kind: FailureKind, reason: str, instruction: str, provided: Collection[str]
) -> str:
    """Return what a failure is about: the ID of a secret or key, or the server of a base image."""
    if kind is FailureKind.LOGIN and _RUN.search(instruction):
        return ""
    match = _SUBJECTS[kind].search(reason) if kind in _SUBJECTS else None
    if match:
        return match[1]
    return next((x for own, x in _list_needs(instruction) if own is kind and x not in provided), "")


def is_network_failure(lines: Iterable[str]) -> bool:
    """Return True if a build failed with a network error, which may be temporary."""
    return any(_compile_section(_TEMPORARY).search(_cut(line)) for line in lines)


def tail_log(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the last lines of a log, as many as a report shows."""
    return tuple(lines[-_LOG_LINES:])


def _shorten_excerpt(block: Sequence[str]) -> Sequence[str]:
    """Return the lines of a failure with no more than the beginning of a long instruction.

    The whole of it would leave no place for the words of the program that failed.
    """
    rulers = [number for number, line in enumerate(block) if line == _EXCERPT_RULER]
    if len(rulers) < 2:
        return block
    first, last = rulers[-2] + 1, rulers[-1]
    if last - first <= _EXCERPT_LINES:
        return block
    failed = (n for n in range(first, last) if _EXCERPT_LINE.fullmatch(block[n]))
    start = next(failed, first)
    return [*block[:first], *block[start : start + _SHOWN_OF_LONGER], "     | …", *block[last:]]


@cache
def _compile_section(*names: str) -> re.Pattern[str]:
    return compile_sections("bot.adapters.docker", "build_errors.txt", *names)


def _cut(text: str) -> str:
    """Return the beginning and the end of a long line."""
    half = _MAX_CHARACTERS // 2
    return text if len(text) <= _MAX_CHARACTERS else text[:half] + text[-half:]


def _find_block(lines: Sequence[str]) -> Sequence[str]:
    """Return what buildx prints of the failure, or all lines if there is no such block."""
    rulers = [number for number, line in enumerate(lines) if line == _RULER]
    return lines[rulers[0] + 1 :] if rulers else lines


def _list_step_output(lines: Sequence[str]) -> list[str]:
    """Return all lines of the step that failed."""
    steps = {match["step"] for line in lines if (match := _FAILED_STEP.match(line))}
    return [line for line in lines if line.split(" ", 1)[0] in steps]


def _find_instruction(block: Sequence[str]) -> str:
    """Return the failing instruction with its stage, without the numbers of both; else empty."""
    header = _STEP_HEADER.fullmatch(block[0]) if block else None
    if header and header["stage"] != "internal":
        stage = _STEP_NUMBER.sub("", header["stage"] or "")
        return f"{stage}: {header['text']}" if stage else header["text"]
    excerpt = (match["text"] for line in block if (match := _EXCERPT_LINE.fullmatch(line)))
    return "\n".join(excerpt).strip()
