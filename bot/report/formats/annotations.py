"""Annotations at the lines of the Dockerfiles that caused a verdict."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model.report import GateChange, ImageReport, ImageState, Outcome, Report
from bot.report import escape
from bot.report.page import causes, image_facts
from bot.report.page.base_names import describe_same_commit
from bot.report.page.build_failures import find_error_message, find_failed_line
from bot.report.page.changed_rules import GATE_TITLE, describe_gate_changes
from bot.report.page.headline import describe_change
from bot.report.page.page import to_plain_text
from bot.report.page.page_model import make_sentence
from bot.report.page.suggestion_words import describe_suggestion

MAX_PER_LEVEL = 10  # GitHub shows at most ten annotations of a level for each step
_LEVELS = {Outcome.ERROR: "error", Outcome.FAIL: "error", Outcome.WARN: "warning"}
# With `fail-on: never` the job is green, which an error would contradict.
_LENIENT_LEVELS = dict.fromkeys(_LEVELS, "warning")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message at lines of a file; all of its text is untrusted.

    `rule` is the kind of the finding, such as `max-size`.
    """

    rule: str
    level: str
    file: str
    line: int | None
    end_line: int | None
    title: str
    message: str


def make_annotations(report: Report, *, lenient: bool = False) -> tuple[Annotation, ...]:
    """Return at most ten annotations of each level, the worst images first.

    With `lenient`, all are warnings, because the job does not fail.
    """
    counts: Counter[str] = Counter()
    annotations = []
    # Cut here, where the order is known: GitHub would keep the first ten that it is sent.
    for annotation in list_annotations(report, lenient=lenient):
        counts[annotation.level] += 1
        if counts[annotation.level] <= MAX_PER_LEVEL:
            annotations.append(annotation)
    return tuple(annotations)


def list_annotations(report: Report, *, lenient: bool = False) -> tuple[Annotation, ...]:
    """Return all annotations of a report, the worst images first."""
    return tuple(_iter_annotations(report, _LENIENT_LEVELS if lenient else _LEVELS))


def render_annotation(annotation: Annotation) -> str:
    """Return the workflow command that makes GitHub show an annotation."""
    fields = {
        "file": annotation.file,
        "line": annotation.line,
        "endLine": annotation.end_line,
        "title": annotation.title,
    }
    properties = ",".join(
        f"{name}={escape.command_property(str(value))}" for name, value in fields.items() if value
    )
    return f"::{annotation.level} {properties}::{escape.command_message(annotation.message)}"


def _iter_annotations(report: Report, levels: Mapping[Outcome, str]) -> Iterator[Annotation]:
    if report.is_of_one_commit and Outcome.WARN in levels:
        title, text = "Nothing was compared", to_plain_text(describe_same_commit(report))
        level = levels[Outcome.WARN]
        yield Annotation("same-commit", level, "", None, None, title, text)
    # Before the images, so that a loosened rule is not among those that are cut.
    for change in report.gate_changes:
        if change.result in levels:
            yield _annotate_gate_change(change, levels[change.result])
    for image in image_facts.rank_images(image_facts.select_images(report)):
        if image.verdict in levels:
            yield _annotate_verdict(image, levels[image.verdict])
        yield from _annotate_suggestions(image)


def _annotate_gate_change(change: GateChange, level: str) -> Annotation:
    (line,) = describe_gate_changes([change])
    title, message = GATE_TITLE.rstrip(":"), to_plain_text(line)
    return Annotation("gate-change", level, change.file, None, None, title, message)


def _annotate_verdict(image: ImageReport, level: str) -> Annotation:
    """Annotate the line that failed or caused most of the growth, or else the whole file."""
    if image.state in (
        ImageState.HEAD_BUILD_FAILED,
        ImageState.MEASURE_FAILED,
        ImageState.BASE_BUILD_FAILED,
    ):
        texts = (image.reason, find_error_message(image))
        message = "\n".join(dict.fromkeys(text for text in texts if text))
        # GitHub shows an annotation at head's lines; the base's log names lines of another file.
        line = find_failed_line(image) if image.state is ImageState.HEAD_BUILD_FAILED else None
        return _make_annotation(image, level, line, line, message)
    reasons = "; ".join(check.reason for check in image_facts.deciding_checks(image))
    # A removed line is in no file that GitHub shows.
    row = causes.find_main_cause(image, head_only=True)
    if row is None:
        return _make_annotation(image, level, None, None, reasons)
    because = to_plain_text(make_sentence(causes.explain_change(image)))
    return _make_annotation(image, level, row.line_start, row.line_end, f"{reasons}.\n{because}")


def _make_annotation(
    image: ImageReport, level: str, line: int | None, end_line: int | None, message: str
) -> Annotation:
    title = to_plain_text((image_facts.label(image), *describe_change(image)))
    rule, file = _name_rule(image), image.spec.dockerfile
    return Annotation(rule, level, file, line, end_line, title, message or title)


def _name_rule(image: ImageReport) -> str:
    """Return the limit that decides an image's verdict, or the state of one without a size."""
    names = [check.name for check in image_facts.deciding_checks(image)]
    return next(iter(names), image.state.value)


def _annotate_suggestions(image: ImageReport) -> Iterator[Annotation]:
    suggestions = sorted(image.suggestions, key=lambda suggestion: -(suggestion.saving_bytes or 0))
    for suggestion in suggestions:
        title = to_plain_text(describe_suggestion(suggestion))
        yield Annotation(
            suggestion.rule,
            "notice",
            image.spec.dockerfile,
            suggestion.line_start,
            suggestion.line_end,
            title,
            suggestion.message or title,
        )
