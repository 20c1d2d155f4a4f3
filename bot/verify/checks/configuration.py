"""The configuration: equal, or changed for a reason that can be believed."""

from collections.abc import Iterator

from bot.model.container_config import ContainerConfig
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.image_pair import ImagePair

_TOOLCHAIN_VARIABLES = compile_sections("bot.verify", "toolchain_variables.txt", "toolchain")
_LOADER_VARIABLES = compile_sections("bot.verify", "toolchain_variables.txt", "loader")
_FIELDS_BY_INSTRUCTION = {
    "ENTRYPOINT": "entrypoint",
    "CMD": "command",
    "EXPOSE": "exposed_ports",
    "VOLUME": "volumes",
    "HEALTHCHECK": "health_check",
    "STOPSIGNAL": "stop_signal",
    "SHELL": "shell",
    "ONBUILD": "onbuild",
}
_ACCEPTABLE_CHANGES = {"ENTRYPOINT", "CMD", "EXPOSE", "STOPSIGNAL", "SHELL", "ONBUILD"}


def check(pair: ImagePair) -> Iterator[Regression]:
    """Every setting that is not what it was."""
    old, new = pair.old.settings, pair.new.settings
    yield from _check_environment(pair)
    yield from _check_labels(pair)
    for name, attribute in _FIELDS_BY_INSTRUCTION.items():
        before, after = getattr(old, attribute), getattr(new, attribute)
        believed = name in _ACCEPTABLE_CHANGES and pair.is_accepted_change(name)
        if before != after and not believed:
            yield _make_regression(name, before, after)
    started = pair.is_accepted_change("CMD") or pair.is_accepted_change("ENTRYPOINT")
    is_moved = pair.old.workdir.rstrip("/") != pair.new.workdir.rstrip("/")
    if is_moved and not (started and pair.is_accepted_change("WORKDIR")):
        yield _make_regression("WORKDIR", old.workdir, new.workdir)


def _check_environment(pair: ImagePair) -> Iterator[Regression]:
    old, new = pair.old.settings.env, pair.new.settings.env
    for name, value in old.items():
        if name == "PATH":
            yield from _check_search_path(pair)
        elif new.get(name) != value and not _is_accepted_variable(pair, name):
            yield _make_regression(f"ENV {name}", value, new.get(name))
    for name in new.keys() - old.keys():
        if _LOADER_VARIABLES.fullmatch(name) and not pair.is_accepted_change(f"ENV {name}"):
            yield _make_regression(f"ENV {name}", None, new[name])


def _is_accepted_variable(pair: ImagePair, name: str) -> bool:
    """A reason given for a variable counts where it is a tool's, or tells of the old base image alone."""
    if not pair.is_accepted_change(f"ENV {name}"):
        return False
    return bool(_TOOLCHAIN_VARIABLES.fullmatch(name)) or _is_base_variable(pair, name)


def _is_base_variable(pair: ImagePair, name: str) -> bool:
    """Whether the old base image set it, to its version or to a place that the new image has not."""
    old, new = pair.old, pair.new
    value = old.settings.env[name]
    if old.base_settings is None or old.base_settings.env.get(name) != value:
        return False
    place = value.startswith("/") and old.paths.resolve(value) is not None
    return name.endswith("_VERSION") or (place and new.paths.resolve(value) is None)


def _check_search_path(pair: ImagePair) -> Iterator[Regression]:
    """Folders may leave PATH that the new image does not have; the order of the rest stays."""
    before, after = pair.old.search_path.split(":"), pair.new.search_path.split(":")
    kept = [folder for folder in before if pair.new.paths.is_directory(folder)]
    there = [folder for folder in after if pair.new.paths.is_directory(folder)]
    lost = [folder for folder in kept if folder not in after]
    shared = [folder for folder in there if folder in kept]
    if lost or shared != [folder for folder in kept if folder in after]:
        yield _make_regression("ENV PATH", pair.old.search_path, pair.new.search_path)


def _check_labels(pair: ImagePair) -> Iterator[Regression]:
    """Labels of the old base are about that base."""
    base = pair.old.base_settings or ContainerConfig()
    for name, value in pair.old.settings.labels.items():
        if pair.new.settings.labels.get(name) != value and base.labels.get(name) != value:
            yield _make_regression(f"LABEL {name}", value, pair.new.settings.labels.get(name))


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
