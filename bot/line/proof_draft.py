"""The findings about a candidate, step by step, and the time that is left for further steps.

Its own module, because both halves of the verification write to it: the steps that need the images'
files (verification.py) and those that start containers (trial_comparison.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.model.candidate import Candidate
from bot.model.image import BuildFailure, Image
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import StartResult

MIN_STEP_TIME_S = 5.0  # no step is begun with less time left
_MAX_BUILD_LOG_LINES = 8


@dataclass
class ProofDraft:
    """The log, the regressions and the skipped steps of one candidate so far.

    `comparison_count` counts the runs that show how the container starts. `fails_alike` is True if
    both images fail in the same way, which shows no start.
    """

    candidate: Candidate
    log: list[str] = field(default_factory=list)
    regressions: list[Regression] = field(default_factory=list)
    skipped_steps: list[str] = field(default_factory=list)
    comparison_count: int = 0
    differs: bool = False
    fails_alike: bool = False

    def skip_step(self, step: str, reason: str) -> None:
        """Note a step that could not be taken; a candidate with one is never verified."""
        self.skipped_steps.append(step)
        self.log.append(f"{step}: not run, {reason}")

    def add_build_failure(self, failure: BuildFailure) -> None:
        """Note that the candidate does not build."""
        # The end of a build log has the error.
        self.log += ["build: failed", *failure.log[-_MAX_BUILD_LOG_LINES:]]
        self.regressions.append(
            Regression(
                RegressionKind.BUILD, failure.reason, failure.reason, detail="\n".join(failure.log)
            )
        )

    def add_run(self, step: str, regressions: Sequence[Regression], summary: str) -> None:
        """Note the result of a compared run; `summary` describes one without regressions."""
        self.log.append(f"{step}: {'differs' if regressions else summary}")
        self.regressions += regressions
        self.differs = self.differs or bool(regressions)

    def make_proof(
        self, *, built: bool = True, image: Image | None = None, saving_bytes: int | None = None
    ) -> Proof:
        """Return the proof of all that is known by now."""
        return Proof(
            candidate=self.candidate,
            built=built,
            started=self._compare_starts(),
            image=image,
            saving_bytes=saving_bytes,
            regressions=tuple(self.regressions),
            skipped_steps=tuple(self.skipped_steps),
            log=tuple(self.log),
            fails_alike=self.fails_alike,
        )

    def _compare_starts(self) -> StartResult:
        if self.differs:
            return StartResult.DIFFERS
        return StartResult.SAME if self.comparison_count else StartResult.NOT_RUN


@dataclass(frozen=True)
class TimeBudget:
    """The time for all candidates of one image; `clock` is in seconds and never goes back."""

    clock: Callable[[], float]
    deadline: float

    @property
    def remaining_s(self) -> float:
        """The seconds that a step may take: at least one, so that what is begun can end."""
        return max(self.deadline - self.clock(), 1.0)

    def has_time(self, step: str, draft: ProofDraft, seconds: float = MIN_STEP_TIME_S) -> bool:
        """Return True if a step can begin; otherwise note that it is skipped."""
        if self.deadline - self.clock() > seconds:
            return True
        draft.skip_step(step, "the time limit was reached")
        return False
