"""Services of a compose file that an application needs: those that it depends on or names.

They are services with an image of their own. One that is built is another application.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.model.service_container import ServiceContainer
from bot.project.compose_file import resolve_path
from bot.project.compose_values import ReferenceValues
from bot.project.service_variables import drop_tag, is_built_from, list_files, list_services

_MUST_END = "service_completed_successfully"
# `5432`, `8080:80`, `127.0.0.1:5432:5432/tcp`: the last number is the container's.
_PORT = re.compile(r"(?:[^/]*:)?(\d{1,5})(?:/tcp)?")
_NO_CHECK = ("NONE",)


@dataclass(frozen=True, slots=True)
class ServiceMount:
    """A file or a folder of the repository that a service has at a path; None if it has none."""

    source: str | None
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class ComposeService:
    """A service as its compose file describes it, and the files that it is made with besides."""

    container: ServiceContainer
    variable_files: tuple[str, ...] = ()
    mounts: tuple[ServiceMount, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposeCommand:
    """The command line that a service is started with; None for a part that is the image's own.

    `variables` are those of its environment.
    """

    service: str
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ComposeFileServices:
    """The services of one compose file, with its folder in the repository."""

    services: Mapping[str, Mapping[str, Any]]
    folder: str
    values: ReferenceValues

    def list_needed(
        self, dockerfile: str, context: str, texts: Iterable[str], service: str = ""
    ) -> tuple[ComposeService, ...]:
        """List what a service of a Dockerfile needs, each after what it needs itself.

        Without a `service`, it is the first one of the Dockerfile.

        That are the services that it depends on, and those that one of the `texts` names as a host:
        values of its environment, and what it printed.
        """
        named_own = self._list_own(dockerfile, context)
        own = next((x for name, x in named_own if service in ("", name)), None)
        if own is None:
            return ()
        aliases = _read_links(own)
        hosts = {name: (*self._list_hosts(name), *aliases.get(name, ())) for name in self.services}
        named = [
            name
            for name, names in hosts.items()
            if any(names_host(text, host) for text in texts for host in names)
        ]
        needed: dict[str, ComposeService] = {}
        for name, condition in {**dict.fromkeys(named, ""), **_read_dependencies(own)}.items():
            self._add(name, condition, hosts, needed)
        return tuple(needed.values())

    def list_own_commands(self, dockerfile: str, context: str) -> Iterator[ComposeCommand]:
        """Yield the command lines with which the services of a Dockerfile replace its own."""
        for name, declared in self._list_own(dockerfile, context):
            entrypoint, command = declared.get("entrypoint"), declared.get("command")
            variables = tuple(self.values.list_variables(drop_tag(declared.get("environment"))))
            words = ComposeCommand(
                name, self._read_words(entrypoint), self._read_words(command), variables
            )
            has_unknown = (entrypoint is not None and words.entrypoint is None) or (
                command is not None and words.command is None
            )
            if not has_unknown and (words.entrypoint or words.command):
                yield words

    def list_own_health_tests(
        self, dockerfile: str, context: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the services of a Dockerfile with the tests of their health checks."""
        for name, declared in self._list_own(dockerfile, context):
            if test := self._read_health_test(drop_tag(declared.get("healthcheck"))):
                yield name, test

    def _list_own(self, dockerfile: str, context: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the services that a Dockerfile is built for, by name."""
        for name, declared in self.services.items():
            if is_built_from(declared.get("build"), self.folder, dockerfile, context):
                yield name, declared

    def _list_hosts(self, name: str) -> tuple[str, ...]:
        """List the names under which others reach a service."""
        declared = self.services[name]
        networks = drop_tag(declared.get("networks"))
        attached = networks.values() if isinstance(networks, Mapping) else ()
        aliases = [
            alias
            for network in attached
            if isinstance(network, Mapping)
            for alias in _as_list(network.get("aliases"))
        ]
        named = [name, declared.get("container_name"), declared.get("hostname"), *aliases]
        resolved = (self.values.resolve(host) for host in named)
        return tuple(dict.fromkeys(host for host in resolved if host))

    def _add(
        self,
        name: str,
        condition: str,
        hosts: Mapping[str, tuple[str, ...]],
        needed: dict[str, ComposeService],
    ) -> None:
        """Add a service after those that it depends on; nothing for one that is built."""
        declared = self.services.get(name)
        if declared is None or name in needed or _is_not_pulled(declared):
            return
        service = self._read_service(name, declared, hosts[name], condition)
        needed[name] = service  # a cycle ends here
        for dependency, dependency_condition in _read_dependencies(declared).items():
            self._add(dependency, dependency_condition, hosts, needed)
        needed[name] = needed.pop(name)

    def _read_service(
        self, name: str, declared: Mapping[str, Any], hosts: tuple[str, ...], condition: str
    ) -> ComposeService:
        container = ServiceContainer(
            name=name,
            image=self.values.resolve(declared.get("image")) or "",
            hosts=hosts,
            variables=tuple(self.values.list_variables(drop_tag(declared.get("environment")))),
            entrypoint=self._read_words(declared.get("entrypoint")),
            command=self._read_words(declared.get("command")),
            user=self.values.resolve(declared.get("user")) or "",
            health_test=self._read_health_test(drop_tag(declared.get("healthcheck"))),
            ports=tuple(self._list_ports(declared)),
            must_end=condition == _MUST_END,
        )
        container = replace(container, problem=_find_problem(declared, container))
        files = tuple(list_files(drop_tag(declared.get("env_file")), self.folder))
        return ComposeService(container, files, tuple(self._list_mounts(declared)))

    def _read_words(self, declared: Any) -> tuple[str, ...] | None:
        """Return the words of a command; None if there are none, or one has no value."""
        declared = drop_tag(declared)
        if isinstance(declared, str):
            text = self.values.resolve(declared)
            try:
                return None if text is None else tuple(shlex.split(text))
            except ValueError:
                return None
        if not isinstance(declared, list):
            return None
        words = [self.values.resolve(word) for word in declared]
        return None if None in words else tuple(str(word) for word in words)

    def _read_health_test(self, declared: Any) -> tuple[str, ...]:
        """Return the test of a health check; empty for the image's own."""
        if not isinstance(declared, Mapping):
            return ()
        if declared.get("disable") is True:
            return _NO_CHECK
        test = drop_tag(declared.get("test"))
        if isinstance(test, str):
            text = self.values.resolve(test)
            return ("CMD-SHELL", text) if text else ()
        return self._read_words(test) or ()

    def _list_ports(self, declared: Mapping[str, Any]) -> Iterator[int]:
        for entry in (*_as_list(declared.get("ports")), *_as_list(declared.get("expose"))):
            port = entry.get("target") if isinstance(entry, Mapping) else entry
            text = str(self.values.resolve(port) or port)
            if match := _PORT.fullmatch(text):
                yield int(match[1])

    def _list_mounts(self, declared: Mapping[str, Any]) -> Iterator[ServiceMount]:
        """Yield the mounts of files of the machine; a volume without a name of a path is empty."""
        for entry in _as_list(declared.get("volumes")):
            if isinstance(entry, Mapping):
                source, target = str(entry.get("source")), str(entry.get("target"))
                is_file = entry.get("type") == "bind"
            else:
                source, _, rest = str(entry).partition(":")
                target, is_file = rest.partition(":")[0], source.startswith((".", "/", "~", "$"))
            if is_file and target.startswith("/"):
                path = None if "$" in source else resolve_path(self.folder, source)
                yield ServiceMount(path, target, source)


def read_compose_services(text: str, path: str, values: ReferenceValues) -> ComposeFileServices:
    """Read the services of the compose file at a path; none of one that cannot be read."""
    folder = path.rpartition("/")[0] or "."
    return ComposeFileServices(dict(list_services(text)), folder, values)


def names_host(text: str, host: str) -> bool:
    """Return True if a text names a host as a word, as a URL does."""
    return re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", text) is not None


def _find_problem(declared: Mapping[str, Any], container: ServiceContainer) -> str:
    """Return why a service cannot be started as its compose file says; empty if it can."""
    if not container.image:
        return "the name of its image has a variable without a value"
    words = {"entrypoint": container.entrypoint, "command": container.command}
    unclear = [key for key in words if declared.get(key) is not None and words[key] is None]
    return f"its {unclear[0]} has a variable without a value" if unclear else ""


def _is_not_pulled(declared: Mapping[str, Any]) -> bool:
    return drop_tag(declared.get("build")) is not None or declared.get("image") is None


def _read_dependencies(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return the services that a service depends on or links to, each with its condition."""
    depends = drop_tag(declared.get("depends_on"))
    if isinstance(depends, Mapping):
        conditions = {
            str(name): str(entry.get("condition", "")) if isinstance(entry, Mapping) else ""
            for name, entry in depends.items()
        }
    else:
        conditions = dict.fromkeys(map(str, _as_list(depends)), "")
    return {**dict.fromkeys(_read_links(declared), ""), **conditions}


def _read_links(declared: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the names by which a service knows others: `db:database`."""
    links: dict[str, tuple[str, ...]] = {}
    for entry in _as_list(declared.get("links")):
        name, _, alias = str(entry).partition(":")
        links[name] = (*links.get(name, ()), *filter(None, [alias]))
    return links


def _as_list(value: Any) -> list[Any]:
    value = drop_tag(value)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
