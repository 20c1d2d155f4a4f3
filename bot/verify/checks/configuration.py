"""Check the configuration: every setting is equal, or changed for an acceptable reason."""

import re
from collections.abc import Iterator

from bot.image.program_mentions import starts_programs
from bot.model.container_config import ContainerConfig
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.image_pair import ImagePair

_TOOLCHAIN_VARIABLES = compile_sections("bot.verify", "toolchain_variables.txt", "toolchain")
_LOADER_VARIABLES = compile_sections("bot.verify", "toolchain_variables.txt", "loader")
_TOOL_OF_VARIABLE = re.compile(r"(?i)(pip|pipx|pipenv|poetry|uv|npm|composer|cargo|gradle)_")
_FIELDS_BY_INSTRUCTION = {
    "ENTRYPOINT": "entrypoint",
    "CMD": "command",
    "EXPOSE": "exposed_ports",
    "HEALTHCHECK": "health_check",
    "STOPSIGNAL": "stop_signal",
    "SHELL": "shell",
    "ONBUILD": "onbuild",
}
# A candidate's reason does not count for a lost HEALTHCHECK.
_ACCEPTABLE_CHANGES = {"ENTRYPOINT", "CMD", "EXPOSE", "STOPSIGNAL", "SHELL", "ONBUILD"}


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield the settings that differ without an accepted reason."""
    old, new = pair.old.config, pair.new.config
    yield from _check_environment(pair)
    yield from _check_labels(pair)
    for name, attribute in _FIELDS_BY_INSTRUCTION.items():
        old_value, new_value = getattr(old, attribute), getattr(new, attribute)
        is_accepted = name in _ACCEPTABLE_CHANGES and pair.is_accepted_change(name)
        if old_value != new_value and not is_accepted:
            yield _make_regression(name, old_value, new_value)
    yield from _check_volumes(pair)
    started = pair.is_accepted_change("CMD") or pair.is_accepted_change("ENTRYPOINT")
    is_moved = pair.old.workdir.rstrip("/") != pair.new.workdir.rstrip("/")
    if is_moved and not (started and pair.is_accepted_change("WORKDIR")):
        yield _make_regression("WORKDIR", old.workdir, new.workdir)


def _check_volumes(pair: ImagePair) -> Iterator[Regression]:
    """Check the volumes, but for those of the old base image's tools that the candidate names."""
    old, new = pair.old.config.volumes, pair.new.config.volumes
    remaining = tuple(path for path in old if path in new or not _is_tool_volume(pair, path))
    if remaining != new:
        yield _make_regression("VOLUME", remaining, new)


def _is_tool_volume(pair: ImagePair, path: str) -> bool:
    """Return True for a volume of the old base image that is left out for an acceptable reason.

    `VOLUME /home/gradle/.gradle` is the cache of Gradle, and the new image has no such folder.
    """
    base = pair.old.base_config or ContainerConfig()
    is_gone = pair.new.paths.resolve(path) is None
    return path in base.volumes and is_gone and pair.is_accepted_change(f"VOLUME {path}")


def _check_environment(pair: ImagePair) -> Iterator[Regression]:
    """Check every variable of the old image, and new ones that change how programs are loaded."""
    old, new = pair.old.config.env, pair.new.config.env
    for name, value in old.items():
        if name == "PATH":
            yield from _check_search_path(pair)
        elif new.get(name) != value and not _is_accepted_variable(pair, name):
            yield _make_regression(f"ENV {name}", value, new.get(name))
    for name in new.keys() - old.keys():
        if _LOADER_VARIABLES.fullmatch(name) and not pair.is_accepted_change(f"ENV {name}"):
            yield _make_regression(f"ENV {name}", None, new[name])


def _is_accepted_variable(pair: ImagePair, name: str) -> bool:
    """Return True if the candidate's reason for a changed variable is acceptable.

    It is for variables of toolchains, and for those that describe only the old base image.
    """
    if not pair.is_accepted_change(f"ENV {name}") or _is_read_by_called_tool(pair, name):
        return False
    return bool(_TOOLCHAIN_VARIABLES.fullmatch(name)) or _is_base_variable(pair, name)


def _is_read_by_called_tool(pair: ImagePair, name: str) -> bool:
    """Return True if the Dockerfile sets a variable of a tool that the sources call.

    `PIP_TARGET` says where `pip install` of a running program puts a plug-in.
    """
    base = pair.old.base_config or ContainerConfig()
    tool = _TOOL_OF_VARIABLE.match(name)
    if tool is None or base.env.get(name) == pair.old.config.env[name]:
        return False
    call = re.compile(rf"[\"'`\s]{tool[1].lower()}\d?[\"'`\s]")
    sources = pair.old_app.program_sources.values()
    return any(call.search(text) and starts_programs(text) for text in sources)


def _is_base_variable(pair: ImagePair, name: str) -> bool:
    """Return True if the old base image set a variable to its version or to a path that is gone."""
    old, new = pair.old, pair.new
    value = old.config.env[name]
    if old.base_config is None or old.base_config.env.get(name) != value:
        return False
    is_old_path = value.startswith("/") and old.paths.resolve(value) is not None
    # `PYTHON_VERSION` describes the base image, and so does the path of something only it has.
    return name.endswith("_VERSION") or (is_old_path and new.paths.resolve(value) is None)


def _check_search_path(pair: ImagePair) -> Iterator[Regression]:
    """Check that `PATH` keeps the folders that the new image has, in their order."""
    old_folders, path_folders = pair.old.search_path.split(":"), pair.new.search_path.split(":")
    kept_folders = [folder for folder in old_folders if pair.new.paths.is_directory(folder)]
    new_folders = [folder for folder in path_folders if pair.new.paths.is_directory(folder)]
    lost_folders = [folder for folder in kept_folders if folder not in path_folders]
    shared_folders = [folder for folder in new_folders if folder in kept_folders]
    if lost_folders or shared_folders != [
        folder for folder in kept_folders if folder in path_folders
    ]:
        yield _make_regression("ENV PATH", pair.old.search_path, pair.new.search_path)


def _check_labels(pair: ImagePair) -> Iterator[Regression]:
    """Check the labels, but for those of the old base image, which describe that image."""
    base = pair.old.base_config or ContainerConfig()
    for name, value in pair.old.config.labels.items():
        if pair.new.config.labels.get(name) != value and base.labels.get(name) != value:
            yield _make_regression(f"LABEL {name}", value, pair.new.config.labels.get(name))


def _make_regression(setting: str, before: object, after: object) -> Regression:
    if after in (None, "", ()):
        return Regression(
            RegressionKind.SETTING, setting, f"{setting} is lost; it was {_format_value(before)}."
        )
    message = f"{setting} is {_format_value(after)} where it was {_format_value(before)}."
    return Regression(RegressionKind.SETTING, setting, message, detail=_format_value(before))


def _format_value(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "nothing"
    return repr(value) if value not in (None, "") else "nothing"
