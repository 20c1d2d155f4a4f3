"""The limits of an image in a cell of a table: `≤ 300 MB, +10 MB`."""

from bot.model.metric import Metric
from bot.model.report import (
    MAX_GROWTH,
    MAX_LAYERS,
    MAX_SIZE,
    MAX_WASTE,
    WARN_GROWTH,
    WARN_SIZE,
    Check,
    ImageReport,
    ImageState,
    Outcome,
)
from bot.model.sizes import format_limit, format_limit_percent
from bot.model.spec import Budget, GrowthLimit
from bot.report.page import image_facts
from bot.report.page.limit_words import format_image_limit
from bot.report.page.page_model import Phrase

_FAILING = (MAX_SIZE, MAX_GROWTH, MAX_WASTE, MAX_LAYERS)
_WARNING = (WARN_SIZE, WARN_GROWTH)


def describe_allowed(image: ImageReport) -> Phrase:
    """Return the limits of an image: those that fail, then those that warn."""
    if image.state is ImageState.REMOVED:
        return ("—",)
    metric = image_facts.find_metric(image)
    # Of two limits of one name, that of the metric which the row shows.
    checks = sorted(image.checks, key=lambda check: check.metric.of_sizes is metric)
    limits = _list_set_limits(image.spec.budget)
    limits |= {
        check.name: _format_limit(image, check) for check in checks if check.limit is not None
    }
    fails = ", ".join(limits[name] for name in _FAILING if limits.get(name))
    warns = ", ".join(limits[name] for name in _WARNING if limits.get(name))
    parts = [fails, f"warning above {warns.replace('≤ ', '')}" if warns else ""]
    return ("; ".join(part for part in parts if part) or "no limit",)


def _format_limit(image: ImageReport, check: Check) -> str:
    text = format_image_limit(image, check)
    if check.is_about_growth:
        return f"{text} (not checked)" if check.result is Outcome.SKIP else text
    return f"≤ {text}"


def _list_set_limits(budget: Budget) -> dict[str, str]:
    """Return the limits of a budget that are known without a size; those of layers never are."""
    sizes = {MAX_SIZE: budget.max_size, WARN_SIZE: budget.warn_size}
    growths = {MAX_GROWTH: budget.max_growth, WARN_GROWTH: budget.warn_growth}
    return {
        **{name: "" if size is None else f"≤ {format_limit(size)}" for name, size in sizes.items()},
        **{name: _format_growth_budget(x, budget.metric) for name, x in growths.items()},
    }


def _format_growth_budget(growth: GrowthLimit | None, metric: Metric) -> str:
    if growth is None:
        return ""
    sign, suffix = ("", " to pull") if metric is Metric.PULL else ("+", "")
    parts = [f"{sign}{format_limit(growth.bytes)}"] if growth.bytes is not None else []
    if growth.percent is not None:
        parts.append(f"{sign}{format_limit_percent(growth.percent)} %")
    return " or ".join(parts) + suffix
