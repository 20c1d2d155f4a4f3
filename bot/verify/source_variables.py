"""Variables of the environment that an application reads, by what its texts say."""

import re
from collections.abc import Iterator, Mapping

from bot.pattern_lists import compile_sections, read_pattern_list
from bot.verify.app_files import AppFiles

_LIST = "settings.txt"
_READ = re.compile(read_pattern_list("bot.verify", _LIST)["variable reads"].expression)
# `const { HOST, PORT: port = "3000" } = process.env`
_DESTRUCTURED = re.compile(r"\{([^{}]*)\}\s*=\s*process\.env\b(?!\s*[.[])")
_FIRST_NAME = re.compile(r"(?:^|,)\s*([A-Za-z_]\w*)\s*(?=[:=,]|$)")
_VARIABLE_FILE = compile_sections("bot.verify", _LIST, "variable files")
# A command line that a shell runs.
_SHELL_READ = re.compile(r"\$(?:\{([A-Z_][A-Z0-9_]*)[^}]*\}|([A-Z_][A-Z0-9_]*))")
_SHELL_SUFFIXES = (".sh", ".bash")
# Spring's `${NAME:default}`
_PLACEHOLDER_SUFFIXES = (".properties", ".yml", ".yaml")
# https://docs.pydantic.dev/latest/concepts/pydantic_settings/
_SETTINGS_CLASS = "BaseSettings"
_SETTINGS_FIELD = re.compile(
    r"(?m)^[ \t]+([A-Za-z]\w*)[ \t]*:[ \t]*(?:Optional\[)?"
    r"(?:str|int|bool|float|Secret\w+|\w+Dsn|\w*Url)\b"
)
COMMAND = "its command"


def list_read_variables(app: AppFiles) -> Mapping[str, str]:
    """Return the variables that an application reads, each with what reads it: a file's path.

    Paths are relative for files in the working folder.
    """
    folder = f"{app.image.workdir.strip('/')}/"
    names = _find_names(_SHELL_READ, " ".join(app.image.config.command_line))
    sources = {name: f"/{path}".removeprefix(f"/{folder}") for name, path in _list_sources(app)}
    return {**sources, **dict.fromkeys(names, COMMAND)}


def list_reader_texts(app: AppFiles) -> Mapping[str, str]:
    """Return the text of the first source that reads each variable, by the variable's name."""
    texts = {**app.setting_texts, **app.program_sources}
    return {name: texts[path] for name, path in _list_sources(app)}


def _list_sources(app: AppFiles) -> Iterator[tuple[str, str]]:
    """Yield each variable that a source reads, with the path of the first such source."""
    readers: dict[str, str] = {}
    for path, text in sorted({**app.setting_texts, **app.program_sources}.items()):
        for name in _find_read_names(path, text):
            readers.setdefault(name, path)
    yield from readers.items()


def find_read_variable(text: str) -> str:
    """Return the first variable that an expression reads; empty if it reads none."""
    return next(_find_names(_READ, text), "")


def wants_variable_file(app: AppFiles, output: str) -> bool:
    """Return True if an application loads a file `.env`, or its output says so."""
    if _VARIABLE_FILE.search(output):
        return True
    return any(_VARIABLE_FILE.search(text) for text in app.program_sources.values())


def _find_read_names(path: str, text: str) -> Iterator[str]:
    """Yield the variables that a source or a file with settings reads."""
    if path.endswith((*_SHELL_SUFFIXES, *_PLACEHOLDER_SUFFIXES)):
        yield from _find_names(_SHELL_READ, text)
        return
    yield from _find_names(_READ, text)
    for match in _DESTRUCTURED.finditer(text):
        yield from _find_names(_FIRST_NAME, match[1])
    # The fields of pydantic's settings are variables in any case.
    if path.endswith(".py") and _SETTINGS_CLASS in text:
        yield from (match[1].upper() for match in _SETTINGS_FIELD.finditer(text))


def _find_names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield next(filter(None, match.groups()))
