"""The result of trying a candidate: the steps that were taken, and the regressions."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.candidate import Candidate
from bot.model.image import Image
from bot.model.suggestion import StartResult

OWN_COMMAND_LABEL = "its own command"  # the step of a log in which an image runs its own command
START_STEP = "start"  # the step that is skipped where the old image does not run by itself
# The same step with settings that are not the image's, which a line of the log above it lists.
WITH_SETTINGS_LABEL = f"{OWN_COMMAND_LABEL} with settings"
WITH_SERVICES_LABEL = f"{OWN_COMMAND_LABEL} with services"  # and settings


class RegressionKind(StrEnum):
    """The kind of a regression; the comments say what its `subject` is.

    The rewriter reads kind and subject to improve its next attempt.
    """

    BUILD = "build"  # the reason why it does not build, or a new warning
    SIZE = "size"  # it is not smaller
    SETTING = "setting"  # a setting: `ENV LANG`, `USER`, `HEALTHCHECK`
    LIBRARY = "library"  # a soname; `path` is the file that the old image loads for it
    INTERPRETER = "interpreter"  # the path of a loader or of a script's interpreter
    VERSION = "version"  # a soname; `detail` is the version that it does not offer
    PROGRAM = "program"  # a program's name; `path` is where the old image has it
    TOOLCHAIN = "toolchain"  # a program that compiles; `detail` is the source that needs it
    FILE = "file"  # a path that the old image has, without the leading slash
    FOLDER = "folder"  # likewise, of a directory
    CONTENT = "content"  # a path with other content
    MODE = "mode"  # a path with another mode or owner
    USER = "user"  # a user's or group's name
    PACKAGE = "package"  # the name of a package of the system
    BEHAVIOUR = "behaviour"  # the step in which the containers differ


@dataclass(frozen=True, slots=True)
class Regression:
    """A reason against a candidate; the message is a sentence for people."""

    kind: RegressionKind
    subject: str
    message: str
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of trying a candidate.

    `image` is the candidate's, once it was built and measured. `saving_bytes` is negative if that
    image is larger. `skipped_steps` are those that could not be taken; each line of the `log` names
    a step and its result. `fails_alike` is True if the old image does not run by itself, and both
    do the same all the same: the status, the output, the answers of a port.
    """

    candidate: Candidate
    built: bool = False
    started: StartResult = StartResult.NOT_RUN
    image: Image | None = None
    saving_bytes: int | None = None
    regressions: tuple[Regression, ...] = ()
    skipped_steps: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    fails_alike: bool = False

    @property
    def lacks_start_alone(self) -> bool:
        """True if all but a start was verified, and the containers fail in the same way."""
        is_checked = self.built and self.image is not None and not self.regressions
        return is_checked and self.skipped_steps == (START_STEP,) and self.fails_alike

    @property
    def verified(self) -> bool:
        """True if every step was taken, the containers behave the same and nothing regressed."""
        complete = self.built and self.image is not None and not self.skipped_steps
        return complete and not self.regressions and self.started is StartResult.SAME

    @property
    def objection(self) -> str:
        """The first line of the first regression, or of the step that was skipped; else empty."""
        skipped = (line for line in self.log if ": not run, " in line)
        messages = (regression.message.partition("\n")[0] for regression in self.regressions)
        return next(messages, next(skipped, ""))

    @property
    def unpacked_bytes(self) -> int | None:
        """The size of the candidate's image; None as long as there is none."""
        return self.image.unpacked_bytes if self.image else None
