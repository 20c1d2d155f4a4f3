"""What `ADD` fetches from the network."""

import re

from bot.advise.copy_targets import is_copy, sources
from bot.advise.subject import Step, Subject

_ARCHIVE = re.compile(
    r"https?://\S+?/(?P<name>[^/\s?#]+\.(?:tar(?:\.\w+)?|t[gbx]z2?|zip|7z))(?:[?#]\S*)?"
)
_UNPACKERS = ("tar", "bsdtar", "unzip", "7z", "7za", "gunzip", "xz")


def is_fetched(step: Step) -> bool:
    """Whether an `ADD` takes from the network what no mount can bring."""
    return is_copy(step) and any("://" in x or x.startswith("git@") for x in sources(step))


def unpacked_later(subject: Subject, step: Step) -> str | None:
    """The name of an archive that an `ADD` fetches and a later `RUN` unpacks."""
    if step.statement.keyword != "ADD" or not is_copy(step):
        return None
    found = [match["name"] for x in sources(step) if (match := _ARCHIVE.fullmatch(x))]
    is_unpacked = found and any(_unpacks(later, found[0]) for later in subject.after(step))
    return found[0] if is_unpacked else None


def _unpacks(step: Step, name: str) -> bool:
    return any(
        name in word.text or word.is_pattern
        for call in step.calls
        if call.name in _UNPACKERS
        for word in call.arguments
    )
