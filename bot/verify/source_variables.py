"""Variables of the environment that an application reads, by what its texts say."""

import re
from collections.abc import Iterator, Mapping

from bot.pattern_lists import compile_sections, read_pattern_list
from bot.verify.app_files import AppFiles

_LIST = "settings.txt"
_READ = re.compile(read_pattern_list("bot.verify", _LIST)["variable reads"].expression)
_VARIABLE_FILE = compile_sections("bot.verify", _LIST, "variable files")
# A command line that a shell runs.
_SHELL_READ = re.compile(r"\$(?:\{([A-Z_][A-Z0-9_]*)[^}]*\}|([A-Z_][A-Z0-9_]*))")
_SHELL_SUFFIXES = (".sh", ".bash")
COMMAND = "its command"


def list_read_variables(app: AppFiles) -> Mapping[str, str]:
    """Return the variables that an application reads, each with what reads it: a file's path.

    Paths are relative for files in the working folder.
    """
    readers: dict[str, str] = {}
    for name in _find_names(_SHELL_READ, " ".join(app.image.config.command_line)):
        readers.setdefault(name, COMMAND)
    folder = f"{app.image.workdir.strip('/')}/"
    for path, text in sorted(app.program_sources.items()):
        pattern = _SHELL_READ if path.endswith(_SHELL_SUFFIXES) else _READ
        for name in _find_names(pattern, text):
            readers.setdefault(name, f"/{path}".removeprefix(f"/{folder}"))
    return readers


def wants_variable_file(app: AppFiles, output: str) -> bool:
    """Return True if an application loads a file `.env`, or its output says so."""
    if _VARIABLE_FILE.search(output):
        return True
    return any(_VARIABLE_FILE.search(text) for text in app.program_sources.values())


def _find_names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield next(filter(None, match.groups()))
