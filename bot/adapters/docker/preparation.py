"""Commands that run in a container, on a checkout, before its builds.

BuildKit runs them and hands back the folder: nothing is mounted, so that it works with an engine
elsewhere, and the container has neither a socket nor a token. What the commands leave is as
untrusted as the checkout.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.spec import Preparation

_FOLDER = "/workspace"
_STAGE = "prepared"
_ENDED_COMMAND = re.compile(
    r'process "/bin/sh -c (.*)" did not complete successfully: exit code: (\d+)', re.DOTALL
)
_RULER = "------"
_STEP_PREFIX = " > ["  # the header of the failing step, which names a line of our recipe
_ALL_BITS_OF_OWNER = stat.S_IRWXU


def write_recipe(folder: Path, preparation: Preparation) -> Path:
    """Write the Dockerfile that runs the commands, and return its path.

    The commands run as root, since the files are root's, each as one word of JSON, in which
    nothing is an instruction or a heredoc. The ignore file beside it takes the place of the
    checkout's, so that all files are there.
    """
    runs = [f"RUN {_format_command(command)}" for command in preparation.commands]
    lines = [
        f"FROM {preparation.image} AS {_STAGE}",
        "USER 0",
        f"WORKDIR {_FOLDER}",
        "COPY . .",
        *runs,
        "FROM scratch",
        f"COPY --from={_STAGE} {_FOLDER}/ /",
    ]
    file = folder / "Dockerfile"
    file.write_text("\n".join([*lines, ""]), "utf-8")
    file.with_name("Dockerfile.dockerignore").write_text("# nothing is left out\n", "utf-8")
    return file


def _format_command(command: str) -> str:
    """Return the exec form; a `<<` in it would begin a heredoc."""
    return json.dumps(["/bin/sh", "-c", command]).replace("<", "\\u003c")


def explain_preparation(failure: BuildFailure) -> BuildFailure:
    """Return the failure of a preparation; a reason around the build keeps its kind.

    The log ends with the output of the command, for the lines that follow are of our recipe.
    """
    kind = failure.kind if failure.kind.lies_in_surroundings else FailureKind.PREPARATION
    ended = _ENDED_COMMAND.fullmatch(failure.reason)
    reason = f"`{ended[1]}` ended with exit status {ended[2]}" if ended else failure.reason
    output = takewhile(lambda line: line != _RULER, failure.log)
    log = tuple(line for line in output if not line.startswith(_STEP_PREFIX))
    subject = failure.subject if kind is FailureKind.LOGIN else ""
    return BuildFailure(f"prepare failed: {reason}", log, kind, subject=subject)


def find_special_file(folder: Path) -> str:
    """Return the path of a device, pipe or socket in a folder; empty if there is none."""
    for entry in _walk(folder):
        # Buildx writes the folder as root, devices included; what reads it later must not open one.
        mode = entry.stat(follow_symlinks=False).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            return os.path.relpath(entry.path, folder)
    return ""


def make_removable(folder: Path) -> None:
    """Give the owner all rights on folders, which commands may have taken away."""
    with suppress(OSError):
        folder.chmod(_ALL_BITS_OF_OWNER)
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                make_removable(Path(entry.path))


def _walk(folder: Path) -> Iterator["os.DirEntry[str]"]:
    pending = [os.fspath(folder)]
    while pending:
        for entry in list(os.scandir(pending.pop())):
            yield entry
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
