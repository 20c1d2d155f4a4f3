"""A login for a registry that somebody hands in, and that is nowhere else."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RegistryLogin:
    """A name and a password for a registry; `scope` is a repository, or empty for all of them.

    The password is empty where a secret of a workflow is, as for a pull request of a fork.
    """

    registry: str
    username: str
    password: str = field(repr=False)
    scope: str = ""
