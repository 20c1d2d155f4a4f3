"""Which excuses of an untrusted report hold."""

from dataclasses import replace

import pytest

from bot.budget.excused_failures import drop_excuses
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState, Outcome
from tests.support.image_world import compared, review

BUILT = compared("FROM a 10MB", "FROM a 10MB / RUN x 1MB")
FAILURE = FailureCause(FailureKind.PLATFORM, fails_at_base=True, is_excused=True)
FAILED = ImageReport(
    replace(BUILT.spec, platform="linux/arm64"),
    ImageState.HEAD_BUILD_FAILED,
    Outcome.WARN,
    Comparison(None, None),
    failure=FAILURE,
)


def judge(failed: ImageReport, *others: ImageReport) -> Outcome:
    return drop_excuses(review(failed, *others)).images[0].verdict


def test_that_of_a_platform_holds_beside_another_platform() -> None:
    assert judge(FAILED, BUILT) is Outcome.WARN
    assert judge(FAILED) is Outcome.ERROR
    other = replace(BUILT, spec=replace(BUILT.spec, name="other"))
    assert judge(FAILED, other) is Outcome.ERROR


def test_it_does_not_hold_for_platforms_of_trusted_rules() -> None:
    report = drop_excuses(review(FAILED, BUILT), lambda spec: spec.platform == "linux/arm64")
    assert report.images[0].verdict is Outcome.ERROR


def test_none_is_added() -> None:
    failure = replace(FAILURE, is_excused=False)
    assert judge(replace(FAILED, failure=failure), BUILT) is Outcome.ERROR


@pytest.mark.parametrize("kind", [FailureKind.NETWORK, FailureKind.SECRET, FailureKind.UNKNOWN])
def test_those_of_other_failures_do_not_hold(kind: FailureKind) -> None:
    failure = replace(FAILURE, kind=kind)
    assert judge(replace(FAILED, failure=failure), BUILT) is Outcome.ERROR


def test_an_image_that_cannot_be_measured_has_none() -> None:
    failed = replace(FAILED, state=ImageState.MEASURE_FAILED)
    assert judge(failed, BUILT) is Outcome.ERROR
