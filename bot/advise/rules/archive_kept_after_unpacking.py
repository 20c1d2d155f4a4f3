"""Archives that were fetched, unpacked, and left where they were."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.dockerfile.source_text import Span

_REMOVERS = ("rm", "unlink")
_EXTENSIONS = re.compile(r"(?:\.[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class _Unpacking:
    """A command that unpacks, and the archive."""

    call: Call
    archive: Word

    @property
    def name(self) -> str:
        return self.archive.text.strip("\"'").rpartition("/")[2]


def find(subject: Subject) -> Iterator[Finding]:
    """Every archive that a `RUN` fetches and unpacks and does not remove."""
    for step in subject.runs():
        for unpacking in _unpackings(step):
            if _is_fetched(step, unpacking) and not _is_used_later(step, unpacking):
                yield _finding(subject, step, unpacking)


def _finding(subject: Subject, step: Step, unpacking: _Unpacking) -> Finding:
    end = unpacking.call.command.span.end
    remove = Change(Span(end, end), f" && rm {unpacking.archive.text}")
    needed = any(unpacking.name in later.statement.text for later in subject.after(step))
    return Finding(
        step.statement,
        "Remove the archive in the RUN that unpacked it",
        "Its contents are in the image twice: packed and unpacked. A pipe from the download into "
        "`tar` would not write it at all.",
        _saving(subject, step, unpacking),
        () if needed else (remove,),
        Tier.TELL if needed else Tier.APPLY,
    )


def _saving(subject: Subject, step: Step, unpacking: _Unpacking) -> int | None:
    """The archive's size in the layer; by its ending where a variable is part of its name."""
    if subject.evidence is None:
        return None
    known = "$" not in unpacking.name
    ending = unpacking.name if known else _EXTENSIONS.findall(unpacking.name)[0]
    files = subject.evidence.files(step.statement)
    return sum(size for path, size in files.items() if path.endswith(ending))


def _unpackings(step: Step) -> Iterator[_Unpacking]:
    for call in step.calls:
        archive = _archive(call)
        if archive is not None and archive.text not in ("-", "/dev/stdin"):
            yield _Unpacking(call, archive)


def _archive(call: Call) -> Word | None:
    """The archive that a command unpacks; None if it does something else."""
    if call.name == "unzip":
        return call.operands[0] if call.operands else None
    if call.name in ("7z", "7za") and call.verb in ("x", "e"):
        return call.operands[1] if len(call.operands) > 1 else None
    if call.name in ("tar", "bsdtar", "gtar"):
        return _archive_of_tar(call)
    return None


def _archive_of_tar(call: Call) -> Word | None:
    """What stands behind the letters that end in `f`, if `x` is among all of them."""
    letters = [x for x in call.arguments if _are_letters(x, first=x is call.arguments[0])]
    unpacks = any("x" in word.text for word in letters) or call.has("--extract", "--get")
    for word, following in zip(call.arguments, call.arguments[1:], strict=False):
        named = word in letters and word.text.endswith("f")
        if unpacks and (named or word.text == "--file"):
            return following
    return None


def _are_letters(word: Word, *, first: bool) -> bool:
    short = word.text.startswith("-") and not word.text.startswith("--")
    return short or (first and word.text.isalpha())


def _is_fetched(step: Step, unpacking: _Unpacking) -> bool:
    """Whether an earlier command of the same `RUN` names the archive: it comes from there."""
    earlier = step.calls[: step.calls.index(unpacking.call)]
    return any(unpacking.name in word.text for call in earlier for word in call.arguments)


def _is_used_later(step: Step, unpacking: _Unpacking) -> bool:
    """Whether a later command speaks of it again, or removes by a pattern what may be it."""
    later = step.calls[step.calls.index(unpacking.call) + 1 :]
    swept = any(
        word.is_pattern or word.value is None
        for call in later
        if call.name in _REMOVERS
        for word in call.arguments
    )
    folders = {word.text.rstrip("/") for x in later if x.name in _REMOVERS for word in x.operands}
    inside = any(unpacking.archive.text.strip("\"'").startswith(f"{x}/") for x in folders)
    return swept or inside or any(unpacking.name in w.text for x in later for w in x.arguments)
