"""Notes at the lines of the Dockerfiles that are to blame."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model.report import ImageReport, Outcome, Report, State
from bot.report import escape
from bot.report.page import causes, image_facts, next_step
from bot.report.page.build_failures import failed_line, last_words
from bot.report.page.headline import movement
from bot.report.page.page import words
from bot.report.page.page_model import sentence

PER_LEVEL = 10  # GitHub shows no more of a kind and step
_LEVELS = {Outcome.ERROR: "error", Outcome.FAIL: "error", Outcome.WARN: "warning"}
_MILD = {**_LEVELS, Outcome.FAIL: "warning"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message at a place; all of its text may be foreign."""

    level: str
    file: str
    line: int | None
    end_line: int | None
    title: str
    message: str


def annotations(report: Report, *, mild: bool = False) -> tuple[Annotation, ...]:
    """At most ten a level, the worst images first; `mild` where a size is no reason to fail."""
    seen: Counter[str] = Counter()
    kept = []
    for annotation in _all(report, _MILD if mild else _LEVELS):
        seen[annotation.level] += 1
        if seen[annotation.level] <= PER_LEVEL:
            kept.append(annotation)
    return tuple(kept)


def render_annotation(annotation: Annotation) -> str:
    """The workflow command that makes GitHub show it."""
    fields = {
        "file": annotation.file,
        "line": annotation.line,
        "endLine": annotation.end_line,
        "title": annotation.title,
    }
    given = (f"{name}={escape.command(str(value))}" for name, value in fields.items() if value)
    return f"::{annotation.level} {','.join(given)}::{escape.command_message(annotation.message)}"


def _all(report: Report, levels: Mapping[Outcome, str]) -> Iterator[Annotation]:
    for image in image_facts.ranked(image_facts.shown(report)):
        if image.verdict in levels:
            yield _blame(image, levels[image.verdict])
        yield from _suggestions(image)


def _blame(image: ImageReport, level: str) -> Annotation:
    """The line that failed, or that caused most of the growth; the file alone if none is known."""
    if image.state in (State.HEAD_BUILD_FAILED, State.MEASURE_FAILED, State.BASE_BUILD_FAILED):
        said = last_words(image)
        message = "\n".join(dict.fromkeys(text for text in (image.reason, said) if text))
        line = failed_line(image) if image.state is State.HEAD_BUILD_FAILED else None
        return _annotation(image, level, line, line, message)
    reasons = "; ".join(check.reason for check in image_facts.broken(image))
    row = causes.main_cause(image, head_only=True)
    if row is None:
        return _annotation(image, level, None, None, reasons)
    because = words(sentence(causes.explain_change(image)))
    return _annotation(image, level, row.line_start, row.line_end, f"{reasons}.\n{because}")


def _annotation(
    image: ImageReport, level: str, line: int | None, end: int | None, message: str
) -> Annotation:
    title = words((image_facts.label(image), *movement(image)))
    return Annotation(level, image.spec.dockerfile, line, end, title, message or title)


def _suggestions(image: ImageReport) -> Iterator[Annotation]:
    for one in sorted(image.suggestions, key=lambda each: -(each.saving_bytes or 0)):
        title = words(next_step.offer(one))
        place = (one.line_start, one.line_end)
        yield Annotation("notice", image.spec.dockerfile, *place, title, one.message or title)
