"""Archives that are downloaded and unpacked, but not deleted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.dockerfile.source_text import Span

_REMOVE_PROGRAMS = ("rm", "unlink")
_EXTENSIONS = re.compile(r"(?:\.[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class _UnpackCommand:
    """A command that unpacks, and its archive."""

    call: Call
    archive: Word

    @property
    def archive_name(self) -> str:
        return self.archive.text.strip("\"'").rpartition("/")[2]


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every archive that a `RUN` downloads, unpacks and keeps."""
    for step in rule_input.iter_runs():
        for unpack in _find_unpack_commands(step):
            if _is_downloaded_in_run(step, unpack) and not _is_used_later(step, unpack):
                yield _build_finding(rule_input, step, unpack)


def _build_finding(rule_input: RuleInput, step: Step, unpack: _UnpackCommand) -> Finding:
    end = unpack.call.command.span.end
    remove = TextChange(Span(end, end), f" && rm {unpack.archive.text}")
    is_needed = any(
        unpack.archive_name in later.instruction.text for later in rule_input.steps_after(step)
    )
    return Finding(
        step.instruction,
        "Delete the archive in the `RUN` that unpacks it",
        "The image holds its contents twice: packed and unpacked. A download that is piped into "
        "`tar` is never stored.",
        _measure_saving(rule_input, step, unpack),
        () if is_needed else (remove,),
        FixSafety.MANUAL if is_needed else FixSafety.SAFE,
    )


def _measure_saving(rule_input: RuleInput, step: Step, unpack: _UnpackCommand) -> int | None:
    """Return the archive's size in the layer.

    By its extension where a variable is part of its name.
    """
    if rule_input.evidence is None:
        return None
    is_known = "$" not in unpack.archive_name
    suffix = unpack.archive_name if is_known else _EXTENSIONS.findall(unpack.archive_name)[0]
    files = rule_input.evidence.file_sizes(step.instruction)
    return sum(size for path, size in files.items() if path.endswith(suffix))


def _find_unpack_commands(step: Step) -> Iterator[_UnpackCommand]:
    for call in step.calls:
        archive = _find_archive(call)
        if archive is not None and archive.text not in ("-", "/dev/stdin"):
            yield _UnpackCommand(call, archive)


def _find_archive(call: Call) -> Word | None:
    """Return the archive that a command unpacks; None for any other command."""
    if call.name == "unzip":
        return call.operands[0] if call.operands else None
    if call.name in ("7z", "7za") and call.subcommand in ("x", "e"):
        return call.operands[1] if len(call.operands) > 1 else None
    if call.name in ("tar", "bsdtar", "gtar"):
        return _find_tar_archive(call)
    return None


def _find_tar_archive(call: Call) -> Word | None:
    """Return the word behind the letters that end in `f`, if `x` is among them."""
    option_words = [
        word
        for word in call.arguments
        if _has_short_options(word, is_first=word is call.arguments[0])
    ]
    is_extracting = any("x" in word.text for word in option_words) or call.has_option(
        "--extract", "--get"
    )
    for word, following in zip(call.arguments, call.arguments[1:], strict=False):
        is_file_option = word in option_words and word.text.endswith("f")
        if is_extracting and (is_file_option or word.text == "--file"):
            return following
    return None


def _has_short_options(word: Word, *, is_first: bool) -> bool:
    short = word.text.startswith("-") and not word.text.startswith("--")
    return short or (is_first and word.text.isalpha())


def _is_downloaded_in_run(step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if an earlier command of the same `RUN` names the archive."""
    earlier = step.calls[: step.calls.index(unpack.call)]
    return any(unpack.archive_name in word.text for call in earlier for word in call.arguments)


def _is_used_later(step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if a later command names the archive, or may remove it by a pattern."""
    later = step.calls[step.calls.index(unpack.call) + 1 :]
    return any(
        _may_remove(call, unpack)
        or any(unpack.archive_name in word.text for word in call.arguments)
        for call in later
    )


def _may_remove(call: Call, unpack: _UnpackCommand) -> bool:
    """Return True if a command removes files by a pattern, or the archive's folder."""
    if call.name not in _REMOVE_PROGRAMS:
        return False
    if any(word.is_pattern or word.value is None for word in call.arguments):
        return True
    path = unpack.archive.text.strip("\"'")
    return any(path.startswith(f"{word.text.rstrip('/')}/") for word in call.operands)
