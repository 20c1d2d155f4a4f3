"""The folder of the workspace in which a step keeps its reports for later steps.

The container is root and the runner is not: what is written belongs to the owner of the workspace,
so that the next job can remove it, and is nothing that `git status` shows.
"""

import errno
import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.errors import InputError

# Later steps read it from the workspace, the one folder that both container and runner see.
_REPORTS_FOLDER = "image-size-review"
_IGNORE_FILE, _IGNORE_EVERYTHING = ".gitignore", "*\n"
_NOT_A_FOLDER = (errno.ENOTDIR, errno.ELOOP)


@dataclass(frozen=True, slots=True)
class StepFolder:
    """The folder of one step.

    The workspace holds an untrusted checkout: no link in it is followed.
    """

    workspace: Path
    step_name: str

    def save_file(self, name: str, content: str) -> str:
        """Save a file, and return its path from the workspace.

        InputError if something of the checkout is in the way, or if it cannot be written.
        """
        with ExitStack() as stack:
            folder = self._open(stack)
            if not _exists(_IGNORE_FILE, folder):
                self._write(folder, _IGNORE_FILE, _IGNORE_EVERYTHING)
            return self._write(folder, name, content)

    def _open(self, stack: ExitStack) -> int:
        """Return the descriptor of the folder, which is made where it is missing."""
        path = PurePosixPath()
        folder = os.open(self.workspace, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, folder)
        for name in (_REPORTS_FOLDER, self.step_name):
            path /= name
            try:
                folder = self._open_below(folder, name)
            except OSError as problem:
                if problem.errno in _NOT_A_FOLDER:
                    raise _blocked(path, "not a folder") from problem
                raise unwritable(str(path), problem) from problem
            stack.callback(os.close, folder)
        return folder

    def _open_below(self, parent: int, name: str) -> int:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
        # Below the descriptor of the folder above: a path could lead elsewhere by the next call.
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        self._hand_over(folder, 0o777)
        return folder

    def _write(self, folder: int, name: str, content: str) -> str:
        path = PurePosixPath(_REPORTS_FOLDER, self.step_name, name)
        try:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)  # never through a link that a checkout holds
            # Only a file that is new: one that appears after the unlink is not written through.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(
                os.open(name, flags, 0o644, dir_fd=folder), "w", encoding="utf-8"
            ) as file:
                file.write(content)
                self._hand_over(file.fileno(), 0o666)
        except IsADirectoryError as problem:
            raise _blocked(path, "a folder") from problem
        except OSError as problem:
            raise unwritable(str(path), problem) from problem
        return str(path)

    def _hand_over(self, descriptor: int, open_mode: int) -> None:
        """Give a file to the owner of the workspace, or everybody the right to remove it."""
        owner = self.workspace.stat()
        if os.fstat(descriptor).st_uid == owner.st_uid:
            return
        try:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        except OSError:  # a network file system on which root has no rights
            with suppress(OSError):
                os.fchmod(descriptor, open_mode)


def unwritable(path: str, problem: OSError) -> InputError:
    """Return the error for what cannot be written."""
    return InputError(
        f"{path!r} cannot be written.", str(problem), "check the disk of the runner and its rights"
    )


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _blocked(path: PurePosixPath, what: str) -> InputError:
    return InputError(
        f"{str(path)!r} in the workspace is {what}.",
        "The action keeps its reports there.",
        "give it another name in the repository",
    )
