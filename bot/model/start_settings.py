"""Settings that a container gets beside those of its image."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartSettings:
    """Variables of the environment, and a file of variables for programs that insist on one.

    `file_text` is written to `.env` in the working folder; None for no file. `description` says for
    people what is set, and which files name it.
    """

    variables: tuple[tuple[str, str], ...] = ()
    file_text: str | None = None
    description: str = ""


NO_SETTINGS = StartSettings()
