"""Starts of the old image with the settings that its project names, until one proves something.

What does not start either way is explained: by the service that it needs, or the setting.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.line.setting_attempts import list_start_settings
from bot.line.setting_databases import make_database_settings
from bot.line.setting_services import make_service_settings
from bot.line.setting_sources import SettingSources
from bot.line.trial import SERVER_START_TIMEOUT_S, OldImageRuns, Trial
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.proof import OWN_COMMAND_LABEL, WITH_SERVICES_LABEL, WITH_SETTINGS_LABEL
from bot.model.start_settings import NO_SETTINGS, StartSettings
from bot.verify.command_line_probes import advise_smoke_test
from bot.verify.drawn_ports import find_drawn_port
from bot.verify.image_pair import ImagePair
from bot.verify.missing_services import explain_missing_service, find_missing_service
from bot.verify.missing_settings import find_missing_file, find_missing_setting
from bot.verify.routes import may_listen, speaks_http
from bot.verify.run_differences import exposes_tcp, inconclusive_reason
from bot.verify.source_variables import list_read_variables

SERVICES_TIME_S = 150.0  # both images start them, and wait for them
_WITHOUT_IT = 'name a command that succeeds without it: --smoke-test "COMMAND"'


@dataclass(frozen=True, slots=True)
class FailedStart:
    """A start of the old image that proves nothing, and the reason."""

    settings: StartSettings
    run: ContainerRun
    reason: str

    @property
    def missing_service(self) -> str:
        """The service that the program says it cannot reach; empty if there is none."""
        return find_missing_service(self.run.output)

    @property
    def is_alive(self) -> bool:
        """True if the program was still running at the end."""
        return self.run.exit_code is None and not self.run.service_error


@dataclass(frozen=True, slots=True)
class FailedStarts:
    """All starts of the old image that prove nothing, the first without settings.

    `read_names` are the variables that its sources read.
    """

    starts: Sequence[FailedStart]
    read_names: Collection[str]
    config: ContainerConfig

    @property
    def furthest(self) -> FailedStart:
        """The start that says most of what the program needs.

        With more settings a program comes further: to the service that it needs, or it lives on.
        With services, it comes furthest.
        """
        beside = [x for x in self.starts if x.settings.services and not x.run.service_error]
        if beside:
            return beside[-1]
        stopped = next((x for x in reversed(self.starts) if x.missing_service), None)
        alive = next((start for start in self.starts if start.is_alive), None)
        return stopped or alive or self.starts[0]

    @property
    def explanation(self) -> str:
        """The reason why the image does not run by itself, with what it lacks if it says so."""
        start = self.furthest
        if service := start.missing_service:
            return f"{start.reason}: {explain_missing_service(service)}"
        if setting := self._missing_setting:
            return f"{start.reason}: it needs {setting}, which its project gives no value for"
        if file := find_missing_file(start.run.output):
            return f"{start.reason}: it needs {file}, which is not in the image"
        return start.reason

    def list_advice(self) -> Iterator[str]:
        """Yield the settings that were tried, and what to do so that the image can be started."""
        plain = [start for start in self.starts if not start.settings.services]
        attempts = [x for x in (self.furthest, *plain) if x in plain and x.settings.description]
        if attempts:
            yield f"with {attempts[0].settings.description}: {attempts[0].reason}"
        for start in self.starts:
            if start.settings.services:
                yield f"with the services {start.settings.service_description}: {start.reason}"
        if self.furthest.missing_service:
            yield _WITHOUT_IT
        elif self._missing_setting:
            yield f"give it a value in .env.example, or {_WITHOUT_IT}"
        elif find_missing_file(self.furthest.run.output):
            yield _WITHOUT_IT
        else:
            yield advise_smoke_test(self.config, self.furthest.run.output)

    def make_failing_trial(self, trial: Trial) -> Trial | None:
        """Return the trial of what the program does before or while it fails; None for nothing.

        It must be the same in both images, but proves no start.
        """
        start = self.furthest
        is_silent = start.is_alive and not (start.run.output.strip() or start.run.responses)
        if is_silent or start.run.start_error or start.run.service_error:
            return None
        end = (
            f"until it needs {start.missing_service}" if start.missing_service else "until it ends"
        )
        step = f"{OWN_COMMAND_LABEL} {'as far as it works' if start.is_alive else end}"
        return replace(
            trial, step=step, settings=start.settings, must_succeed=False, counts_as_start=False
        )

    @property
    def _missing_setting(self) -> str:
        names_set = {name for name, _ in self.furthest.settings.variables}
        names = set(self.read_names) - names_set
        return find_missing_setting(self.furthest.run.output, names, names_set)


@dataclass(frozen=True)
class SettingTrials:
    """The starts of an old image without and with settings."""

    pair: ImagePair
    old_runs: OldImageRuns
    sources: SettingSources

    def find_reason(self, run: ContainerRun, settings: StartSettings = NO_SETTINGS) -> str:
        """Return why a run of the own command proves nothing; empty if it proves something."""
        is_server = speaks_http(self.pair.old_app)
        is_exposed = exposes_tcp(self.pair.old.config) and may_listen(self.pair.old_app)
        if reason := inconclusive_reason(run, exposes_ports=is_exposed, speaks_http=is_server):
            return reason
        # `listen(process.env.PORT)` without PORT: with one, it is asked where its project says.
        if (port := find_drawn_port(run, self.pair.old_app)) is not None:
            return f"it listens on {port}, which the system draws: it was given no port"
        if run.exit_code is not None or run.responses:
            return ""
        # `manage.py runserver` prints an error, and lives on to wait for a change of its sources.
        if is_server:
            return "it listens on no port"
        # Settings of others lead to services that are not here, and a client may wait in silence.
        if settings == NO_SETTINGS:
            return ""
        return "" if run.output.strip() else "it listens on no port and prints nothing"

    def find_start(
        self, trial: Trial, has_time: Callable[[str, float], bool]
    ) -> tuple[Trial | None, FailedStarts]:
        """Return the first trial with settings that proves something, and those that do not."""
        run = self.old_runs.run(trial)
        failed = [FailedStart(trial.settings, run, self.find_reason(run))]
        starts = FailedStarts(failed, list_read_variables(self.pair.old_app), self.pair.old.config)
        for settings in self._list_settings(failed):
            attempt = self._make_attempt(trial, settings)
            needed_s = SERVICES_TIME_S if settings.services else 0.0
            if not has_time(attempt.step, needed_s):
                break
            run = self.old_runs.run(attempt)
            if not (reason := self.find_reason(run, settings)):
                return attempt, starts
            failed.append(FailedStart(settings, run, reason))
        return None, starts

    def _make_attempt(self, trial: Trial, settings: StartSettings) -> Trial:
        step = WITH_SERVICES_LABEL if settings.services else WITH_SETTINGS_LABEL
        is_server = speaks_http(self.pair.old_app)
        timeout_s = SERVER_START_TIMEOUT_S if is_server else trial.timeout_s
        settings = replace(settings, host_name=trial.settings.host_name)
        return replace(trial, step=step, settings=settings, timeout_s=timeout_s)

    def _list_settings(self, failed: Sequence[FailedStart]) -> Iterator[StartSettings]:
        """Yield the settings to try; `failed` grows by each one that proves nothing."""
        # What the engine refuses, it refuses with other settings as well.
        if failed[0].run.start_error:
            return
        yield from list_start_settings(self.pair, self.sources, failed[0].run.output)
        outputs = [start.run.output for start in failed]
        inputs = (self.pair, self.sources, outputs)
        if settings := make_service_settings(*inputs):
            yield settings
        # Of services of which one cannot be had, a program may need no more than its database.
        if settings and not failed[-1].run.service_error:
            return
        if databases := make_database_settings(*inputs):
            yield databases
