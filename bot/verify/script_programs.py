"""Programs that scripts call which nobody may name: `bin/backup`, plug-ins, the lines of crontabs.

An operator starts them by `docker exec`, cron at its time, and a program by a computed name.
"""

import posixpath
import re
from collections.abc import Iterator

from bot.dockerfile.shell_programs import POSIX_SHELLS, STARTUP_WRAPPER_OPERANDS
from bot.image.program_mentions import find_mentioned_programs, starts_programs
from bot.pattern_lists import compile_sections
from bot.verify.build_residue import is_development_file
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import list_lost_programs
from bot.verify.started_programs import read_interpreter

_WRAPPERS = STARTUP_WRAPPER_OPERANDS.keys() | {"xargs"}
# `bin/build`, `script/test`: as of a package.json's scripts, they run before there is an image.
_BUILD_NAME = compile_sections("bot.image", "program_mentions.txt", "npm scripts of builds")
# Of tools: .git/hooks, .husky, .devcontainer, .circleci
HIDDEN_FOLDER = re.compile(r"(?:^|/)\.[^/]+/")
_CRONTAB_PATH = re.compile(r"(?:^|/)(?:crontab[^/]*|[^/]+\.(?:cron|crontab))$|(?:^|/)etc/cron\.d/")
# Five fields or a name for a time; in /etc/crontab and /etc/cron.d a user comes behind.
_CRONTAB_LINE = re.compile(
    r"^[ \t]*(?:(?:[\d*/,\w-]+[ \t]+){5}|@\w+[ \t]+)(?P<command>\S.*)$", re.M
)


def list_script_programs(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield the programs, each with the script that calls it."""
    scripts = dict(_list_scripts(pair))
    lost_programs = list_lost_programs(pair) if scripts else {}
    for path, text in scripts.items():
        interpreter = read_interpreter(text.encode())
        yield from ((word, f"/{path}") for word in interpreter)
        if any(posixpath.basename(word) in POSIX_SHELLS for word in interpreter[-1:]):
            yield from _list_commands(pair, path, text)
        elif starts_programs(text):
            yield from (
                (name, f"/{path}") for name in find_mentioned_programs(text, lost_programs.keys())
            )
    for path in pair.old.own_files:
        if _CRONTAB_PATH.search(path) and path not in pair.old.packaged_files:
            for line in _CRONTAB_LINE.finditer(pair.old.read_text(path)):
                yield from _list_commands(pair, path, line["command"])


def _list_scripts(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield the scripts that may be started by their own path, with what counts of their text.

    Of a script with a suffix, or for a build, the first line counts: programs may start all scripts
    of a folder, and each needs its interpreter.
    """
    app = pair.old_app
    unnamed = [item for item in app.unnamed_scripts.items() if not _is_for_tools(item[0])]
    yield from ((path, text) for path, text in unnamed if not _is_for_builds(path))
    if any(map(starts_programs, app.program_sources.values())):
        named = (item for item in app.program_sources.items() if _is_executable(pair, item[0]))
        builds = (item for item in unnamed if _is_for_builds(item[0]))
        for path, text in dict([*named, *builds]).items():
            if read_interpreter(text[:256].encode()):
                yield path, text.partition("\n")[0]


def _is_for_tools(path: str) -> bool:
    return is_development_file(path) or bool(HIDDEN_FOLDER.search(path))


def _is_for_builds(path: str) -> bool:
    return bool(_BUILD_NAME.match(posixpath.basename(path)))


def _is_executable(pair: ImagePair, path: str) -> bool:
    entry = pair.old.image.tree.get(path)
    return entry is not None and bool(entry.mode & 0o111)


def _list_commands(pair: ImagePair, path: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield what each command starts: `exec curl` starts curl, and `root curl` in a crontab."""
    for command in pair.old.parse_script(text).commands:
        words = [word.value or "" for word in command.words[:2]]
        yield from ((word, f"/{path}") for word in words[:1])
        if words and (words[0] in _WRAPPERS or words[0] in pair.old.users):
            yield from ((word, f"/{path}") for word in words[1:])
