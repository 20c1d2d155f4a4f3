"""A service of a compose file that is started beside an image, such as its database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceContainer:
    """The way to start a service, and when it is ready.

    `hosts` are the names by which others reach it. `entrypoint` and `command` are None where its
    image's own count. `health_test` is the test of its health check, empty for that of its image.
    `ports` are those that its compose file names; `must_end` marks a job that others wait for.
    `files` are texts by path in the container; mounts that are left out are in `missing_mounts`.
    `problem` says why it cannot be started; empty if it can.
    """

    name: str
    image: str
    hosts: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    user: str = ""
    health_test: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    must_end: bool = False
    files: tuple[tuple[str, str], ...] = ()
    missing_mounts: tuple[str, ...] = ()
    problem: str = ""

    @property
    def label(self) -> str:
        """The service for people, as in `db (postgres:15)`."""
        missing = f", without its mount {', '.join(self.missing_mounts)}"
        return f"{self.name} ({self.image}{missing if self.missing_mounts else ''})"
