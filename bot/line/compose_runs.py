"""Runs the commands of a compose file in the old image and in a candidate's.

They prove no start of the image, but a difference speaks against the rewrite.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.line.compose_commands import (
    ProjectCommand,
    list_command_settings,
    list_compose_commands,
    list_health_tests,
)
from bot.line.setting_sources import SettingSources
from bot.line.setting_trials import SERVICES_TIME_S
from bot.line.trial import START_TIMEOUT_S, Trial
from bot.line.trial_comparison import TrialComparison
from bot.model.start_settings import StartSettings
from bot.verify.image_pair import ImagePair
from bot.verify.lost_commands import find_lost_words
from bot.verify.run_differences import inconclusive_reason


@dataclass(frozen=True)
class ComposeRuns:
    """The runs of what a compose file starts in place of an image's own command."""

    pair: ImagePair
    sources: SettingSources
    comparison: TrialComparison

    def compare_all(self, own_trial: Trial, settings: StartSettings) -> None:
        """Compare what the commands name, then each command that works in the old image.

        `settings` are those that the image's own command was started with.
        """
        commands = list_compose_commands(self.pair.old.config, self.sources)
        self._compare_words((*list_health_tests(self.sources), *commands))
        trial = replace(own_trial, timeout_s=START_TIMEOUT_S, counts_as_start=False)
        for command in commands:
            if self.comparison.draft.regressions:
                return
            attempts = list_command_settings(self.pair, self.sources, command, settings)
            self._compare_first(
                replace(trial, step=command.step, arguments=command.arguments, settings=attempt)
                for attempt in attempts
            )

    def _compare_words(self, commands: Iterable[ProjectCommand]) -> None:
        """Note the programs and files of command lines that the new image lacks."""
        for command in commands:
            if lost := tuple(find_lost_words(self.pair, command.arguments, command.origin)):
                self.comparison.draft.add_run(command.step, lost, "")

    def _compare_first(self, trials: Iterable[Trial]) -> None:
        """Compare the first of several runs of a command that works in the old image."""
        failure = ""
        for trial in trials:
            needed_s = SERVICES_TIME_S if trial.settings.services else 2 * START_TIMEOUT_S
            if not self.comparison.has_time(trial.step, needed_s):
                return
            # It may listen nowhere, as a worker does, whatever the image exposes.
            run = self.comparison.old_runs.run(trial)
            reason = inconclusive_reason(run, exposes_ports=False)
            if not reason:
                self.comparison.compare(trial)
                return
            failure = f"{trial.step}: not compared, it does not work in the old image: {reason}"
        self.comparison.draft.log.append(failure)
