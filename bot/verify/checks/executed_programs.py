"""Programs that the application's sources execute: `exec.Command("git")`, `os.system("ffmpeg …")`."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.model.files import EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections, read_names, read_pattern_list
from bot.verify.build_residue import is_development_file
from bot.verify.image_pair import ImagePair

_LISTS = "bot.verify"
_EXECUTE_CALLS = read_pattern_list(_LISTS, "executed_programs.txt")["calls"].expression
_EXECUTED_COMMAND = re.compile(
    rf"{_EXECUTE_CALLS}\s*[(\s]\s*(?:[\w.()]+\s*,\s*)?"
    r"(?:new\s+\w+\s*(?:\[\s*\])?\s*\{|[\w.]+\(|\[|\(|\{)?\s*(?:FileName\s*=\s*)?[frb@$]{0,2}[\"'`]"
    r"(?P<command>[^\"'`\n]+)"
)
# What of a JDK a Java program may use without starting it.
_JAVA_COMPILER_USE = re.compile(
    r"\bgetSystemJavaCompiler\b|\bcom\.sun\.tools\.(?:javac|attach)\b|\bjdk\.jshell\b"
)
_COMPILER_VARIABLES = compile_sections(_LISTS, "toolchain_variables.txt", "compiler programs")
_PROCESS_API = compile_sections(_LISTS, "executed_programs.txt", "process modules")
_AMBIGUOUS_PROGRAMS = frozenset(read_names(_LISTS, "executed_programs.txt", "ambiguous programs"))
_SHELL_SUFFIXES = (".sh", ".bash")
_SHELL_SEPARATOR = re.compile(r"[;&|]+|\s+-c\s+")
_PROGRAM_NAME = re.compile(r"[\w./+-]+$")
_LIBRARIES_BY_PROGRAM: Mapping[str, tuple[str, ...]] = {
    program: section.names
    for program, section in read_pattern_list(_LISTS, "program_libraries.txt").items()
}


def check(pair: ImagePair) -> Iterator[Regression]:
    """Programs that somebody starts, that the old image has and the new has not."""
    wanted: dict[str, str] = {}
    for name, path in _list_called_programs(pair):
        wanted.setdefault(name, path)
    for name, path in wanted.items():
        there = pair.old.find_program(name) if name else None
        if there and pair.new.find_program(name) is None:
            message = f"{path} names {name}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, name, message, path=there, detail=path)


def _list_called_programs(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """The names of programs, and what calls them: files, and variables that say what to call."""
    yield from _find_in_code(pair.old.program_sources)
    yield from _find_in_data(pair)
    for path, text in find_named_scripts(pair.old.sources).items():
        commands = pair.parse_script(text).commands
        yield from ((word.value or "", f"/{path}") for x in commands for word in x.words[:1])
    for name, folders in _LIBRARIES_BY_PROGRAM.items():
        for path in pair.new.image.tree:
            if any(folder in path for folder in folders):
                yield name, f"/{path}"
                break
    inherited = pair.old.base_settings.env if pair.old.base_settings else {}
    for variable, value in pair.old.settings.env.items():
        if inherited.get(variable) != value and not _COMPILER_VARIABLES.fullmatch(variable):
            yield from ((name, f"ENV {variable}") for name in value.split()[:1])


def _find_in_code(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in sources.items():
        yield from ((name, f"/{path}") for name in find_executed_programs(text))
        if _JAVA_COMPILER_USE.search(text):
            yield "javac", f"/{path}"


def _find_in_data(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Where sources start programs, those that would be gone and stand in the application's data where
    a command does: at the beginning of a value."""
    if not any(_PROCESS_API.search(text) for text in pair.old.program_sources.values()):
        return
    gone = sorted(_list_lost_programs(pair))
    if not gone:
        return
    alone = "|".join(
        map(re.escape, (x for x in gone if x not in _AMBIGUOUS_PROGRAMS and len(x) > 1))
    )
    every = "|".join(map(re.escape, gone))
    begins = r"(?m)(?:^|[\"'`=|;&(,\t]|:\s)\s*"
    ends = r"[\"'`]?\s*(?:[,;|&)\]}]|$)"
    named = re.compile(rf"{begins}(?:({every})\s+[-{{$%/<|]|({alone or '(?!)'}){ends})")
    for path, text in pair.old.data_texts.items():
        yield from ((found[1] or found[2], f"/{path}") for found in named.finditer(text))


def _list_lost_programs(pair: ImagePair) -> Iterator[str]:
    """The names of the programs in the old image's PATH that the new one has not."""
    old, new = pair.old, pair.new
    folders = {folder.strip("/") for folder in old.search_path.split(":")}
    for path, entry in old.image.tree.items():
        folder, _, name = path.rpartition("/")
        executable = entry.kind is EntryKind.SYMLINK or entry.mode & 0o111
        if folder in folders and executable and new.find_program(name) is None:
            yield name


def find_named_scripts(sources: Mapping[str, str]) -> Mapping[str, str]:
    """The shell scripts that a program, or a script that is named itself, speaks of by their names."""
    scripts = {path: text for path, text in sources.items() if path.endswith(_SHELL_SUFFIXES)}
    telling = [
        x for path, x in sources.items() if path not in scripts and not is_development_file(path)
    ]
    found: dict[str, str] = {}
    while telling:
        text = "\n".join(telling)
        named = [x for x in scripts if x not in found and posixpath.basename(x) in text]
        telling = [scripts[path] for path in named]
        found.update(zip(named, telling, strict=True))
    return found


def find_executed_programs(text: str) -> Iterator[str]:
    """The names of the programs that a source executes, shells and what they are told included."""
    for match in _EXECUTED_COMMAND.finditer(text):
        for part in _SHELL_SEPARATOR.split(match["command"]):
            words = part.split()
            if words and _PROGRAM_NAME.match(words[0]):
                yield words[0]
        if _PROGRAM_NAME.match(match["command"]):
            yield from _find_shell_programs(text, match)


def _find_shell_programs(text: str, match: re.Match[str]) -> Iterator[str]:
    """`"sh", "-c", "git log"`: what follows a shell."""
    if posixpath.basename(match["command"]) not in POSIX_SHELLS:
        return
    rest = re.match(
        r"[\"'`]\s*,\s*\[?\s*[\"'`]-\w*c[\"'`]\s*,\s*[\"'`]([^\"'`\n]+)", text[match.end() :]
    )
    for part in _SHELL_SEPARATOR.split(rest[1]) if rest else ():
        yield from part.split()[:1]
