"""What `ADD` fetches from the network."""

import re

from bot.advise.copy_targets import is_copy, list_copy_sources
from bot.advise.subject import RuleInput, Step

_ARCHIVE_URL = re.compile(
    r"https?://\S+?/(?P<name>[^/\s?#]+\.(?:tar(?:\.\w+)?|t[gbx]z2?|zip|7z))(?:[?#]\S*)?"
)
_UNPACK_PROGRAMS = ("tar", "bsdtar", "unzip", "7z", "7za", "gunzip", "xz")


def is_remote_add(step: Step) -> bool:
    """Whether an `ADD` takes from the network what no mount can bring."""
    return is_copy(step) and any(
        "://" in x or x.startswith("git@") for x in list_copy_sources(step)
    )


def find_unpacked_archive(rule_input: RuleInput, step: Step) -> str | None:
    """The name of an archive that an `ADD` fetches and a later `RUN` unpacks."""
    if step.instruction.keyword != "ADD" or not is_copy(step):
        return None
    found = [match["name"] for x in list_copy_sources(step) if (match := _ARCHIVE_URL.fullmatch(x))]
    is_unpacked = found and any(
        _unpacks_archive(later, found[0]) for later in rule_input.steps_after(step)
    )
    return found[0] if is_unpacked else None


def _unpacks_archive(step: Step, archive: str) -> bool:
    return any(
        archive in word.text or word.is_pattern
        for call in step.calls
        if call.name in _UNPACK_PROGRAMS
        for word in call.arguments
    )
