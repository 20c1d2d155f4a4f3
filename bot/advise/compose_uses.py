"""Uses of a Dockerfile in the compose files and development containers of its repository.

A Dockerfile does not say who starts its image, and how; these files do.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.advise.start_command import list_command_reasons
from bot.advise.started_commands import split_commands
from bot.advise.started_scripts import find_final_folder
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext

# Of files with such a name, developers start an image, or tests do.
_WORK_ENVIRONMENTS = ("dev", "development", "local", "test", "tests", "testing", "ci", "e2e")
_ENVIRONMENTS = ("", "override", "prod", "production", "staging", "deploy", *_WORK_ENVIRONMENTS)
_STEMS, _SUFFIXES = ("docker-compose", "compose"), ("yml", "yaml")
_CONTAINER_FILES = (".devcontainer/devcontainer.json", ".devcontainer.json", "devcontainer.json")
_CONTAINER_BUILD = re.compile(r'"docker[fF]ile"\s*:\s*"([^"]+)"')
_QUOTES = re.compile("[\"']")
_HOST_FOLDER = re.compile(r"\.{1,2}(?:/.*)?")
_PRODUCTION_NAME = re.compile(r"(?:^|[-_.])(?:prod|production|release)(?:$|[-_.])", re.IGNORECASE)
_TEST_WORDS = frozenset({"test", "tests", "tester", "testing", "e2e", "phpunit", "pytest"})
_SEPARATOR = re.compile("[-_.]")
_MAX_PARENTS = 6


@dataclass(frozen=True, slots=True)
class ComposeUse:
    """A service that is built with a Dockerfile, as a compose file describes it.

    `mounts` are the folders of the container over which folders of the repository are mounted,
    and `names` are those of the service and of its profiles.
    """

    file_name: str
    dockerfile: str
    target: str
    command: str
    mounts: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def is_for_work(self) -> bool:
        """Return True if the name of the file says that developers or tests start the service."""
        return not set(_SEPARATOR.split(self.file_name)).isdisjoint(_WORK_ENVIRONMENTS)

    @property
    def is_for_tests(self) -> bool:
        """Return True if the service, or its profile, is named after tests: `run-api-tests`."""
        words = {word for name in self.names for word in _SEPARATOR.split(name.lower())}
        return not words.isdisjoint(_TEST_WORDS)


def list_use_reasons(rule_input: RuleInput) -> Iterator[str]:
    """Yield the reasons to take an image for a developer's that its uses give."""
    if is_development_container(rule_input):
        yield "it is made for development: a devcontainer.json builds it"
    uses = rule_input.ask_once(list_compose_uses)
    uses = tuple(use for use in uses if _is_of_final_stage(rule_input, use))
    if uses and all(map(_starts_development, uses)):
        yield f"it is made for development: {uses[0].file_name} starts it so"
    elif uses and all(_starts_tests(rule_input, use) for use in uses):
        yield f"it is made for tests: {uses[0].file_name} starts it as {uses[0].names[0]}"
    elif mounts_sources(rule_input, uses) and (
        all(use.is_for_work for use in uses) or _has_production_file(rule_input)
    ):
        yield f"it is made for development: {uses[0].file_name} mounts the sources over it"


def mounts_sources(rule_input: RuleInput, uses: Sequence[ComposeUse]) -> bool:
    """Return True if there are uses, and each mounts the host's files over those of the image."""
    folder = find_final_folder(rule_input)
    return bool(uses) and all(
        any(folder is not None and f"{mount}/".startswith(f"{folder}/") for mount in use.mounts)
        or any(f"{folder}/".startswith(f"{mount}/") for mount in use.mounts)
        for use in uses
    )


def _is_of_final_stage(rule_input: RuleInput, use: ComposeUse) -> bool:
    return use.target in ("", *(stage.name for stage in rule_input.final_stages[-1:]))


def _starts_development(use: ComposeUse) -> bool:
    """Return True if the command of a service watches the sources, or builds them again."""
    return any(
        any(True for _ in list_command_reasons(command, posixpath.basename(command[0])))
        for command in split_commands(use.command)
    )


