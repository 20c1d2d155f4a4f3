"""Runs the same command in the old image and in a candidate's, and notes what differs.

Its own module, because all kinds of commands are compared in this way: the image's own
(trial_runs.py) and those of a compose file (compose_runs.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.line.proof_draft import MIN_STEP_TIME_S, ProofDraft, TimeBudget
from bot.line.trial import (
    REPEATED_ATTEMPT,
    SLOW_ATTEMPT,
    SLOW_START_TIMEOUT_S,
    OldImageRuns,
    Trial,
)
from bot.model.container_run import ContainerRun
from bot.model.proof import Regression
from bot.verify.run_differences import compare_runs


@dataclass(frozen=True)
class TrialComparison:
    """The comparison of trials between the old image and that of one candidate.

    `is_other_program` of a candidate that starts another program on purpose.
    """

    old_runs: OldImageRuns
    new_reference: str
    budget: TimeBudget
    draft: ProofDraft
    is_other_program: bool = False

    def compare(self, trial: Trial) -> None:
        """Run a trial in both images, each twice if they differ: they may vary by themselves."""
        old = self.old_runs.run(trial)
        if self._skip_failed(trial, old):
            return
        new = self._run_new(trial, old)
        if new.service_error:
            new = self._run_new(trial, old)
        # Without its services, what an image does says nothing of it.
        if new.service_error:
            self.draft.skip_step(trial.step, new.service_error)
            return
        trial, old, new = self._wait_for_slower(trial, old, new)
        if self._skip_failed(trial, old):
            return
        regressions = self._compare_run(trial, old, new)
        self.draft.add_run(trial.step, regressions, _describe_run(new))
        # A failure that is expected confirms an earlier comparison, but proves no start by itself.
        if trial.counts_as_start and (not trial.expects_failure or self.draft.comparison_count):
            self.draft.comparison_count += 1

    def _wait_for_slower(
        self, trial: Trial, old: ContainerRun, new: ContainerRun
    ) -> tuple[Trial, ContainerRun, ContainerRun]:
        """Run the image that is behind the other for longer: on a busy machine, either may be."""
        slow_trial = replace(trial, timeout_s=SLOW_START_TIMEOUT_S)
        if self.budget.remaining_s > SLOW_START_TIMEOUT_S:
            if _is_ahead(new, old):
                return slow_trial, self.old_runs.run(slow_trial, attempt=SLOW_ATTEMPT), new
            if _is_ahead(old, new):
                return slow_trial, old, self._run_new(slow_trial, old)
        return trial, old, new

    def _skip_failed(self, trial: Trial, old: ContainerRun) -> bool:
        """Skip a trial that must succeed and fails in the old image; return True if it does."""
        if not trial.must_succeed or not (old.start_error or old.exit_code not in {None, 0}):
            return False
        reason = f"the old image ends with status {old.exit_code} {old.start_error}".strip()
        self.draft.skip_step(trial.step, reason)
        return True

    def _compare_run(
        self, trial: Trial, old: ContainerRun, new: ContainerRun
    ) -> tuple[Regression, ...]:
        """Return the regressions of a run that further runs of both images confirm."""
        compare = partial(compare_runs, trial.step, old, is_other_program=self.is_other_program)
        regressions = tuple(compare(new))
        repeat = self.old_runs.run(trial, attempt=REPEATED_ATTEMPT) if regressions else None
        # A repetition that failed would make noise of every difference.
        if repeat and not repeat.start_error and not repeat.service_error:
            regressions = tuple(compare(new, repeat))
            # Output may vary from run to run; another exit status is not excused by a second run.
            if regressions and new.exit_code == old.exit_code:
                again = self._run_new(trial, old)
                regressions = tuple(compare(again, repeat))
        return regressions

    def _run_new(self, trial: Trial, old: ContainerRun) -> ContainerRun:
        """Run the new image, with twice the time that the old one took if that is longer."""
        timeout_s = max(trial.timeout_s, 2 * old.seconds + 5)
        return self.old_runs.container_runner.run(
            self.new_reference,
            self.old_runs.reference,
            trial.arguments,
            min(timeout_s, self.budget.remaining_s),
            trial.paths,
            opens_input=trial.opens_input,
            settings=trial.settings,
        )

    def has_time(self, step: str, seconds: float = 0.0) -> bool:
        """Return True if a step can begin; otherwise note that it is skipped."""
        return self.budget.has_time(step, self.draft, max(seconds, MIN_STEP_TIME_S))


def _is_ahead(run: ContainerRun, other: ContainerRun) -> bool:
    """Return True if a run has listened or ended, and the other one may still do so."""
    is_further = bool(run.responses) or run.exit_code is not None
    return is_further and _is_alive(other) and not other.responses


def _is_alive(run: ContainerRun) -> bool:
    return run.exit_code is None and not run.start_error and not run.service_error


def _describe_run(run: ContainerRun) -> str:
    """Describe a run that was the same in both images."""
    if run.exit_code is not None:
        return f"same, exit status {run.exit_code}"
    statuses: Mapping[int, object] = {port: run.responses[port].status for port in run.responses}
    shown = ", ".join(f"{port} answers {status or 'no HTTP'}" for port, status in statuses.items())
    shown += _describe_routes(run)
    return f"same, it runs{'; port ' + shown if shown else ''}"


def _describe_routes(run: ContainerRun) -> str:
    """Name the paths that a server answered, but for those that it does not have."""
    answered = [
        f"{path} {response.status}"
        for (_, path), response in run.route_responses.items()
        if response.status not in {None, 404}
    ]
    return f"; {', '.join(answered)}" if answered else ""
