"""Second offers that are tried beside a verified rewrite, which they never change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot.errors import EngineUnavailableError
from bot.line.offer_trials import add_second_offer
from bot.line.verification import Verifier
from bot.model.candidate import Candidate
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import Confidence, StartResult, Suggestion, Verification
from bot.rewrite.rewrite import NO_HINTS, ApplicableRewrite
from bot.rewrite.second_offers import RewriteAttempt
from tests.support.image_world import image
from tests.support.rewrite_world import GO, GO_FILES, make_candidate, plan_rewrite

TEXT = GO + 'CMD ["/app"]\n'
LOST = Regression(RegressionKind.PROGRAM, "sh", "/app may start other programs.")


@dataclass
class Trials:
    """A verifier that knows each proof by the base image of the last stage."""

    sizes: dict[str, int]
    regressions: tuple[Regression, ...] = ()
    error: Exception | None = None
    tried: list[str] = field(default_factory=list)
    started: StartResult = StartResult.SAME
    fails_alike: bool = False

    @contextmanager
    def second_budget(self) -> Iterator[None]:
        yield

    def verify(self, candidate: Candidate) -> Proof:
        if self.error:
            raise self.error
        base = candidate.dockerfile.decode().rpartition("FROM ")[2].split()[0]
        self.tried.append(base)
        size = self.sizes.get(base)
        return Proof(
            candidate,
            built=True,
            started=self.started,
            image=image(f"FROM x {size}B") if size else None,
            regressions=() if size else self.regressions,
            skipped_steps=() if self.started is StartResult.SAME else ("start",),
            fails_alike=self.fails_alike,
        )


def offer(trials: Trials, started: StartResult = StartResult.SAME) -> Suggestion:
    rewrite = plan_rewrite(TEXT, GO_FILES)
    assert isinstance(rewrite, ApplicableRewrite), rewrite
    candidate = make_candidate(TEXT, GO_FILES)
    attempt = RewriteAttempt(rewrite.base_candidates[0], NO_HINTS, candidate)
    proof = Verification(built=True, started=started, unpacked_bytes=84_000_000, log="ok")
    confidence = Confidence.VERIFIED if started is StartResult.SAME else Confidence.ESTIMATED
    suggestion = Suggestion(
        candidate.rule,
        candidate.title,
        candidate.message,
        confidence,
        dockerfile=candidate.dockerfile.decode(),
        verification=proof,
    )
    result = add_second_offer(rewrite, attempt, suggestion, cast("Verifier", trials))
    assert (result.dockerfile, result.confidence) == (suggestion.dockerfile, confidence)
    assert result.verification
    assert result.verification.unpacked_bytes == proof.unpacked_bytes
    return result


def test_the_first_verified_offer_takes_the_place_of_the_estimate() -> None:
    trials = Trials({"scratch": 9_100_000})
    result = offer(trials)
    assert trials.tried == ["scratch"]
    assert "A second offer, built and verified: on scratch it has 9.10 MB; " in result.message
    assert "estimated" not in result.message
    assert result.second_offer
    assert (result.second_offer.base_image, result.second_offer.unpacked_bytes) == (
        "scratch",
        9_100_000,
    )
    assert "FROM scratch\n" in result.second_offer.last_stage
    assert result.verification
    assert result.verification.log == "ok\nsecond offer on scratch: verified, 9,100,000 bytes"


def test_where_scratch_fails_distroless_is_tried() -> None:
    name = "gcr.io/distroless/static-debian12"
    result = offer(Trials({name: 11_000_000}, (LOST,)))
    assert result.second_offer
    assert result.second_offer.base_image == name
    assert result.verification
    reason = "second offer on scratch: not offered, /app may start other programs."
    assert reason in result.verification.log


@pytest.mark.parametrize(
    ("trials", "reason"),
    [
        (Trials({}, (LOST,)), "not offered, /app may start other programs."),
        (Trials({"scratch": 80_000_000}, (LOST,)), "not offered, it is hardly smaller"),
        (Trials({}, error=EngineUnavailableError("The engine has ended.", "", "")), "not tried"),
    ],
)
def test_a_failure_is_a_line_in_the_log(trials: Trials, reason: str) -> None:
    result = offer(trials)
    assert result.second_offer is None
    assert "estimated and not built" in result.message
    assert result.verification
    assert reason in result.verification.log


def test_a_rewrite_that_cannot_be_started_gets_an_offer_that_ends_alike() -> None:
    trials = Trials({"scratch": 9_100_000}, started=StartResult.NOT_RUN, fails_alike=True)
    result = offer(trials, StartResult.NOT_RUN)
    assert result.second_offer
    assert result.second_offer.started is StartResult.NOT_RUN
    assert (
        "A second offer, built and checked, but not started, since the old image does not run by"
        " itself either: on scratch it has 9.10 MB; "
    ) in result.message
    assert result.verification
    assert result.verification.log.endswith("second offer on scratch: not started, 9,100,000 bytes")


def test_an_offer_that_is_not_started_where_the_rewrite_was_is_none() -> None:
    unstarted = Trials({"scratch": 9_100_000}, started=StartResult.NOT_RUN, fails_alike=True)
    assert offer(unstarted).second_offer is None
    never_run = Trials({"scratch": 9_100_000}, started=StartResult.NOT_RUN)
    assert offer(never_run, StartResult.NOT_RUN).second_offer is None
