"""Uses of a Dockerfile in the compose files and development containers of its repository.

A Dockerfile does not say who starts its image, and how; these files do. They are read by their
lines: what is written in another way than people write them is taken for no use.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.start_command import list_command_reasons
from bot.advise.started_commands import split_commands
from bot.advise.started_scripts import find_final_folder
from bot.advise.subject import RuleInput

# Of files with such a name, developers start an image, or tests do.
_WORK_ENVIRONMENTS = ("dev", "development", "local", "test", "tests", "testing", "ci", "e2e")
_ENVIRONMENTS = ("", "override", "prod", "production", "staging", "deploy", *_WORK_ENVIRONMENTS)
_STEMS, _SUFFIXES = ("docker-compose", "compose"), ("yml", "yaml")
_CONTAINER_FILES = (".devcontainer/devcontainer.json", ".devcontainer.json", "devcontainer.json")
_KEY = re.compile(r"(?P<indent> *)(?P<key>[\w.\"'/-]+):(?:\s+(?P<value>[^\s#&].*?))?\s*(?:\s#.*)?")
_ITEM = re.compile(r" *-\s+(?P<value>[^\s#].*?)\s*(?:\s#.*)?")
_LIST = re.compile(r"[\[\],\"']+")
_CONTAINER_BUILD = re.compile(r'"docker[fF]ile"\s*:\s*"([^"]+)"')
# `.:/app`, `./src:/app/src:ro`
_HOST_FOLDER = re.compile(r"(?P<folder>\.{1,2}(?:/[^:]*)?):(?P<target>/[^:]*)(?::.*)?")
_PRODUCTION_NAME = re.compile(r"(?:^|[-_.])(?:prod|production|release)(?:$|[-_.])", re.IGNORECASE)
_MAX_PARENTS = 6


@dataclass(frozen=True, slots=True)
class ComposeUse:
    """A service that is built with a Dockerfile, as a compose file describes it.

    `mounts` are the folders of the container over which folders of the repository are mounted.
    """

    file_name: str
    dockerfile: str
    target: str
    command: str
    mounts: tuple[str, ...]

    @property
    def is_for_work(self) -> bool:
        """Return True if the name of the file says that developers or tests start the service."""
        return not set(re.split("[-_.]", self.file_name)).isdisjoint(_WORK_ENVIRONMENTS)


def list_use_reasons(rule_input: RuleInput) -> Iterator[str]:
    """Yield the reasons to take an image for a developer's that its uses give."""
    if is_development_container(rule_input):
        yield "it is made for development: a devcontainer.json builds it"
    uses = [use for use in list_compose_uses(rule_input) if _is_of_final_stage(rule_input, use)]
    if uses and all(map(_starts_development, uses)):
        yield f"it is made for development: {uses[0].file_name} starts it so"
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


def _has_production_file(rule_input: RuleInput) -> bool:
    """Return True for a `Dockerfile` with a `Dockerfile.prod` beside it."""
    others = rule_input.context.other_dockerfiles if rule_input.context else {}
    is_plain = posixpath.basename(rule_input.path) == "Dockerfile"
    return is_plain and any(map(_PRODUCTION_NAME.search, others))


def list_compose_uses(rule_input: RuleInput) -> list[ComposeUse]:
    """Return the services of the compose files around a Dockerfile that are built with it."""
    names = [
        f"{stem}{separator}{environment}.{suffix}"
        for stem in _STEMS
        for environment in _ENVIRONMENTS
        for separator in ((".", "-") if environment else ("",))
        for suffix in _SUFFIXES
    ]
    return [
        use
        for folder, name, text in _read_files(rule_input, names)
        for use in _read_services(folder, name, text)
        if use.dockerfile == rule_input.path
    ]


def is_development_container(rule_input: RuleInput) -> bool:
    """Return True if a `devcontainer.json` around a Dockerfile builds it."""
    for folder, name, text in _read_files(rule_input, _CONTAINER_FILES):
        start = posixpath.join(folder, posixpath.dirname(name))
        paths = (posixpath.join(start, path) for path in _CONTAINER_BUILD.findall(text))
        if rule_input.path in map(posixpath.normpath, paths):
            return True
    return False


def _read_files(rule_input: RuleInput, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield folder, name and text of such files in the folder of the Dockerfile or above it."""
    context, folder = rule_input.context, posixpath.dirname(rule_input.path)
    for _ in range(_MAX_PARENTS):
        for name in names if context and rule_input.path else ():
            if context and (text := context.read_repository_text(posixpath.join(folder, name))):
                yield folder, name, text
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _read_services(folder: str, name: str, text: str) -> Iterator[ComposeUse]:
    services = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
    for path, value in _read_values(text):
        if path[:1] == ("services",) and len(path) > 2:
            services[path[1]][".".join(path[2:])].append(value)
    for values in services.values():
        context = _get_first(values, "build") or _get_first(values, "build.context")
        if "build" not in {key.partition(".")[0] for key in values}:
            continue
        context = posixpath.join(folder, context or ".")
        dockerfile = posixpath.join(context, _get_first(values, "build.dockerfile") or "Dockerfile")
        mounts = map(_HOST_FOLDER.fullmatch, values.get("volumes", ()))
        yield ComposeUse(
            name,
            posixpath.normpath(dockerfile),
            _get_first(values, "build.target"),
            " ".join(_LIST.sub(" ", " ".join(values.get("command", ()))).split()),
            tuple(mount["target"].rstrip("/") for mount in mounts if mount),
        )


def _read_values(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys that lead to each value, by the indents of the lines, and the value."""
    parents: list[tuple[int, str]] = []
    for line in text.splitlines():
        if match := _KEY.fullmatch(line):
            indent = len(match["indent"])
            parents = [parent for parent in parents if parent[0] < indent]
            parents.append((indent, match["key"].strip("\"'")))
            yield tuple(key for _, key in parents), (match["value"] or "").strip("\"'")
        elif match := _ITEM.fullmatch(line):
            yield tuple(key for _, key in parents), match["value"].strip("\"'")


def _get_first(values: dict[str, list[str]], key: str) -> str:
    return next(iter(values.get(key, ())), "")
