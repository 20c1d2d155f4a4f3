"""Starts the old image and a candidate's image in the same ways, and compares what they do.

Its own module, because only this part of the verification needs containers, and because its order
matters: what the old image cannot do here (it may need a network or a database) proves nothing
about the new one.
"""

from dataclasses import dataclass, replace

from bot.line.compose_runs import ComposeRuns
from bot.line.proof_draft import ProofDraft
from bot.line.setting_sources import NO_SOURCES, SettingSources
from bot.line.setting_trials import SERVICES_TIME_S, FailedStarts, SettingTrials
from bot.line.trial import SERVER_START_TIMEOUT_S, START_TIMEOUT_S, OldImageRuns, Trial
from bot.line.trial_comparison import TrialComparison
from bot.model.candidate import Probe
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.proof import OWN_COMMAND_LABEL, START_STEP
from bot.model.start_settings import NO_SETTINGS, StartSettings
from bot.verify.command_line_probes import is_usage_message, list_help_commands, list_subcommands
from bot.verify.host_names import find_host_name
from bot.verify.image_pair import ImagePair
from bot.verify.probes import make_probes
from bot.verify.routes import list_routes, speaks_http
from bot.verify.run_differences import (
    exposes_tcp,
    get_last_lines,
)

_PROBE_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class TrialRuns:
    """The runs of one candidate's image, each beside the same run of the old image."""

    comparison: TrialComparison
    setting_sources: SettingSources = NO_SOURCES

    def compare_all(self, pair: ImagePair, smoke_test: tuple[str, ...]) -> None:
        """Run the own command and its help, a compose file's, the probes and the smoke test."""
        sources = self.setting_sources
        own_trial = _make_own_trial(pair)
        trials = SettingTrials(pair, self._old_runs, sources)
        settings = self._compare_own_command(own_trial, trials, has_smoke_test=bool(smoke_test))
        ComposeRuns(pair, sources, self.comparison).compare_all(own_trial, settings)
        # One difference is enough, and the minutes are needed for the next attempt.
        for probe in make_probes(pair):
            if self._draft.regressions or not self.comparison.has_time(probe.description):
                return
            self._compare_probe(probe)
        if smoke_test and not self._draft.regressions and self.comparison.has_time("smoke test"):
            self.comparison.compare(Trial("smoke test", smoke_test, must_succeed=True))

    @property
    def _draft(self) -> ProofDraft:
        return self.comparison.draft

    @property
    def _old_runs(self) -> OldImageRuns:
        return self.comparison.old_runs

    def _compare_own_command(
        self, trial: Trial, trials: SettingTrials, *, has_smoke_test: bool
    ) -> StartSettings:
        """Compare how the images start by themselves; return the settings that this takes."""
        config = trials.pair.old.config
        if not config.command_line:
            self._draft.skip_step(START_STEP, "the image has no command")
            return NO_SETTINGS
        # Both images must have had time to show what they do.
        if not self.comparison.has_time(START_STEP, 2 * START_TIMEOUT_S):
            return NO_SETTINGS
        old = self._old_runs.run(trial)
        reason = trials.find_reason(old)
        help_count = self._compare_help_output(config) if old.exit_code is not None else 0
        if variant := self._choose_variant(trial, config, reason, has_help=help_count > 0):
            self.comparison.compare(variant)
            return NO_SETTINGS
        return self._compare_with_settings(trials, trial, has_smoke_test=has_smoke_test)

    def _choose_variant(
        self, trial: Trial, config: ContainerConfig, reason: str, *, has_help: bool
    ) -> Trial | None:
        """Return how to run the own command so that it proves something; None if nothing does."""
        if not reason:
            return trial
        if _waits_for_input(self._old_runs, trial, config):
            step = f"{OWN_COMMAND_LABEL} with an open standard input"
            return replace(trial, step=step, opens_input=True)
        if (
            has_help
            and not config.exposed_ports
            and is_usage_message(self._old_runs.run(trial).output)
        ):
            # A tool that wants arguments: both must complain in the same way.
            step = f"{OWN_COMMAND_LABEL} without arguments"
            return replace(trial, step=step, must_succeed=False, expects_failure=True)
        return None

    def _compare_with_settings(
        self, trials: SettingTrials, trial: Trial, *, has_smoke_test: bool
    ) -> StartSettings:
        """Run the own command with settings that its project names, if it starts with some."""
        chosen, failed = trials.find_start(trial, self.comparison.has_time)
        if chosen:
            self._note_settings(chosen.settings)
            self.comparison.compare(chosen)
            return chosen.settings
        self._compare_failure(failed, trial)
        self._skip_own_command(failed, has_smoke_test=has_smoke_test)
        return failed.furthest.settings

    def _compare_failure(self, failed: FailedStarts, trial: Trial) -> None:
        """Compare what both images do before or while they fail, which proves no start."""
        failing = failed.make_failing_trial(trial)
        needed_s = SERVICES_TIME_S if failing and failing.settings.services else 0.0
        if failing and self.comparison.has_time(failing.step, needed_s):
            self.comparison.compare(failing)
            self._draft.fails_alike = not self._draft.regressions

    def _note_settings(self, settings: StartSettings) -> None:
        if settings.description:
            self._draft.log.append(f"settings of both images: {settings.description}")
        if settings.services:
            self._draft.log.append(f"services of both images: {settings.service_description}")

    def _skip_own_command(self, failed: FailedStarts, *, has_smoke_test: bool) -> None:
        """Note that the command proves nothing; a smoke test may prove the start in its place."""
        if has_smoke_test:
            self._draft.log.append(
                f"{OWN_COMMAND_LABEL}: not run, the old image does not run by itself"
                f" ({failed.explanation})"
            )
            return
        self._draft.comparison_count = 0
        self._draft.skip_step(
            START_STEP, f"the old image does not run by itself here ({failed.explanation})"
        )
        self._draft.log += get_last_lines(failed.furthest.run.output).splitlines()[-3:]
        self._draft.log += failed.list_advice()

    def _compare_help_output(self, config: ContainerConfig) -> int:
        """Run the program with `--version` and `--help`; return how many the old image has."""
        count = 0
        for arguments in list_help_commands(config):
            trial = Trial(f"`{arguments[-1]}`", arguments)
            old = self._old_runs.run(trial)
            if _has_output(old) and not self._draft.regressions:
                self.comparison.compare(trial)
                self._compare_subcommands(arguments, old)
                count += 1
        return count

    def _compare_subcommands(self, help_command: tuple[str, ...], old: ContainerRun) -> None:
        """Run the subcommands that a help text lists with `--help`."""
        for name in list_subcommands(old.output) if help_command[-1] == "--help" else ():
            arguments = (*help_command[:-1], name, "--help")
            trial = Trial(f"`{name} --help`", arguments, counts_as_start=False)
            if self._draft.regressions or not self.comparison.has_time(trial.step):
                return
            if _has_output(self._old_runs.run(trial)):
                self.comparison.compare(trial)

    def _compare_probe(self, probe: Probe) -> None:
        trial = Trial(probe.description, probe.arguments, _PROBE_TIMEOUT_S, counts_as_start=False)
        old = self._old_runs.run(trial)
        if old.exit_code != 0 or old.start_error:
            self._draft.log.append(
                f"{probe.description}: not compared, because it fails in the old image"
            )
            return
        self.comparison.compare(trial)


def _make_own_trial(pair: ImagePair) -> Trial:
    """Return the trial of the image's own command, and of what a server answers."""
    config = pair.old.config
    is_server = exposes_tcp(config) or config.health_check is not None or speaks_http(pair.old_app)
    timeout_s = SERVER_START_TIMEOUT_S if is_server else START_TIMEOUT_S
    return Trial(
        OWN_COMMAND_LABEL,
        timeout_s=timeout_s,
        paths=list_routes(pair.old_app),
        must_succeed=True,
        settings=StartSettings(host_name=find_host_name(pair.old_app)),
    )


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
