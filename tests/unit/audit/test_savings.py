"""The savings of an audit: none counts the same bytes twice."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audit.savings import select_savings
from bot.model.report import ImageReport, ImageState
from bot.model.suggestion import Confidence, Suggestion
from tests.support.image_world import compared


def suggest(
    size: int | None, start: int | None = None, end: int | None = None, rule: str = "r"
) -> Suggestion:
    return Suggestion(rule, rule, rule, Confidence.MEASURED, start, end, size)


def rewrite(size: int) -> Suggestion:
    return replace(suggest(size, 1, 1, "single-stage-build"), dockerfile="FROM x\n")


def image(*suggestions: Suggestion, name: str = "api", dockerfile: str = "") -> ImageReport:
    report = compared(
        None, "FROM a 9MB", name=name, state=ImageState.NO_BASELINE, suggestions=suggestions
    )
    if not dockerfile:
        return report
    return replace(report, spec=replace(report.spec, dockerfile=dockerfile))


def saved(*images: ImageReport) -> list[int]:
    return [saving.bytes for saving in select_savings(images)]


@pytest.mark.parametrize(
    ("suggestions", "expected"),
    [
        ((), []),
        ((suggest(None, 2),), []),
        ((suggest(0, 2),), []),
        ((suggest(-5, 2),), []),
        ((suggest(7, 2, 3),), [7]),
        ((suggest(7, 2, 3), suggest(5, 4, 4, "s")), [7, 5]),
        ((suggest(7, 2, 4), suggest(5, 4, 6, "s")), [7]),
        # The one in the middle overlaps both of its neighbours, which save more together.
        ((suggest(7, 2, 4), suggest(9, 4, 6, "s"), suggest(5, 6, 8, "t")), [7, 5]),
        ((suggest(7, 2, 4), suggest(19, 4, 6, "s"), suggest(5, 6, 8, "t")), [19]),
        ((rewrite(10), suggest(9, 2)), [10]),
        ((rewrite(10), suggest(9, 2), suggest(2, 3, 3, "s")), [9, 2]),
        ((rewrite(10), rewrite(30)), [30]),
        ((suggest(10), suggest(9, 2)), [10]),
        ((suggest(10, 3), suggest(9, 3, 3, "s")), [10]),
    ],
)
def test_suggestions_for_the_same_lines_are_not_added_up(
    suggestions: tuple[Suggestion, ...], expected: list[int]
) -> None:
    assert saved(image(*suggestions)) == expected


def test_images_with_files_of_their_own_save_apart() -> None:
    assert saved(image(suggest(7, 2)), image(suggest(7, 2), name="web")) == [7, 7]


def test_stages_of_one_dockerfile_save_a_line_once() -> None:
    api = image(suggest(7, 2), suggest(3, 9, 9, "s"), dockerfile="Dockerfile")
    worker = image(suggest(8, 2), name="worker", dockerfile="Dockerfile")
    savings = select_savings([api, worker])
    assert [(x.image.name, x.bytes) for x in savings] == [("worker", 8), ("api", 3)]


def test_each_platform_of_a_dockerfile_saves_its_own() -> None:
    images = [image(suggest(7, 2)) for _ in range(2)]
    specs = [replace(images[0].spec, platform=name) for name in ("linux/amd64", "linux/arm64")]
    images = [replace(images[0], spec=spec) for spec in specs]
    assert saved(*images) == [7, 7]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 100), st.integers(1, 9), st.integers(0, 3), st.booleans()),
        max_size=9,
    )
)
def test_no_two_overlap_and_no_other_choice_saves_more(
    drawn: list[tuple[int, int, int, bool]],
) -> None:
    suggestions = tuple(
        replace(
            suggest(size, start, start + length, str(number)), dockerfile="x" if whole else None
        )
        for number, (size, start, length, whole) in enumerate(drawn)
    )
    chosen = [saving.suggestion for saving in select_savings([image(*suggestions)])]
    assert not any(overlap(x, y) for x in chosen for y in chosen if x.rule != y.rule)
    best = max((total(choice) for choice in choices(suggestions)), default=0)
    assert total(chosen) == best


def choices(suggestions: tuple[Suggestion, ...]) -> list[list[Suggestion]]:
    """List every set of suggestions of which no two overlap."""
    sets: list[list[Suggestion]] = [[]]
    for suggestion in suggestions:
        sets += [[*x, suggestion] for x in sets if not any(overlap(suggestion, y) for y in x)]
    return sets


def overlap(first: Suggestion, second: Suggestion) -> bool:
    if first.dockerfile or second.dockerfile:
        return True
    return bool(lines(first) & lines(second))


def lines(suggestion: Suggestion) -> set[int]:
    return set(range(suggestion.line_start or 0, (suggestion.line_end or 0) + 1))


def total(suggestions: list[Suggestion]) -> int:
    return sum(suggestion.saving_bytes or 0 for suggestion in suggestions)
