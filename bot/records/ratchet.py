"""The limit of `max-size: auto`, which follows the recorded sizes down."""

from collections.abc import Sequence

from bot.model.metric import Metric
from bot.records.record import Record


def find_limit(
    records: Sequence[Record], metric: Metric, runs: int, ignored_bytes: int
) -> int | None:
    """Return the smallest of the last sizes and what is ignored beside it; None without a size.

    The newest record comes first. Nothing before an approved growth counts.
    """
    sizes: list[int] = []
    for record in records[:runs]:
        sizes.append(record.size(metric))
        # Its own size counts: the approved growth is the new start.
        if record.is_approved:
            break
    return min(sizes) + ignored_bytes if sizes else None
