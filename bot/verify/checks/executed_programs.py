"""Check executed programs: what sources start, as in `exec.Command("git")`, is in the new image."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.image.program_mentions import (
    AMBIGUOUS_PROGRAMS,
    find_mentioned_programs,
    is_prose,
    starts_programs,
)
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections, read_pattern_list
from bot.verify.build_residue import is_development_file
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import find_lost_program, list_lost_programs
from bot.verify.lost_shell import find_lost_shell
from bot.verify.script_programs import HIDDEN_FOLDER, list_script_programs

_LISTS = "bot.verify"
_EXECUTE_CALLS = read_pattern_list(_LISTS, "executed_programs.txt")["calls"].expression
# The call, perhaps a context or `new ProcessStartInfo {` in front of its first argument, and the
# string or list that the argument begins with.
_EXECUTED_COMMAND = re.compile(
    rf"{_EXECUTE_CALLS}\s*[(\s]\s*(?:[\w.()]+\s*,\s*)?"
    r"(?:new\s+\w+\s*(?:\[\s*\])?\s*\{|[\w.]+\(|\[|\(|\{)?\s*(?:FileName\s*=\s*)?[frb@$]{0,2}[\"'`]"
    r"(?P<command>[^\"'`\n]+)"
)
# A Java program may compile without starting `javac`; a JRE lacks these modules.
_JAVA_COMPILER_USE = re.compile(
    r"\bgetSystemJavaCompiler\b|\bcom\.sun\.tools\.(?:javac|attach)\b|\bjdk\.jshell\b"
)
_COMPILER_USE = compile_sections(_LISTS, "executed_programs.txt", "compilers at run time")
_COMPILER_VARIABLES = compile_sections(_LISTS, "toolchain_variables.txt", "compiler programs")
# Values for people: `description: git history of the page`.
_PROSE_KEY = re.compile(
    r"\s*(?:-\s+)?[\"']?(?:description|summary|title|name|label|help|comment|message|text)s?[\"']?\s*:"
)
# A setting that holds a command: `command: make report`, `"exec": ["file", …]`.
_COMMAND_KEY = r"(?m)\b(?:command|cmd|exec|run|shell|script)s?[\"']?\s*[:=]\s*\[?\s*[\"']?"
_SHELL_SUFFIXES = (".sh", ".bash")
_SHELL_SEPARATOR = re.compile(r"[;&|]+|\s+-c\s+")
_PROGRAM_NAME = re.compile(r"[\w./+-]+$")
_LIBRARIES_BY_PROGRAM: Mapping[str, tuple[str, ...]] = {
    program: section.names
    for program, section in read_pattern_list(_LISTS, "program_libraries.txt").items()
}


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield the programs that the application starts and that only the old image has."""
    callers: dict[str, str] = {}
    for name, caller in _list_called_programs(pair):
        callers.setdefault(name, caller)
    for name, caller in callers.items():
        old_path = find_lost_program(pair, name) if name else None
        if old_path:
            message = f"{caller} names {name}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, name, message, path=old_path, detail=caller)
    yield from _find_lost_compiler(pair)
    yield from find_lost_shell(pair)


def _find_lost_compiler(pair: ImagePair) -> Iterator[Regression]:
    """Yield the C compiler if a source in Python compiles when it runs, and the new image has none.

    No package brings back all of it: the headers and the sources look like a build's, too.
    """
    old_path = pair.old.find_program("cc")
    if old_path is None or pair.new.find_program("cc"):
        return
    for path, text in pair.old_app.program_sources.items():
        if path.endswith(".py") and (match := _COMPILER_USE.search(text)):
            message = f"/{path} uses {match[0]}, and the new image has no compiler."
            yield Regression(RegressionKind.TOOLCHAIN, "cc", message, path=old_path, detail=path)


