"""The errors that reach the user; the command line turns them into exit statuses.

An error says what happened, why, and what to do about it.
"""

import errno

# A full disk, a quota, a disk that is read-only, and one that fails.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


class ReviewError(Exception):
    """An error that the user can fix: exit status 2, and never a traceback."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        """Take a whole sentence; leave out `why` and `fix` where they would repeat it."""
        super().__init__(what)
        self.what, self.why, self.fix = what, why.strip(), fix

    @property
    def reason(self) -> str:
        """The error and its cause, as a clause."""
        return f"{self.what.rstrip('.')}: {self.why}" if self.why else self.what

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"Why: {self.why}")
        if self.fix:
            lines.append(f"What to do: {self.fix}")
        return "\n".join(lines)


class DiskError(ReviewError):
    """A disk of this machine that is full, or does not take or give data."""


class InputError(ReviewError):
    """A wrong argument, input or configuration file."""


class EngineUnavailableError(ReviewError):
    """A Docker Engine or buildx that is missing or does not answer."""


class RegistryError(ReviewError):
    """A registry that lacks an image, denies it, or does not answer.

    `status` is that of its answer, 0 without one.
    """

    status = 0


class GitError(ReviewError):
    """A missing revision, a folder that is no repository, or a failed fetch."""


class PublishError(ReviewError):
    """A comment, review or status that GitHub refused; it never changes a verdict."""


def describe_cause(problem: BaseException) -> str:
    """Return the reason of an error in words, without the notation of Python.

    What libraries wrap around an error of the system is left out: `Connection refused`. An error
    of our own has its words already.
    """
    if type(problem).__module__.partition(".")[0] == __name__.partition(".")[0]:
        return str(problem)
    for error in _list_causes(problem):
        if isinstance(error, OSError) and error.strerror:
            path = f"{str(error.filename)!r}: " if error.filename else ""
            return path + error.strerror
    return str(problem)


def _list_causes(problem: BaseException) -> list[BaseException]:
    """Return an error and those that it was made of, the outermost first."""
    causes = [problem]
    # The list grows while it is read; an error that is its own cause is in it already.
    for error in causes:
        inner = (*error.args, getattr(error, "reason", None), error.__cause__)
        causes += (x for x in inner if isinstance(x, BaseException) and x not in causes)
    return causes


def explain_disk_error(problem: BaseException) -> DiskError | None:
    """Return what the user can do about a full or broken disk; None for any other error."""
    if not isinstance(problem, OSError) or problem.errno not in _DISK_ERRORS:
        return None
    return DiskError(
        f"A file could not be written or read: {problem.strerror}.",
        str(problem.filename or ""),
        "free disk space, or set TMPDIR and IMAGE_SIZE_REVIEW_CACHE to folders with more of it",
    )
