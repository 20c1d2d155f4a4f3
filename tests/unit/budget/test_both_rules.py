"""An image by base's rules and by head's: the worse result of each limit counts."""

from bot.budget.judge import check_budgets, image_verdict
from bot.budget.untrusted_report import rejudge
from bot.compare.compare import compare_images
from bot.model.comparison import BaseOrHead
from bot.model.metric import Metric
from bot.model.report import Check, ImageState, Outcome
from bot.model.spec import Budget
from bot.report.document.report_document import from_document, to_document
from tests.support import image_world
from tests.support.image_world import budget, compared, review

# 10 MB more on disk, of which a container sees nothing.
GROWTH = compare_images(
    image_world.image("FROM a 10MB / COPY x 1MB"),
    image_world.image("FROM a 10MB / COPY x 11MB waste 10MB"),
)
STRICT, LOOSE = budget(max_growth="1MB"), budget(max_growth="100GB")


def judge(head: Budget, base: Budget | None, skip: str = "") -> list[Check]:
    return list(check_budgets(GROWTH, (head, base), ImageState.CHANGED, skip))


def test_rules_that_agree_name_no_side() -> None:
    (check,) = judge(LOOSE, LOOSE)
    assert (check.result, check.source) == (Outcome.PASS, None)
    assert judge(LOOSE, None) == [check]


def test_head_does_not_raise_the_limit_of_base() -> None:
    (check,) = judge(LOOSE, STRICT)
    assert (check.result, check.limit, check.source) == (
        Outcome.FAIL,
        1_000_000,
        BaseOrHead.BASE,
    )
    assert check.reason == "9.00 MB more than the +1 MB allowed, by the rules before this change"


def test_a_stricter_limit_of_head_counts() -> None:
    (check,) = judge(STRICT, LOOSE)
    assert (check.result, check.source) == (Outcome.FAIL, BaseOrHead.HEAD)
    assert check.reason.endswith("by the rules of this change")


def test_of_two_limits_that_are_kept_the_lower_one_is_shown() -> None:
    (check,) = judge(budget(max_growth="20MB"), budget(max_growth="30MB"))
    assert (check.result, check.limit, check.source) == (
        Outcome.PASS,
        20_000_000,
        BaseOrHead.HEAD,
    )


def test_a_limit_that_head_deletes_counts() -> None:
    (check,) = judge(budget(), STRICT)
    assert (check.result, check.source) == (Outcome.FAIL, BaseOrHead.BASE)


def test_head_does_not_ignore_what_base_does_not() -> None:
    (check,) = judge(budget(max_growth="1MB", ignore_below=10**11), STRICT)
    assert (check.result, check.source) == (Outcome.FAIL, BaseOrHead.BASE)


def test_a_metric_of_head_does_not_replace_that_of_base() -> None:
    by_head = budget(max_growth="1MB", metric=Metric.FILESYSTEM)
    results = {check.metric: check.result for check in judge(by_head, STRICT)}
    assert results == {Metric.FILESYSTEM: Outcome.PASS, Metric.UNPACKED: Outcome.FAIL}


def test_a_growth_that_the_event_does_not_judge_is_skipped_by_both() -> None:
    checks = judge(LOOSE, STRICT, skip="in a merge queue")
    assert {check.result for check in checks} == {Outcome.SKIP}


def test_a_dropped_image_is_a_warning() -> None:
    assert image_verdict((), ImageState.UNCHANGED, is_dropped=True) is Outcome.WARN


def test_the_rules_of_base_survive_the_document() -> None:
    loose = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", LOOSE, base_budget=STRICT)
    dropped = compared("FROM a 10MB", "FROM a 10MB / RUN x 1kB", is_dropped=True)
    report = rejudge(review(loose, dropped))
    assert [image.verdict for image in report.images] == [Outcome.FAIL, Outcome.WARN]
    again = from_document(to_document(report))
    for image, expected in zip(again.images, report.images, strict=True):
        assert image.checks == expected.checks
        assert (image.base_budget, image.is_dropped) == (expected.base_budget, expected.is_dropped)
