"""The trend of an image as JSON."""

from bot.model.metric import Metric
from bot.model.trend import Trend, TrendPoint
from bot.report.document.json_types import Document, JsonObject, read_integer


def write_trend(trend: Trend | None) -> Document | None:
    """Write a trend; null if there is none."""
    if trend is None:
        return None
    return {
        "metric": f"{trend.metric.value}_bytes",
        "days": trend.days,
        "commits": len(trend.points),
        # For other programs: as `commits`, it follows from the points, which alone are read.
        "change_bytes": trend.change_bytes,
        "days_to_limit": trend.days_to_limit,
        "points": [
            {"commit": point.commit, "date": point.date, "bytes": point.bytes}
            for point in trend.points
        ],
    }


def read_trend(data: JsonObject | None) -> Trend | None:
    """Read a trend."""
    if data is None:
        return None
    points = tuple(TrendPoint(x["commit"], x["date"], int(x["bytes"])) for x in data["points"])
    return Trend(
        Metric(data["metric"].removesuffix("_bytes")),
        points,
        int(data["days"]),
        read_integer(data["days_to_limit"]),
    )
