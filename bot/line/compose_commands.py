"""Commands with which a compose file starts an image in place of its own.

A file has them for workers, migrations and servers of developers. A rewrite must serve them, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.line.setting_databases import make_database_settings
from bot.line.setting_services import list_service_texts, make_service_settings
from bot.line.setting_sources import SettingSources
from bot.model.container_config import ContainerConfig
from bot.model.start_settings import StartSettings
from bot.project.compose_services import ComposeCommand
from bot.verify.image_pair import ImagePair
from bot.verify.setting_values import replace_secrets

_MAX_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class ProjectCommand:
    """A command line, and what names it: `compose.yaml, service worker`.

    `variables` are those of the service.
    """

    origin: str
    arguments: tuple[str, ...]
    service: str = ""
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def step(self) -> str:
        """The step of a log in which it is run."""
        return f"command of {self.origin}"


def list_compose_commands(
    config: ContainerConfig, sources: SettingSources
) -> tuple[ProjectCommand, ...]:
    """List the command lines of the compose file that differ from the image's, three at most."""
    compose_file, spec = sources.compose_file, sources.spec
    distinct: dict[tuple[str, ...], ProjectCommand] = {}
    for declared in compose_file.services.list_own_commands(spec.dockerfile, spec.context):
        arguments = tuple(_complete(config, declared))
        origin = f"{compose_file.name}, service {declared.service}"
        command = ProjectCommand(origin, arguments, declared.service, declared.variables)
        distinct.setdefault(arguments, command)
    commands = [x for x in distinct.values() if x.arguments != config.command_line]
    return tuple(commands[:_MAX_COMMANDS])


def list_health_tests(sources: SettingSources) -> tuple[ProjectCommand, ...]:
    """List the health checks that the compose file has for the image, as command lines."""
    compose_file, spec = sources.compose_file, sources.spec
    tests = compose_file.services.list_own_health_tests(spec.dockerfile, spec.context)
    forms = {"CMD": (), "CMD-SHELL": ("/bin/sh", "-c")}
    return tuple(
        ProjectCommand(
            f"the health check of {compose_file.name}, service {name}",
            (*forms[test[0]], *test[1:]),
            name,
        )
        for name, test in tests
        if test[0] in forms and len(test) > 1
    )


def list_command_settings(
    pair: ImagePair, sources: SettingSources, command: ProjectCommand, own: StartSettings
) -> Iterator[StartSettings]:
    """Yield the settings to run a command with: as the image's own, then with what it needs.

    `own` are the settings that the image's own command was started with.
    """
    yield _add_variables(own, command)
    needed = make_service_settings(pair, sources, (), command.service)
    if needed and needed.services != own.services:
        yield _add_variables(needed, command)
    elif not needed and not own.services:
        databases = make_database_settings(pair, sources, ())
        if databases:
            variables = {**dict(command.variables), **dict(databases.variables)}
            yield replace(databases, variables=tuple(variables.items()))


def _add_variables(settings: StartSettings, command: ProjectCommand) -> StartSettings:
    """Add the variables of a service, with the secrets that its other services have."""
    shared = list_service_texts(settings.services)
    own = replace_secrets(dict(command.variables), shared)
    return replace(settings, variables=tuple({**dict(settings.variables), **own}.items()))


def _complete(config: ContainerConfig, declared: ComposeCommand) -> Iterator[str]:
    """Yield the words of a command line; a new entry point drops the image's command."""
    if declared.entrypoint is None:
        yield from config.entrypoint
    else:
        yield from declared.entrypoint
    if declared.command is not None:
        yield from declared.command
    elif declared.entrypoint is None:
        yield from config.command
