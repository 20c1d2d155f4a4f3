"""An archive that `ADD` downloads into a layer of its own, to be unpacked in the next."""

import re
from collections.abc import Iterator

from bot.advise.copies import is_copy, sources
from bot.advise.finding import Finding
from bot.advise.subject import Step, Subject

_ARCHIVE = re.compile(
    r"https?://\S+?/(?P<name>[^/\s?#]+\.(?:tar(?:\.\w+)?|t[gbx]z2?|zip|7z))(?:[?#]\S*)?"
)
_UNPACKERS = ("tar", "bsdtar", "unzip", "7z", "7za", "gunzip", "xz")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `ADD` of an archive that a later `RUN` unpacks."""
    for step in subject.steps:
        if step.statement.keyword != "ADD" or not is_copy(step):
            continue
        found = [match for source in sources(step) if (match := _ARCHIVE.fullmatch(source))]
        if found and any(_unpacks(later, found[0]["name"]) for later in subject.after(step)):
            yield Finding(
                step.statement,
                "Download the archive where it is unpacked",
                "`ADD` does not unpack what it downloads: the archive stays in this layer whatever "
                "removes it later. A `RUN` with curl and a pipe into `tar`, or a stage of its own for "
                "the download, leaves only the contents.",
                _saving(subject, step, found[0]["name"]),
            )


def _unpacks(step: Step, name: str) -> bool:
    return any(
        name in word.text or word.is_pattern
        for call in step.calls
        if call.name in _UNPACKERS
        for word in call.arguments
    )


def _saving(subject: Subject, step: Step, name: str) -> int | None:
    """The archive's size; of a file that was given another name, all that the `ADD` brought."""
    if subject.evidence is None:
        return None
    files = subject.evidence.files(step.statement)
    named = [size for path, size in files.items() if path.endswith(name)]
    return sum(named or files.values())
