"""An archive that `ADD` downloads into a layer of its own, to be unpacked in the next."""

from collections.abc import Iterator

from bot.advise.fetched_files import find_unpacked_archive
from bot.advise.finding import Finding
from bot.advise.subject import RuleInput, Step


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Every `ADD` of an archive that a later `RUN` unpacks."""
    for step in rule_input.steps:
        name = find_unpacked_archive(rule_input, step)
        if name is not None:
            yield Finding(
                step.instruction,
                "Download the archive where it is unpacked",
                "`ADD` does not unpack what it downloads: the archive stays in this layer whatever "
                "removes it later. A `RUN` with curl and a pipe into `tar`, or a stage of its own for "
                "the download, leaves only the contents.",
                _measure_saving(rule_input, step, name),
            )


def _measure_saving(rule_input: RuleInput, step: Step, archive: str) -> int | None:
    """The archive's size; of a file that was given another name, all that the `ADD` brought."""
    if rule_input.evidence is None:
        return None
    files = rule_input.evidence.file_sizes(step.instruction)
    named = [size for path, size in files.items() if path.endswith(archive)]
    return sum(named or files.values())
