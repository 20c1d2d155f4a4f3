"""Starts the old image and a candidate's image in the same ways, and compares what they do.

Its own module, because only this part of the verification needs containers, and because its order
matters: what the old image cannot do here (it may need a network or a database) proves nothing
about the new one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.line.compose_commands import (
    list_command_settings,
    list_compose_commands,
    list_health_tests,
)
from bot.line.proof_draft import MIN_STEP_TIME_S, ProofDraft, TimeBudget
from bot.line.setting_sources import NO_SOURCES, SettingSources
from bot.line.setting_trials import SERVICES_TIME_S, FailedStarts, SettingTrials
from bot.line.trial import SERVER_START_TIMEOUT_S, START_TIMEOUT_S, OldImageRuns, Trial
from bot.model.candidate import Probe
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.proof import OWN_COMMAND_LABEL, Regression
from bot.model.start_settings import NO_SETTINGS, StartSettings
from bot.verify.command_line_probes import is_usage_message, list_help_commands, list_subcommands
from bot.verify.image_pair import ImagePair
from bot.verify.lost_commands import find_lost_words
from bot.verify.probes import make_probes
from bot.verify.routes import list_routes, speaks_http
from bot.verify.run_differences import (
    compare_runs,
    exposes_tcp,
    get_last_lines,
    inconclusive_reason,
)

_PROBE_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class TrialRuns:
    """The runs of one candidate's image, each beside the same run of the old image."""

    old_runs: OldImageRuns
    new_reference: str
    budget: TimeBudget
    draft: ProofDraft
    setting_sources: SettingSources = NO_SOURCES

    def compare_all(self, pair: ImagePair, smoke_test: tuple[str, ...]) -> None:
        """Run the own command and its help, a compose file's, the probes and the smoke test."""
        trials = SettingTrials(pair, self.old_runs, self.setting_sources)
        settings = self._compare_own_command(trials, has_smoke_test=bool(smoke_test))
        self._compare_compose_commands(trials, settings)
        # One difference is enough, and the minutes are needed for the next attempt.
        for probe in make_probes(pair):
            if self.draft.regressions or not self._has_time(probe.description):
                return
            self._compare_probe(probe)
        if smoke_test and not self.draft.regressions and self._has_time("smoke test"):
            self._compare(Trial("smoke test", smoke_test, must_succeed=True))

    def _compare_own_command(self, trials: SettingTrials, *, has_smoke_test: bool) -> StartSettings:
        """Compare how the images start by themselves; return the settings that this takes."""
        config = trials.pair.old.config
        if not config.command_line:
            self.draft.skip_step("start", "the image has no command")
            return NO_SETTINGS
        # Both images must have had time to show what they do.
        if not self.budget.has_time("start", self.draft, 2 * START_TIMEOUT_S):
            return NO_SETTINGS
        trial = _make_own_trial(trials.pair)
        old = self.old_runs.run(trial)
        reason = trials.find_reason(old)
        help_count = self._compare_help_output(config) if old.exit_code is not None else 0
        if variant := self._choose_variant(trial, config, reason, has_help=help_count > 0):
            self._compare(variant)
            return NO_SETTINGS
        return self._compare_with_settings(trials, trial, has_smoke_test=has_smoke_test)

    def _compare_compose_commands(self, trials: SettingTrials, settings: StartSettings) -> None:
        """Run what a compose file starts in place of the own command, if it works in the old image.

        It proves no start of the image, but a difference speaks against the rewrite.
        """
        pair, sources = trials.pair, self.setting_sources
        commands = list_compose_commands(pair.old.config, sources)
        for command in (*list_health_tests(sources), *commands):
            if lost := tuple(find_lost_words(pair, command.arguments, command.origin)):
                self.draft.add_run(command.step, lost, "")
        own = replace(_make_own_trial(pair), timeout_s=START_TIMEOUT_S, counts_as_start=False)
        for command in commands:
            if self.draft.regressions:
                return
            trial = replace(own, step=command.step, arguments=command.arguments)
            attempts = list_command_settings(pair, sources, command, settings)
            self._compare_first(replace(trial, settings=attempt) for attempt in attempts)

    def _compare_first(self, trials: Iterable[Trial]) -> None:
        """Compare the first of several runs of a command that works in the old image."""
        failure = ""
        for trial in trials:
            needed_s = SERVICES_TIME_S if trial.settings.services else 2 * START_TIMEOUT_S
            if not self._has_time(trial.step, needed_s):
                return
            # It may listen nowhere, as a worker does, whatever the image exposes.
            reason = inconclusive_reason(self.old_runs.run(trial), exposes_ports=False)
            if not reason:
                self._compare(trial)
                return
            failure = f"{trial.step}: not compared, it does not work in the old image: {reason}"
        self.draft.log.append(failure)

    def _choose_variant(
        self, trial: Trial, config: ContainerConfig, reason: str, *, has_help: bool
    ) -> Trial | None:
        """Return how to run the own command so that it proves something; None if nothing does."""
        if not reason:
            return trial
        if _waits_for_input(self.old_runs, trial, config):
            step = f"{OWN_COMMAND_LABEL} with an open standard input"
            return replace(trial, step=step, opens_input=True)
        if (
            has_help
            and not config.exposed_ports
            and is_usage_message(self.old_runs.run(trial).output)
        ):
            # A tool that wants arguments: both must complain in the same way.
            step = f"{OWN_COMMAND_LABEL} without arguments"
            return replace(trial, step=step, must_succeed=False, expects_failure=True)
        return None

    def _compare_with_settings(
        self, trials: SettingTrials, trial: Trial, *, has_smoke_test: bool
    ) -> StartSettings:
        """Run the own command with settings that its project names, if it starts with some."""
        chosen, failed = trials.find_start(trial, self._has_time)
        if chosen:
            self._note_settings(chosen.settings)
            self._compare(chosen)
            return chosen.settings
        if until_service := failed.make_trial_until_service(trial):
            self._compare(until_service)
        self._skip_own_command(failed, has_smoke_test=has_smoke_test)
        return failed.furthest.settings

    def _note_settings(self, settings: StartSettings) -> None:
        if settings.description:
            self.draft.log.append(f"settings of both images: {settings.description}")
        if settings.services:
            self.draft.log.append(f"services of both images: {settings.service_description}")

    def _skip_own_command(self, failed: FailedStarts, *, has_smoke_test: bool) -> None:
        """Note that the command proves nothing; a smoke test may prove the start in its place."""
        if has_smoke_test:
            self.draft.log.append(
                f"{OWN_COMMAND_LABEL}: not run, the old image does not run by itself"
                f" ({failed.explanation})"
            )
            return
        self.draft.comparison_count = 0
        self.draft.skip_step(
            "start", f"the old image does not run by itself here ({failed.explanation})"
        )
        self.draft.log += get_last_lines(failed.furthest.run.output).splitlines()[-3:]
        self.draft.log += failed.list_advice()

    def _compare_help_output(self, config: ContainerConfig) -> int:
        """Run the program with `--version` and `--help`; return how many the old image has."""
        count = 0
        for arguments in list_help_commands(config):
            trial = Trial(f"`{arguments[-1]}`", arguments)
            old = self.old_runs.run(trial)
            if _has_output(old) and not self.draft.regressions:
                self._compare(trial)
                self._compare_subcommands(arguments, old)
                count += 1
        return count

    def _compare_subcommands(self, help_command: tuple[str, ...], old: ContainerRun) -> None:
        """Run the subcommands that a help text lists with `--help`."""
        for name in list_subcommands(old.output) if help_command[-1] == "--help" else ():
            arguments = (*help_command[:-1], name, "--help")
            trial = Trial(f"`{name} --help`", arguments, counts_as_start=False)
            if self.draft.regressions or not self._has_time(trial.step):
                return
            if _has_output(self.old_runs.run(trial)):
                self._compare(trial)

    def _compare_probe(self, probe: Probe) -> None:
        trial = Trial(probe.description, probe.arguments, _PROBE_TIMEOUT_S, counts_as_start=False)
        old = self.old_runs.run(trial)
        if old.exit_code != 0 or old.start_error:
            self.draft.log.append(
                f"{probe.description}: not compared, because it fails in the old image"
            )
            return
        self._compare(trial)

    def _compare(self, trial: Trial) -> None:
        """Run a trial in both images, each twice if they differ: they may vary by themselves."""
        old = self.old_runs.run(trial)
        if trial.must_succeed and (old.start_error or old.exit_code not in {None, 0}):
            reason = f"the old image ends with status {old.exit_code} {old.start_error}".strip()
            self.draft.skip_step(trial.step, reason)
            return
        new = self._run_new(trial, old)
        if new.service_error:
            new = self._run_new(trial, old)
        # Without its services, what an image does says nothing of it.
        if new.service_error:
            self.draft.skip_step(trial.step, new.service_error)
            return
        regressions = self._compare_run(trial, old, new)
        self.draft.add_run(trial.step, regressions, _describe_run(new))
        # A failure that is expected confirms an earlier comparison, but proves no start by itself.
        if trial.counts_as_start and (not trial.expects_failure or self.draft.comparison_count):
            self.draft.comparison_count += 1

    def _compare_run(
        self, trial: Trial, old: ContainerRun, new: ContainerRun
    ) -> tuple[Regression, ...]:
        """Return the regressions of a run that further runs of both images confirm."""
        regressions = tuple(compare_runs(trial.step, old, new))
        repeat = self.old_runs.run(trial, attempt=1) if regressions else None
        # A repetition that failed would make noise of every difference.
        if repeat and not repeat.start_error and not repeat.service_error:
            regressions = tuple(compare_runs(trial.step, old, new, repeat))
            # Output may vary from run to run; another exit status is not excused by a second run.
            if regressions and new.exit_code == old.exit_code:
                again = self._run_new(trial, old)
                regressions = tuple(compare_runs(trial.step, old, again, repeat))
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

    def _has_time(self, step: str, seconds: float = 0.0) -> bool:
        return self.budget.has_time(step, self.draft, max(seconds, MIN_STEP_TIME_S))


def _make_own_trial(pair: ImagePair) -> Trial:
    """Return the trial of the image's own command, and of what a server answers."""
    config = pair.old.config
    is_server = exposes_tcp(config) or config.health_check is not None or speaks_http(pair.old_app)
    timeout_s = SERVER_START_TIMEOUT_S if is_server else START_TIMEOUT_S
    paths = list_routes(pair.old_app)
    return Trial(OWN_COMMAND_LABEL, timeout_s=timeout_s, paths=paths, must_succeed=True)


def _waits_for_input(old_runs: OldImageRuns, trial: Trial, config: ContainerConfig) -> bool:
    """Return True for a program that failed for want of input.

    With an open standard input it lives on, long after it ended without.
    """
    old = old_runs.run(trial)
    # One that takes long to fail would also be alive when its time is over.
    if not old.exit_code or exposes_tcp(config) or 2 * old.seconds > trial.timeout_s:
        return False
    interactive = old_runs.run(replace(trial, opens_input=True))
    return interactive.exit_code is None and not interactive.start_error


def _has_output(run: ContainerRun) -> bool:
    """Return True for a run that succeeded and printed something to compare."""
    return run.exit_code == 0 and not run.start_error and bool(run.output.strip())


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
