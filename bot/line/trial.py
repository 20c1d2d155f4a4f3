"""A command to run in both images, and the runs of the old image, which all candidates share."""

from dataclasses import dataclass, field

from bot.line.ports import ContainerRunner
from bot.model.container_run import ContainerRun
from bot.model.start_settings import NO_SETTINGS, StartSettings

START_TIMEOUT_S = 12.0  # until a command listens or ends
SERVER_START_TIMEOUT_S = 45.0  # a server is waited for longer, but no longer than until it listens
SLOW_START_TIMEOUT_S = 90.0  # of one that listens or ends in the other image
FIRST_ATTEMPT, REPEATED_ATTEMPT, SLOW_ATTEMPT = range(3)


@dataclass(frozen=True, slots=True)
class Trial:
    """A command to run in both images; without arguments, the image's own command.

    A server is asked for `paths` as well. `opens_input` leaves its standard input open, as a
    terminal does. One that `must_succeed` proves nothing where the old
    image fails; `expects_failure` marks one that is known to fail there. `counts_as_start` if it
    shows that the container starts as before.
    """

    step: str
    arguments: tuple[str, ...] = ()
    timeout_s: float = START_TIMEOUT_S
    paths: tuple[str, ...] = ()
    must_succeed: bool = False
    expects_failure: bool = False
    counts_as_start: bool = True
    opens_input: bool = False
    settings: StartSettings = NO_SETTINGS


@dataclass
class OldImageRuns:
    """The runs of the old image, each done once for all candidates."""

    container_runner: ContainerRunner
    reference: str
    _runs: dict[tuple[object, ...], ContainerRun] = field(default_factory=dict)

    def run(self, trial: Trial, attempt: int = FIRST_ATTEMPT) -> ContainerRun:
        """Run a trial in the old image, or return the same attempt's result from before."""
        key = (trial.arguments, trial.opens_input, trial.settings, attempt)
        if key not in self._runs:
            self._runs[key] = self.container_runner.run(
                *(self.reference, self.reference, trial.arguments, trial.timeout_s, trial.paths),
                opens_input=trial.opens_input,
                settings=trial.settings,
            )
        return self._runs[key]
