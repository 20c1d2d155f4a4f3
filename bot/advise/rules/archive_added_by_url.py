"""An archive that `ADD` downloads into a layer of its own, to be unpacked in the next."""

from collections.abc import Iterator

from bot.advise.fetched_files import unpacked_later
from bot.advise.finding import Finding
from bot.advise.subject import Step, Subject


def find(subject: Subject) -> Iterator[Finding]:
    """Every `ADD` of an archive that a later `RUN` unpacks."""
    for step in subject.steps:
        name = unpacked_later(subject, step)
        if name is not None:
            yield Finding(
                step.statement,
                "Download the archive where it is unpacked",
                "`ADD` does not unpack what it downloads: the archive stays in this layer whatever "
                "removes it later. A `RUN` with curl and a pipe into `tar`, or a stage of its own for "
                "the download, leaves only the contents.",
                _saving(subject, step, name),
            )


def _saving(subject: Subject, step: Step, name: str) -> int | None:
    """The archive's size; of a file that was given another name, all that the `ADD` brought."""
    if subject.evidence is None:
        return None
    files = subject.evidence.files(step.statement)
    named = [size for path, size in files.items() if path.endswith(name)]
    return sum(named or files.values())
