"""Archives that `ADD` downloads and a later `RUN` unpacks."""

from collections.abc import Iterator

from bot.advise.copy_targets import find_unpacked_archive
from bot.advise.finding import Finding
from bot.advise.subject import RuleInput, Step


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `ADD` of an archive that a later `RUN` unpacks."""
    for step in rule_input.steps:
        name = find_unpacked_archive(rule_input, step)
        if name is not None:
            yield Finding(
                step.instruction,
                "Download and unpack the archive in one `RUN`",
                "`ADD` does not unpack an archive that it downloads, and removing it in a later "
                "layer only hides it. Use `RUN curl … | tar -x`, or download it in another stage "
                "and copy the contents.",
                _measure_saving(rule_input, step, name),
            )


def _measure_saving(rule_input: RuleInput, step: Step, archive: str) -> int | None:
    """Return the archive's size; if it was renamed, the size of all that the `ADD` added."""
    if rule_input.evidence is None:
        return None
    files = rule_input.evidence.file_sizes(step.instruction)
    named = [size for path, size in files.items() if path.endswith(archive)]
    return sum(named or files.values())
