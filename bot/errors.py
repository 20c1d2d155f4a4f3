"""The errors that reach the user; the command line turns them into exit statuses.

An error says what happened, why, and what to do about it.
"""


class ReviewError(Exception):
    """An error that the user can fix: exit status 2, and never a traceback."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        """Take a whole sentence; leave out `why` and `fix` where they would repeat it."""
        super().__init__(what)
        self.what, self.why, self.fix = what, why.strip(), fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"Why: {self.why}")
        if self.fix:
            lines.append(f"What to do: {self.fix}")
        return "\n".join(lines)


class InputError(ReviewError):
    """A wrong argument, input or configuration file."""


class EngineUnavailableError(ReviewError):
    """A Docker Engine or buildx that is missing or does not answer."""


class RegistryError(ReviewError):
    """A registry that lacks an image, denies it, or does not answer."""


class GitError(ReviewError):
    """A missing revision, a folder that is no repository, or a failed fetch."""


class PublishError(ReviewError):
    """A comment, review or status that GitHub refused; it never changes a verdict."""
