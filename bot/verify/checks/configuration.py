"""The configuration: equal, or changed for a reason that can be believed."""

import re
from collections.abc import Iterator

from bot.model.container_config import Settings
from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit

# What only builds read, or what names the version of a tool that is gone. A reason given for any
# other variable is not enough: the program may read it.
_TOOLCHAIN = re.compile(
    r"GOLANG_VERSION|GOTOOLCHAIN|GOPATH|GOROOT|GOBIN|GOCACHE|GOMODCACHE|GOPROXY|GOSUMDB|GOPRIVATE|GOFLAGS"
    r"|GO111MODULE|GOOS|GOARCH|CGO_\w+|RUSTUP_\w+|CARGO_\w+|RUST_VERSION|RUSTFLAGS|RUSTC_\w+"
    r"|MAVEN_\w+|GRADLE_\w+|M2_HOME|JAVA_VERSION|SBT_\w+|NODE_VERSION|YARN_VERSION|NVM_\w+"
    r"|NPM_CONFIG_\w+|npm_config_\w+|PNPM_HOME|COREPACK_\w+|PYTHON_(?:VERSION|PIP_VERSION|SHA256|GET_PIP_\w+"
    r"|SETUPTOOLS_VERSION)|GPG_KEYS?|PIP_\w+|UV_\w+|POETRY_\w+|PIPENV_\w+|PIPX_\w+|RUBY_(?:VERSION|DOWNLOAD_\w+|MAJOR)"
    r"|PHPIZE_DEPS|PHP_(?:VERSION|URL|ASC_URL|SHA256|CFLAGS|CPPFLAGS|LDFLAGS)|COMPOSER_\w+|MIX_\w+|HEX_\w+"
    r"|DOTNET_SDK_VERSION|NUGET_\w+|DEBIAN_FRONTEND|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS|MAKEFLAGS|ELIXIR_VERSION"
    r"|OTP_VERSION|REBAR3_VERSION|SOURCE_DATE_EPOCH"
)
# What changes how programs are loaded, wherever it comes from.
_MEDDLING = re.compile(
    r"LD_\w+|PYTHON(?:PATH|HOME|STARTUP)|NODE_OPTIONS|JAVA_TOOL_OPTIONS|RUBYOPT|PERL5LIB"
)
_PLAIN = {
    "ENTRYPOINT": "entrypoint",
    "CMD": "command",
    "EXPOSE": "ports",
    "VOLUME": "volumes",
    "HEALTHCHECK": "health",
    "STOPSIGNAL": "stop_signal",
    "SHELL": "shell",
    "ONBUILD": "triggers",
}
_BELIEVED = {"ENTRYPOINT", "CMD", "EXPOSE", "STOPSIGNAL", "SHELL", "ONBUILD"}


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """Every setting that is not what it was."""
    old, new = exhibit.old.settings, exhibit.new.settings
    yield from _environment(exhibit)
    yield from _labels(exhibit)
    for name, attribute in _PLAIN.items():
        before, after = getattr(old, attribute), getattr(new, attribute)
        believed = name in _BELIEVED and exhibit.explained(name)
        if before != after and not believed:
            yield _changed(name, before, after)
    started = exhibit.explained("CMD") or exhibit.explained("ENTRYPOINT")
    is_moved = exhibit.old.workdir.rstrip("/") != exhibit.new.workdir.rstrip("/")
    if is_moved and not (started and exhibit.explained("WORKDIR")):
        yield _changed("WORKDIR", old.workdir, new.workdir)


def _environment(exhibit: Exhibit) -> Iterator[Objection]:
    old, new = exhibit.old.settings.env, exhibit.new.settings.env
    for name, value in old.items():
        if name == "PATH":
            yield from _search(exhibit)
        elif new.get(name) != value and not _is_believed(exhibit, name):
            yield _changed(f"ENV {name}", value, new.get(name))
    for name in new.keys() - old.keys():
        if _MEDDLING.fullmatch(name) and not exhibit.explained(f"ENV {name}"):
            yield _changed(f"ENV {name}", None, new[name])


def _is_believed(exhibit: Exhibit, name: str) -> bool:
    """A reason given for a variable counts where it is a tool's, or tells of the old base image alone."""
    if not exhibit.explained(f"ENV {name}"):
        return False
    return bool(_TOOLCHAIN.fullmatch(name)) or _is_of_the_base(exhibit, name)


def _is_of_the_base(exhibit: Exhibit, name: str) -> bool:
    """Whether the old base image set it, to its version or to a place that the new image has not."""
    old, new = exhibit.old, exhibit.new
    value = old.settings.env[name]
    if old.base is None or old.base.env.get(name) != value:
        return False
    place = value.startswith("/") and old.paths.real(value) is not None
    return name.endswith("_VERSION") or (place and new.paths.real(value) is None)


def _search(exhibit: Exhibit) -> Iterator[Objection]:
    """Folders may leave PATH that the new image does not have; the order of the rest stays."""
    before, after = exhibit.old.search.split(":"), exhibit.new.search.split(":")
    kept = [folder for folder in before if exhibit.new.paths.is_directory(folder)]
    there = [folder for folder in after if exhibit.new.paths.is_directory(folder)]
    lost = [folder for folder in kept if folder not in after]
    shared = [folder for folder in there if folder in kept]
    if lost or shared != [folder for folder in kept if folder in after]:
        yield _changed("ENV PATH", exhibit.old.search, exhibit.new.search)


def _labels(exhibit: Exhibit) -> Iterator[Objection]:
    """Labels of the old base are about that base."""
    base = exhibit.old.base or Settings()
    for name, value in exhibit.old.settings.labels.items():
        if exhibit.new.settings.labels.get(name) != value and base.labels.get(name) != value:
            yield _changed(f"LABEL {name}", value, exhibit.new.settings.labels.get(name))


def _changed(setting: str, before: object, after: object) -> Objection:
    if after in (None, "", ()):
        return Objection(Lesson.SETTING, setting, f"{setting} is lost; it was {_show(before)}.")
    message = f"{setting} is {_show(after)} where it was {_show(before)}."
    return Objection(Lesson.SETTING, setting, message, detail=_show(before))


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "nothing"
    return repr(value) if value not in (None, "") else "nothing"
