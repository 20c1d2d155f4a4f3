"""Settings that a container gets beside those of its image."""

from dataclasses import dataclass

from bot.model.service_container import ServiceContainer

LOCAL_NAME = "localhost"


@dataclass(frozen=True, slots=True)
class StartSettings:
    """Variables of the environment, and a file of variables for programs that insist on one.

    `file_text` is written to `.env` in the working folder; None for no file. `description` says for
    people what is set, and which files name it. `services` are started before, in their order;
    `service_file` is the compose file that they are of, empty for those that sources name.
    `host_name` is the name by which requests call the server.
    """

    variables: tuple[tuple[str, str], ...] = ()
    file_text: str | None = None
    description: str = ""
    services: tuple[ServiceContainer, ...] = ()
    service_file: str = ""
    host_name: str = LOCAL_NAME

    @property
    def service_description(self) -> str:
        """The services for people, with the file that they are of; empty without any."""
        labels = ", ".join(service.label for service in self.services)
        return f"{labels}, from {self.service_file}" if self.service_file else labels


NO_SETTINGS = StartSettings()
