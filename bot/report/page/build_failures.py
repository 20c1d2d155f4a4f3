"""What a failed build's log says: which line of the Dockerfile stopped it, and with what words."""

import re

from bot.model.report import ImageReport, ImageState
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted

# BuildKit names the failing line so, above an excerpt of the Dockerfile.
_FAILED_LOCATION = re.compile(r"(?:\S+ )?(?P<file>[^\s:]{1,200}):(?P<line>[1-9]\d{0,5})")
_PROGRESS_PREFIX = re.compile(r"#\d+ (?:\d+\.\d+ )?")
_ERROR_LINE = re.compile(
    r"(?:E|error|fatal|failed)\b.{0,20}: |.{0,200}\berror\b.{0,40}: ", re.IGNORECASE
)
_ANSI_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def find_failed_line(image: ImageReport) -> int | None:
    """The line of the Dockerfile at which the build stopped, if the log names it."""
    name = image.spec.dockerfile.rpartition("/")[2]
    for line in reversed(image.log):
        found = _FAILED_LOCATION.fullmatch(line.strip())
        if found and found["file"].rpartition("/")[2] == name:
            return int(found["line"])
    return None


def find_error_message(image: ImageReport) -> str:
    """The last line of the log that speaks of an error and says more than the reason does."""
    reason = image.reason or ""
    for line in reversed(image.log):
        said = _PROGRESS_PREFIX.sub("", _ANSI_SEQUENCE.sub("", line).strip(), count=1)
        if _ERROR_LINE.match(said) and not (reason and reason in said) and said not in reason:
            return said
    return ""


def explain_failure(image: ImageReport) -> Phrase:
    """One sentence on what went wrong, the tool's own words first."""
    said, line = find_error_message(image), find_failed_line(image)
    parts: list[Phrase] = [(Untrusted(text, 300),) for text in (said, image.reason) if text]
    words = parts[0] if parts else ("no reason was given",)
    more: Phrase = (" (", *parts[1], ")") if len(parts) > 1 else ()
    return (*_format_location(image, line), *words, *more)


def _format_location(image: ImageReport, line: int | None) -> Phrase:
    if image.state is ImageState.MEASURE_FAILED:
        return ()
    whose = " of the base" if image.state is ImageState.BASE_BUILD_FAILED else ""
    place = (f"{image_facts.format_lines(line, line)} of ",) if line else ()
    return (*place, Untrusted(image.spec.dockerfile, 120), f"{whose} fails: ")
