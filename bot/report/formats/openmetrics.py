"""The sizes of a report in the OpenMetrics text format, which GitLab's metrics reports read.

https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.audit.totals import count_totals
from bot.model.report import ImageReport, Mode, Outcome, Report
from bot.report import escape
from bot.report.formats.image_sizes import list_numbers

_PREFIX = "image_size"
_VERDICTS = (Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.ERROR)
_TOTALS_MEANING = "Sum over the images of an audit."
_Labels = Mapping[str, str]
_Samples = Iterable[tuple[_Labels, int]]


def render_openmetrics(report: Report) -> str:
    """Render a family of metrics for each number, with a sample for each image that has it."""
    rows = [list_numbers(image) for image in report.images]
    labels = _label_images(report.images)
    lines: list[str] = []
    for column in zip(*rows, strict=True):
        samples = [
            (own, number.value)
            for own, number in zip(labels, column, strict=True)
            if number.value is not None
        ]
        lines += _render_gauge(column[0].name, column[0].meaning, samples)
    lines += _render_totals(report)
    lines += _render_verdicts(report, labels)
    return "".join(f"{line}\n" for line in (*lines, "# EOF"))


def _render_totals(report: Report) -> Iterator[str]:
    if report.mode is not Mode.AUDIT:
        return
    totals = count_totals(report.images)
    for name, value in (
        ("total_images", totals.images),
        ("total_unpacked_bytes", totals.unpacked_bytes),
        ("total_unpacked_unique_bytes", totals.unpacked_bytes_unique),
        ("total_saving_bytes", totals.saving_bytes),
        ("total_images_lacking_contents", totals.images_lacking_contents),
    ):
        yield from _render_gauge(name, _TOTALS_MEANING, [({}, value)])


def _render_gauge(name: str, meaning: str, samples: _Samples) -> Iterator[str]:
    family = f"{_PREFIX}_{name}"
    yield f"# TYPE {family} gauge"
    # The specification wants a unit to be the end of the name, which is why totals end in it, too.
    if name.endswith("_bytes"):
        yield f"# UNIT {family} bytes"
    yield f"# HELP {family} {meaning}"
    yield from (f"{family}{_render_labels(labels)} {value}" for labels, value in samples)


def _render_verdicts(report: Report, labels: Sequence[_Labels]) -> Iterator[str]:
    """Render one sample for each verdict that an image may have, 1 for the one that it has."""
    family = f"{_PREFIX}_verdict"
    yield f"# TYPE {family} stateset"
    yield f"# HELP {family} The verdict on an image."
    for image, own in zip(report.images, labels, strict=True):
        actual = Outcome.worst([image.verdict])
        for verdict in _VERDICTS:
            state = _render_labels({**own, family: verdict.value})
            yield f"{family}{state} {int(verdict is actual)}"


def _label_images(images: Iterable[ImageReport]) -> list[_Labels]:
    """Return labels for each image; a sample must not have those of another one."""
    counts: Counter[str] = Counter()
    labels: list[_Labels] = []
    for image in images:
        own = _label(image)
        counts[_render_labels(own)] += 1
        number = counts[_render_labels(own)]
        # A configuration may have one Dockerfile twice, with other build arguments.
        labels.append(own if number == 1 else {**own, "number": str(number)})
    return labels


def _label(image: ImageReport) -> dict[str, str]:
    """Return what distinguishes an image from all others."""
    spec = image.spec
    return {
        "image": spec.shown_name,
        "name": spec.name,
        "dockerfile": spec.dockerfile,
        "target": spec.target or "",
        "platform": spec.platform or "",
    }


def _render_labels(labels: _Labels) -> str:
    pairs = ",".join(f'{name}="{escape.metric_label(text)}"' for name, text in labels.items())
    return f"{{{pairs}}}" if pairs else ""
