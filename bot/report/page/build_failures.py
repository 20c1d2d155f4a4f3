"""The failed line and the error message, read from the log of a failed build."""

import re

from bot.model.report import ImageReport, ImageState
from bot.report.page import image_facts
from bot.report.page.named_causes import is_stopped_in_time
from bot.report.page.page_model import Phrase, Untrusted

# BuildKit prints `Dockerfile:5` above an excerpt of the Dockerfile with the failing line.
_FAILED_LOCATION = re.compile(r"(?:\S+ )?(?P<file>[^\s:]{1,200}):(?P<line>[1-9]\d{0,5})")
# Step and seconds (`#9 1.871 `), or the seconds alone in the block of the failing step.
_PROGRESS_PREFIX = re.compile(r"#\d+ (?:\d+\.\d+ )?|\d+\.\d{1,3} ")
# `E: …` of apt, `fatal: …` of git, `ERROR: …` of pip, `npm error …: `; npm says of a package
# that its registry lacks it in other words, and a shell that there is no such program
# (`/bin/sh: 1: gcc: not found`, `bash: line 1: gcc: command not found`).
_ERROR_LINE = re.compile(
    r"(?:E|error|fatal|failed)\b.{0,20}: |.{0,200}\berror\b.{0,40}: "
    r"|npm (?:error|ERR!) 404 .{0,400} is not in this registry"
    r"|\S{0,80}sh: .{1,200}: (?:command )?not found",
    re.IGNORECASE,
)
# BuildKit's reason for a command that fails: the line and the message before it say the rest.
_FAILED_COMMAND = re.compile(r"process .* did not complete(?: successfully)?: exit code: (\d{1,3})")
_ANSI_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def find_failed_line(image: ImageReport) -> int | None:
    """Return the line of the Dockerfile at which the build stopped, if the log names it."""
    name = image.spec.dockerfile.rpartition("/")[2]
    # The last match is BuildKit's own: the output of a step may look the same.
    for line in reversed(image.log):
        match = _FAILED_LOCATION.fullmatch(line.strip())
        if match and match["file"].rpartition("/")[2] == name:
            return int(match["line"])
    return None


def find_error_message(image: ImageReport) -> str:
    """Return the last error line of the log that says more than the reason; empty if none does."""
    reason = image.reason or ""
    for line in reversed(image.log):
        message = _PROGRESS_PREFIX.sub("", _ANSI_SEQUENCE.sub("", line).strip(), count=1)
        repeats_reason = message in reason or bool(reason and reason in message)
        is_builder = message.startswith("ERROR: failed to solve: ")  # the reason, once more
        if _ERROR_LINE.match(message) and not (repeats_reason or is_builder):
            return message
    return ""


def explain_failure(image: ImageReport, at_base: Phrase) -> Phrase:
    """Say in one sentence what failed: the tool's own message, then the builder's reason.

    `at_base` says where the older side is.
    """
    message, line = find_error_message(image), find_failed_line(image)
    reason = _format_reason(image.reason or "")
    parts = [part for part in ((Untrusted(message, 300),) if message else (), reason) if part]
    first = parts[0] if parts else ("no reason was given",)
    second: Phrase = (" (", *parts[1], ")") if len(parts) > 1 else ()
    fails_alike = image.failure is not None and image.failure.fails_at_base
    before = ("it does not build", *at_base, " either, for the same reason: ")
    location = _format_location(image, line, at_base)
    return (*(before if fails_alike else ()), *location, *first, *second)


def _format_reason(reason: str) -> Phrase:
    """Shorten the reason for a failed command to its exit status; the log has the rest."""
    if failed := _FAILED_COMMAND.fullmatch(reason):
        return (f"exit status {failed[1]}",)
    return (Untrusted(reason, 300),) if reason else ()


def _format_location(image: ImageReport, line: int | None, at_base: Phrase) -> Phrase:
    if image.state is ImageState.MEASURE_FAILED:
        return ()
    side = at_base if image.state is ImageState.BASE_BUILD_FAILED else ()
    if is_stopped_in_time(image):
        return (Untrusted(image.spec.dockerfile, 120), ": ")
    lines = (f"{image_facts.format_lines(line, line)} of ",) if line else ()
    return (*lines, Untrusted(image.spec.dockerfile, 120), *side, " fails: ")