def _list_called_programs(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield the names of programs, each with the file or variable that calls it."""
    yield from _find_in_code(pair.old_app.program_sources)
    # Names alone are not enough: something must start programs at all.
    if any(map(starts_programs, pair.old_app.program_sources.values())):
        yield from _find_in_texts(pair)
    yield from list_script_programs(pair)
    for path, text in find_named_scripts(pair.old_app.sources).items():
        commands = pair.old.parse_script(text).commands
        yield from ((word.value or "", f"/{path}") for x in commands for word in x.words[:1])
    for name, folders in _LIBRARIES_BY_PROGRAM.items():
        for path in pair.new.image.tree:
            if any(folder in path for folder in folders):
                yield name, f"/{path}"
                break
    inherited = pair.old.base_config.env if pair.old.base_config else {}
    for variable, value in pair.old.config.env.items():
        if inherited.get(variable) != value and not _COMPILER_VARIABLES.fullmatch(variable):
            yield from ((name, f"ENV {variable}") for name in value.split()[:1])


def _find_in_code(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the programs that sources execute."""
    for path, text in sources.items():
        yield from ((name, f"/{path}") for name in find_executed_programs(text))
        if _JAVA_COMPILER_USE.search(text):
            yield "javac", f"/{path}"


def _find_in_texts(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield lost programs that the application's sources and data name as commands."""
    lost_programs = list_lost_programs(pair)
    words = frozenset(name for name, package in lost_programs.items() if not package)
    for path, text in pair.old_app.program_sources.items():
        mentions = find_mentioned_programs(text, lost_programs.keys(), words)
        yield from ((name, f"/{path}") for name in mentions)
    yield from _find_in_data(pair, sorted(lost_programs))


def _find_in_data(pair: ImagePair, lost_programs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield lost programs that the application's data name where a command may stand.

    A command stands at the beginning of a value.
    """
    if not lost_programs:
        return
    by_key = re.compile(rf"{_COMMAND_KEY}({'|'.join(map(re.escape, lost_programs))})(?![\w.-])")
    unambiguous = "|".join(
        map(re.escape, (x for x in lost_programs if x not in AMBIGUOUS_PROGRAMS and len(x) > 1))
    )
    all_names = "|".join(map(re.escape, lost_programs))
    # The values of lists in YAML stand behind `-` or `[`.
    start_of_value = r"(?m)(?:^|^\s*-\s|[\"'`=|;&(,\[\t]|:\s)\s*"
    end_of_value = r"[\"'`]?\s*(?:[,;|&)\]}]|$)"
    # A name that is no word counts alone or with arguments, another one only with an option, a
    # variable or a path behind it.
    mention = re.compile(
        rf"{start_of_value}(?:({all_names})\s+[-{{$%/<|]"
        rf"|({unambiguous or '(?!)'})(?:{end_of_value}|[ \t]+([\w.].*)))"
    )
    for path, text in pair.old_app.data_texts.items():
        if HIDDEN_FOLDER.search(path):
            continue
        lines = (line for line in text.splitlines() if not _PROSE_KEY.match(line))
        for match in mention.finditer("\n".join(lines)):
            if not is_prose(match[3] or ""):
                yield match[1] or match[2], f"/{path}"
        yield from ((name, f"/{path}") for name in by_key.findall(text))


def find_named_scripts(sources: Mapping[str, str]) -> Mapping[str, str]:
    """Return the shell scripts that programs, or scripts named by them, mention by their names."""
    scripts = {path: text for path, text in sources.items() if path.endswith(_SHELL_SUFFIXES)}
    pending = [
        text
        for path, text in sources.items()
        if path not in scripts and not is_development_file(path)
    ]
    mentioned: dict[str, str] = {}
    while pending:
        text = "\n".join(pending)
        named_scripts = [x for x in scripts if x not in mentioned and posixpath.basename(x) in text]
        pending = [scripts[path] for path in named_scripts]
        mentioned.update(zip(named_scripts, pending, strict=True))
    return mentioned


def find_executed_programs(text: str) -> Iterator[str]:
    """Yield the names of the programs that a source executes, those behind `sh -c` too."""
    for match in _EXECUTED_COMMAND.finditer(text):
        for part in _SHELL_SEPARATOR.split(match["command"]):
            words = part.split()
            if words and _PROGRAM_NAME.match(words[0]):
                yield words[0]
        if _PROGRAM_NAME.match(match["command"]):
            yield from _find_shell_programs(text, match)


def _find_shell_programs(text: str, match: re.Match[str]) -> Iterator[str]:
    """Yield what follows a shell in a list of arguments: `"sh", "-c", "git log"`."""
    if posixpath.basename(match["command"]) not in POSIX_SHELLS:
        return
    script = re.match(
        r"[\"'`]\s*,\s*\[?\s*[\"'`]-\w*c[\"'`]\s*,\s*[\"'`]([^\"'`\n]+)", text[match.end() :]
    )
    for part in _SHELL_SEPARATOR.split(script[1]) if script else ():
        yield from part.split()[:1]
