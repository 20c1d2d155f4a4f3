"""Commands with which a compose file starts an image in place of its own.

A file has them for workers, migrations and servers of developers. A rewrite must serve them, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.line.setting_services import make_reference_values
from bot.line.setting_sources import SettingSources
from bot.model.container_config import ContainerConfig
from bot.project.compose_services import ComposeCommand, read_compose_services

_MAX_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class ProjectCommand:
    """A command line, and what names it: `compose.yaml, service worker`."""

    origin: str
    arguments: tuple[str, ...]


def list_compose_commands(
    config: ContainerConfig, sources: SettingSources
) -> tuple[ProjectCommand, ...]:
    """List the command lines of the compose file that differ from the image's, three at most."""
    path, text = sources.read_compose_file()
    top = PurePosixPath(sources.context.repository_folder)
    services = read_compose_services(text, path, make_reference_values(sources, path))
    spec = sources.spec
    distinct: dict[tuple[str, ...], ProjectCommand] = {}
    for declared in services.list_own_commands(spec.dockerfile, spec.context):
        arguments = tuple(_complete(config, declared))
        origin = f"{PurePosixPath(path).relative_to(top)}, service {declared.service}"
        distinct.setdefault(arguments, ProjectCommand(origin, arguments))
    commands = [x for x in distinct.values() if x.arguments != config.command_line]
    return tuple(commands[:_MAX_COMMANDS])


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
