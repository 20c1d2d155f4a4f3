"""The limits of an image, each with who set it: an option, or one of the configuration files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.model.image_list import LimitSource
from bot.model.sizes import format_limit
from bot.model.spec import Budget, GrowthLimit
from bot.project.budget_changes import describe_growth_limit
from bot.project.option_values import AUTO


@dataclass(frozen=True, slots=True)
class BudgetOrigin:
    """A budget, the one of all images in the same file, and the name of that file."""

    budget: Budget
    common: Budget
    file: str


def list_limits(options: Sequence[str], *origins: BudgetOrigin) -> tuple[LimitSource, ...]:
    """Return the limits that an image is judged by; a value that two files set is listed once.

    `options` are those of the caller that set limits, as they are written.
    """
    limits: dict[tuple[str, str], LimitSource] = {}
    for origin in origins:
        for limit in _list_set(options, origin):
            limits.setdefault((limit.name, limit.value), limit)
    return tuple(limits.values())


def _list_set(options: Sequence[str], origin: BudgetOrigin) -> Iterator[LimitSource]:
    for name, read in _LIMITS.items():
        value = read(origin.budget)
        if value is None:
            continue
        # An option replaces what both files say, so that it is the only source then.
        option = next((option for option in options if option.lstrip("-") == name), None)
        if option:
            source = option
        elif value == read(origin.common):
            source = f"budget in {origin.file}"
        else:
            source = f"the image's budget in {origin.file}"
        yield LimitSource(name, value, source)


def _format_size(limit: int | None) -> str | None:
    return None if limit is None else format_limit(limit)


def _format_growth(growth: GrowthLimit | None) -> str | None:
    return None if growth is None else describe_growth_limit(growth, format_limit)


_LIMITS: dict[str, Callable[[Budget], str | None]] = {
    "max-size": lambda budget: AUTO if budget.follows_size else _format_size(budget.max_size),
    "max-growth": lambda budget: _format_growth(budget.max_growth),
    "warn-size": lambda budget: _format_size(budget.warn_size),
    "warn-growth": lambda budget: _format_growth(budget.warn_growth),
    "max-waste": lambda budget: _format_growth(budget.max_waste),
    "max-layers": lambda budget: None if budget.max_layers is None else str(budget.max_layers),
}
