"""The reports that are worth a comment on a pull request."""

from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState, Outcome, Report


def is_worth_comment(report: Report, threshold: int) -> bool:
    """Return True if an image changes by at least `threshold` bytes, or there is more to say.

    That is a warning, a failure, an error, a change of the rules, or a larger download.
    """
    if report.verdict is not Outcome.PASS or report.gate_changes:
        return True
    return any(_has_changed(image, threshold) for image in report.images)


def _has_changed(image: ImageReport, threshold: int) -> bool:
    if image.state is ImageState.UNCHANGED:
        return False
    delta = image.comparison.delta
    if delta is None:
        return True  # it is new or gone, or there is nothing to compare it with
    # An image that shrinks is news as well. Of a pull only the growth of a download counts: its
    # bytes are what is new, never what is saved.
    change = max(abs(delta.size(metric.of_sizes)) for metric in Metric)
    return change >= threshold or delta.pull_delta_bytes > threshold