def _starts_tests(rule_input: RuleInput, use: ComposeUse) -> bool:
    """Return True if a service named after tests starts what the image is for.

    With a command of its own beside that of the image, it may test what others ship.
    """
    keywords = {step.instruction.keyword for step in rule_input.steps}
    has_start = not keywords.isdisjoint(("CMD", "ENTRYPOINT"))
    return use.is_for_tests and not (has_start and use.command)


def _has_production_file(rule_input: RuleInput) -> bool:
    """Return True for a `Dockerfile` with a `Dockerfile.prod` beside it."""
    others = rule_input.context.other_dockerfiles if rule_input.context else {}
    is_plain = posixpath.basename(rule_input.path) == "Dockerfile"
    return is_plain and any(map(_PRODUCTION_NAME.search, others))


def list_compose_uses(rule_input: RuleInput) -> tuple[ComposeUse, ...]:
    """Return the services of the compose files around a Dockerfile that are built with it.

    Many file names are tried: `RuleInput.ask_once` does so once for all rules.
    """
    names = [
        f"{stem}{separator}{environment}.{suffix}"
        for stem in _STEMS
        for environment in _ENVIRONMENTS
        for separator in ((".", "-") if environment else ("",))
        for suffix in _SUFFIXES
    ]
    return tuple(
        use
        for folder, name in _list_paths(rule_input, names)
        for use in _read_services(rule_input, folder, name)
        if use.dockerfile == rule_input.path
    )


def is_development_container(rule_input: RuleInput) -> bool:
    """Return True if a `devcontainer.json` around a Dockerfile builds it."""
    for folder, name in _list_paths(rule_input, _CONTAINER_FILES):
        start = posixpath.join(folder, posixpath.dirname(name))
        text = _get_context(rule_input).read_repository_text(posixpath.join(folder, name))
        paths = (posixpath.join(start, path) for path in _CONTAINER_BUILD.findall(text))
        if rule_input.path in map(posixpath.normpath, paths):
            return True
    return False


def _list_paths(rule_input: RuleInput, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each name with the folder of the Dockerfile and the folders above it."""
    for folder in rule_input.list_parent_folders(_MAX_PARENTS):
        yield from ((folder, name) for name in names)


def _get_context(rule_input: RuleInput) -> BuildContext:
    return rule_input.context or BuildContext()


def _read_services(rule_input: RuleInput, folder: str, name: str) -> Iterator[ComposeUse]:
    """Yield the services that a compose file builds."""
    data = _get_context(rule_input).read_repository_yaml(posixpath.join(folder, name))
    for title, service in _as_mapping(_as_mapping(data).get("services")).items():
        build = _as_mapping(service).get("build")
        if build is None:
            continue
        options = {"context": build} if isinstance(build, str) else _as_mapping(build)
        context = posixpath.join(folder, _as_text(options.get("context")) or ".")
        dockerfile = _as_text(options.get("dockerfile")) or "Dockerfile"
        yield ComposeUse(
            name,
            posixpath.normpath(posixpath.join(context, dockerfile)),
            _as_text(options.get("target")),
            _join_words(service.get("command")),
            tuple(_list_mounts(service.get("volumes"))),
            (_as_text(title), *map(_as_text, _as_list(service.get("profiles")))),
        )


def _list_mounts(volumes: Any) -> Iterator[str]:
    """Yield the folders of the container over which folders of the repository are mounted."""
    for volume in _as_list(volumes):
        source, _, rest = volume.partition(":") if isinstance(volume, str) else ("", "", "")
        target = rest.partition(":")[0]
        if isinstance(volume, Mapping):
            source, target = _as_text(volume.get("source")), _as_text(volume.get("target"))
        if _HOST_FOLDER.fullmatch(source) and target.startswith("/"):
            yield target.rstrip("/")


def _as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _join_words(command: Any) -> str:
    """Return a command, which is a text or a list, without quotes: `sh -c` may have a script."""
    words = command if isinstance(command, list) else [command]
    return _QUOTES.sub(" ", " ".join(word for word in words if isinstance(word, str)))
