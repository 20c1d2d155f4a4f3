"""The reasons for which builds fail, as far as their messages say.

Only a reason that surely lies in the revision's own files can excuse a build that fails in both
revisions. Every other reason may be gone tomorrow, and is never taken for a property of the image.
"""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """The kind of a build failure; the value is its name in the JSON report."""

    INSTRUCTION = "instruction"  # a command of RUN ended with an error of its own
    MISSING_FILE = "missing-file"  # COPY or ADD of a file that is not there
    CONTEXT = "context"  # the same, but another folder of the repository has it
    IGNORED_FILE = "ignored-file"  # the same, but git ignores it
    SYNTAX = "syntax"  # the Dockerfile is not valid
    REFERENCE = "reference"  # FROM takes a name that is none, or an empty one
    ARGUMENT = "argument"  # FROM takes a build argument that has no value
    TARGET = "target"  # the Dockerfile has no stage of the name that is asked for
    IGNORE_FILE = "ignore-file"  # a `.dockerignore` that no build works with
    SECRET = "secret"  # noqa: S105 - a kind, not a password
    SSH = "ssh"  # a key, or an agent that has it
    LOGIN = "login"  # for a registry or another server
    LOGIN_REFUSED = "login-refused"  # there was a login for the registry
    BASE_IMAGE = "base-image"  # the registry has no image of that name
    NETWORK = "network"
    DISK = "disk"
    MEMORY = "memory"
    TIME = "time"
    PLATFORM = "platform"  # the machine cannot run it, or the image is not for it
    ENGINE = "engine"
    PREPARATION = "prepare"  # a command that runs before the build ended with an error of its own
    UNKNOWN = "unknown"

    @property
    def lies_in_surroundings(self) -> bool:
        """True if something around the build is surely the reason, which another job may have."""
        return not self.lies_in_own_files and self not in (self.UNKNOWN, self.PREPARATION)

    @property
    def lies_in_own_files(self) -> bool:
        """True if the revision's own files are the reason, and nothing around the build."""
        return self in _OWN_KINDS


_OWN_KINDS = frozenset(
    {
        FailureKind.INSTRUCTION,
        FailureKind.MISSING_FILE,
        FailureKind.CONTEXT,
        FailureKind.IGNORED_FILE,
        FailureKind.SYNTAX,
        FailureKind.REFERENCE,
        FailureKind.ARGUMENT,
        FailureKind.TARGET,
        FailureKind.IGNORE_FILE,
    }
)


@dataclass(frozen=True, slots=True)
class FailureCause:
    """The kind of a failed build in a report, with what it is about.

    `subject` is the ID of a secret, the names of arguments, a path or a server; `folder` is one
    that has the path. Both are empty if they are unknown. `fails_at_base` says that base's build
    fails at the same instruction with the same error. A failure that `is_excused` warns, as
    somebody chose for pull requests without secrets, or for a platform of a compose or bake file.
    """

    kind: FailureKind
    fails_at_base: bool = False
    is_excused: bool = False
    subject: str = ""
    folder: str = ""
