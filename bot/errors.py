"""What can go wrong, as kinds that the composition root turns into exit statuses.

An error says what happened, why, and what to do about it.
"""


class ReviewError(Exception):
    """An error that the user can fix: exit status 2, and never a traceback."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        """`what` is a whole sentence; `why` and `fix` may be left out where they would repeat it."""
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
    """There is no Docker Engine, or no buildx, to work with."""


class RegistryError(ReviewError):
    """A registry that has no such image, hands it to others only, or does not answer."""


class GitError(ReviewError):
    """A revision that does not exist, a repository that is none, a fetch that failed."""


class PublishError(ReviewError):
    """GitHub did not take what was to be posted. Never changes a verdict."""
