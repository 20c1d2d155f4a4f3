"""The limits of an image, and who set each."""

from dataclasses import replace

from bot.model.spec import Budget, GrowthLimit
from bot.project.limit_sources import BudgetOrigin, list_limits

COMMON = Budget(max_growth=GrowthLimit(10_000_000, 5.0))


def test_a_limit_is_of_the_image_or_of_all_images() -> None:
    own = Budget(max_size=300_000_000, max_growth=COMMON.max_growth)
    limits = list_limits((), BudgetOrigin(own, COMMON, "size.yml"))
    assert [(x.name, x.value, x.source) for x in limits] == [
        ("max-size", "300 MB", "the image's budget in size.yml"),
        ("max-growth", "10 MB or 5 %", "budget in size.yml"),
    ]


def test_limits_for_a_warning_are_listed() -> None:
    budget = Budget(warn_size=2_000_000, warn_growth=GrowthLimit(percent=1))
    limits = list_limits(("--warn-size",), BudgetOrigin(budget, Budget(), "size.yml"))
    assert [(x.name, x.value, x.source) for x in limits] == [
        ("warn-size", "2 MB", "--warn-size"),
        ("warn-growth", "1 %", "the image's budget in size.yml"),
    ]


def test_limits_on_layers_are_listed() -> None:
    budget = Budget(max_waste=GrowthLimit(2_000_000, 5), max_layers=12)
    limits = list_limits((), BudgetOrigin(budget, budget, "size.yml"))
    assert [(x.name, x.value, x.source) for x in limits] == [
        ("max-waste", "2 MB or 5 %", "budget in size.yml"),
        ("max-layers", "12", "budget in size.yml"),
    ]


def test_both_files_count_where_they_differ() -> None:
    base = BudgetOrigin(Budget(max_size=1_000_000), Budget(), "the base's size.yml")
    head = BudgetOrigin(Budget(max_size=2_000_000), Budget(), "size.yml")
    limits = list_limits((), head, base)
    assert [(x.value, x.source) for x in limits] == [
        ("2 MB", "the image's budget in size.yml"),
        ("1 MB", "the image's budget in the base's size.yml"),
    ]
    assert len(list_limits((), head, head)) == 1


def test_an_option_wins_over_the_files() -> None:
    budget = replace(COMMON, max_size=1_000_000)
    for option in ("--max-size", "max-size"):
        limits = list_limits(("--config", option), BudgetOrigin(budget, COMMON, "size.yml"))
        assert [x.source for x in limits] == [option, "budget in size.yml"]
