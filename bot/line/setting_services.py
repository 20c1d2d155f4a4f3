"""Settings with the services of a compose file that an application needs, such as a database.

Both get the values of the compose file, since the application must know the password that its
database is set up with: they are in the repository, and lead nowhere without a network.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from bot.line.setting_attempts import (
    Setting,
    list_own_names,
    list_settings,
    make_settings,
    wants_file,
)
from bot.line.setting_sources import VARIABLE_FILE, SettingSources
from bot.model.service_container import ServiceContainer
from bot.model.start_settings import StartSettings
from bot.project.compose_services import ComposeService, ServiceMount, names_host
from bot.verify.image_pair import ImagePair
from bot.verify.missing_services import find_missing_service

_MAX_SERVICES = 5
_MAX_MOUNTED_FILES = 50
# What images of databases run when they are set up.
_SCRIPT_FOLDER = "/docker-entrypoint-initdb.d"


def make_service_settings(
    pair: ImagePair, sources: SettingSources, outputs: Collection[str], service: str = ""
) -> StartSettings | None:
    """Return the settings of the compose file with its services; None if none is needed.

    `outputs` are what the old image said without them. Without a `service`, the services are those
    that the first one of the Dockerfile needs.
    """
    compose_file, spec = sources.compose_file, sources.spec
    texts = [value for _, variables in compose_file.groups for value in variables.values()]
    texts += [*pair.old.config.env.values(), *map(find_missing_service, outputs)]
    needed = compose_file.services.list_needed(spec.dockerfile, spec.context, texts, service)
    services = tuple(_complete(sources, x, number) for number, x in enumerate(needed))
    if not services:
        return None
    listed = list_settings(pair, compose_file.groups, list_service_texts(services))
    settings = make_settings(
        _choose(pair, listed.values(), services), has_file=wants_file(pair, *outputs)
    )
    return replace(settings, services=services, service_file=compose_file.name)


def _choose(
    pair: ImagePair, settings: Iterable[Setting], services: Collection[ServiceContainer]
) -> Iterator[Setting]:
    """Yield the settings that the image does not have, and those that name a service."""
    own = list_own_names(pair)
    hosts = {host for service in services for host in service.hosts}
    for setting in settings:
        if setting.name not in own or any(names_host(setting.value, host) for host in hosts):
            yield setting


def list_service_texts(services: Iterable[ServiceContainer]) -> list[str]:
    """List what services are set up with: their variables and commands."""
    return [
        text
        for service in services
        for text in (*(value for _, value in service.variables), *(service.command or ()))
    ]


def _complete(sources: SettingSources, service: ComposeService, number: int) -> ServiceContainer:
    """Return a service with the variables and texts of the files that it names."""
    variables: dict[str, str] = {}
    for file in service.variable_files:
        named = sources.read_variable_file(file)
        # Who starts the project makes the file from its example.
        variables.update(sources.read_example(_find_folder(file)) if named is None else named)
    container = service.container
    variables.update(container.variables)
    files = {mount: dict(_read_mount(sources, mount)) for mount in service.mounts}
    is_extra = number >= _MAX_SERVICES
    return replace(
        container,
        variables=tuple(variables.items()),
        files=tuple(file for texts in files.values() for file in texts.items()),
        missing_mounts=tuple(
            mount.label for mount, texts in files.items() if not texts and _matters(mount)
        ),
        problem=f"more than {_MAX_SERVICES} services are needed" if is_extra else container.problem,
    )


def _find_folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _read_mount(sources: SettingSources, mount: ServiceMount) -> Iterator[tuple[str, str]]:
    """Yield the short texts of a mounted file or folder, by path in the container."""
    if mount.source is None:
        return
    for path in sources.list_files(mount.source)[:_MAX_MOUNTED_FILES]:
        is_private = PurePosixPath(path).name.startswith(VARIABLE_FILE)
        text = "" if is_private else sources.context.read_repository_text(path)
        if text:
            inner = path.removeprefix(mount.source).lstrip("/")
            yield str(PurePosixPath(mount.target, inner)), text


def _matters(mount: ServiceMount) -> bool:
    """Return True unless a mount is of a folder, which is empty at the first start anyway."""
    is_file = bool(PurePosixPath(mount.label).suffix)
    return is_file or mount.target.startswith(_SCRIPT_FOLDER)
