"""What a failed build's log says: which line of the Dockerfile stopped it, and with what words."""

import re

from bot.model.report import ImageReport, State
from bot.report.page import image_facts
from bot.report.page.page_model import Foreign, Phrase

# BuildKit names the failing line so, above an excerpt of the Dockerfile.
_FAILED_AT = re.compile(r"(?:\S+ )?(?P<file>[^\s:]{1,200}):(?P<line>[1-9]\d{0,5})")
_PROGRESS = re.compile(r"#\d+ (?:\d+\.\d+ )?")
_SAYS_WHY = re.compile(
    r"(?:E|error|fatal|failed)\b.{0,20}: |.{0,200}\berror\b.{0,40}: ", re.IGNORECASE
)
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def failed_line(image: ImageReport) -> int | None:
    """The line of the Dockerfile at which the build stopped, if the log names it."""
    name = image.spec.dockerfile.rpartition("/")[2]
    for line in reversed(image.log):
        found = _FAILED_AT.fullmatch(line.strip())
        if found and found["file"].rpartition("/")[2] == name:
            return int(found["line"])
    return None


def last_words(image: ImageReport) -> str:
    """The last line of the log that speaks of an error and says more than the reason does."""
    reason = image.reason or ""
    for line in reversed(image.log):
        said = _PROGRESS.sub("", _ESCAPES.sub("", line).strip(), count=1)
        if _SAYS_WHY.match(said) and not (reason and reason in said) and said not in reason:
            return said
    return ""


def explain_failure(image: ImageReport) -> Phrase:
    """One sentence on what went wrong, the tool's own words first."""
    said, line = last_words(image), failed_line(image)
    parts: list[Phrase] = [(Foreign(text, 300),) for text in (said, image.reason) if text]
    words = parts[0] if parts else ("no reason was given",)
    more: Phrase = (" (", *parts[1], ")") if len(parts) > 1 else ()
    return (*_where(image, line), *words, *more)


def _where(image: ImageReport, line: int | None) -> Phrase:
    if image.state is State.MEASURE_FAILED:
        return ()
    whose = " of the base" if image.state is State.BASE_BUILD_FAILED else ""
    place = (f"{image_facts.lines(line, line)} of ",) if line else ()
    return (*place, Foreign(image.spec.dockerfile, 120), f"{whose} fails: ")
