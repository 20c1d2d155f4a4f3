"""Programs that the scripts in an image's own layers call, libraries included.

A name in a script counts where its library, or for the application any of its scripts, starts
programs at all: a library has one function for that, and the names of the programs elsewhere.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set

from bot.image.open_image import OpenImage
from bot.image.program_mentions import find_mentioned_programs, starts_programs
from bot.model.files import Entry, EntryKind
from bot.pattern_lists import compile_sections

# Of compiled languages the sources count as well, where they are accepted.
_SOURCE_FILE = re.compile(
    r"\.(?:py|rb|rake|php|pl|pm|[cm]?js|[cm]?tsx?|jsx|ex|exs|lua|sh|bash"
    r"|go|rs|java|kt|scala|groovy|cs|fs|vb|c|cc|cpp|cxx|swift)$"
)
_NODE_SCRIPT = re.compile(r"(?:\.(?:[cm]?[jt]s|[jt]sx)|(?:^|/)package\.json)$")
_SCRIPT_NAME = compile_sections("bot.image", "program_mentions.txt", "script names")
_SHELL_SHEBANG = re.compile(rb"#![^\n]*\b(?:ba|da|z|k)?sh\b")
# The folder of one library: pip's, npm's with a scope, RubyGems', and Composer's
# `vendor/OWNER/NAME`.
_LIBRARY = re.compile(
    r".*/(?:(?:site|dist)-packages/[^/]+|node_modules/(?:@[^/]+/)?[^/]+|gems/[^/]+"
    r"|vendor/[^/]+/[^/]+)(?=/)"
)
_INSTALLERS = compile_sections("bot.image", "program_mentions.txt", "installers")
_BUILD_SCRIPT = compile_sections("bot.image", "program_mentions.txt", "npm scripts of builds")
_SHELL = "shell"  # in place of a library, of what shell scripts call
_MAX_SCRIPT_BYTES = 1 << 20


def find_program_callers(
    open_image: OpenImage, programs: Set[str], accepts: Callable[[str], bool]
) -> Mapping[str, str]:
    """Return those of the programs that scripts call, each with the path of such a script.

    Of the files that the Dockerfile added, those that `accepts` a path are read.
    """
    callers: dict[tuple[str, str], str] = {}
    names = tuple(name.encode() for name in programs)
    for path, content in _read_scripts(open_image, accepts) if programs else ():
        if not any(name in content for name in names):
            continue
        text = content.decode(errors="replace")
        if _is_commands_alone(path, content):
            called = _list_commands(open_image, _read_commands(path, text))
            callers |= {(_SHELL, name): path for name in called & programs}
        else:
            mentioned = find_mentioned_programs(text, programs)
            callers |= {(_find_library(path), name): path for name in mentioned}
    libraries = frozenset(library for library, _ in callers)
    # A shell script starts programs without a call that would show it.
    starters = {_SHELL, *_find_starters(open_image, accepts, libraries - {_SHELL})}
    return {name: path for (library, name), path in callers.items() if library in starters}


def _find_starters(
    open_image: OpenImage, accepts: Callable[[str], bool], libraries: Set[str]
) -> Set[str]:
    """Return those of the libraries of which a script starts programs.

    All scripts of such a library are read again, because the test is slow for those of all others.
    """
    starters = set[str]()
    scripts = _read_scripts(
        open_image, lambda path: _find_library(path) in libraries and accepts(path)
    )
    for path, content in scripts if libraries else ():
        library = _find_library(path)
        if library not in starters and starts_programs(content.decode(errors="replace")):
            starters.add(library)
    return starters


def _is_commands_alone(path: str, content: bytes) -> bool:
    """Return True for shell scripts, and for the scripts of a package.json."""
    return path.endswith((".sh", ".bash", "package.json")) or bool(_SHELL_SHEBANG.match(content))


def _read_commands(path: str, text: str) -> str:
    """Return a shell script; of a package.json the scripts that do not build, test or publish."""
    if not path.endswith("package.json"):
        return text
    try:
        scripts = json.loads(text)["scripts"].items()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return "\n".join(str(script) for name, script in scripts if not _BUILD_SCRIPT.match(name))


def is_installer_file(path: str) -> bool:
    """Return True for files of package managers, which call programs only to install."""
    return bool(_INSTALLERS.search(path))


def is_node_script(path: str) -> bool:
    """Return True for what Node alone runs: its sources, and the scripts of a package.json."""
    return bool(_NODE_SCRIPT.search(path))


def is_task_file(path: str) -> bool:
    """Return True for a file of tasks that people run in the container: a Rakefile."""
    return bool(_SCRIPT_NAME.search(path))


def _read_scripts(
    open_image: OpenImage, accepts: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Yield the accepted scripts, folder by folder: one request to the engine for each."""
    paths = {
        path
        for path, entry in open_image.own_files.items()
        if _may_be_script(path, entry) and not is_installer_file(path) and accepts(path)
    }
    folders = {path.rpartition("/")[0] for path in paths}
    # Never `read_below` the root, which would be all of the image.
    for path in sorted(path for path in paths if "/" not in path):
        yield path, open_image.files.read(path) or b""
    for top in _find_top_folders(folders):
        for path, content in open_image.files.read_below(
            top, lambda path, size: size <= _MAX_SCRIPT_BYTES and path in paths
        ):
            name = path.rpartition("/")[2]
            if "." in name or is_task_file(name) or content.startswith(b"#!"):
                yield path, content


def _may_be_script(path: str, entry: Entry) -> bool:
    name = path.rpartition("/")[2]
    is_program = "." not in name and bool(entry.mode & 0o111)
    is_manifest = name == "package.json" and not _find_library(path)
    is_source = bool(_SOURCE_FILE.search(name)) or is_task_file(name)
    is_script = is_source or is_program or is_manifest
    return is_script and entry.kind is EntryKind.FILE and entry.size <= _MAX_SCRIPT_BYTES


def _find_top_folders(folders: Set[str]) -> Iterator[str]:
    """Yield the folders that are in no other of them."""
    for folder in sorted(folders):
        parts = folder.split("/")
        if folder and not any("/".join(parts[:end]) in folders for end in range(1, len(parts))):
            yield folder


def _find_library(path: str) -> str:
    """Return the folder of the library that a file belongs to; empty for the application."""
    match = _LIBRARY.match(path)
    return match[0] if match else ""


def _list_commands(open_image: OpenImage, text: str) -> frozenset[str]:
    commands = open_image.parse_script(text).commands
    words = (word.value or "" for command in commands for word in command.words[:2])
    return frozenset(word.rpartition("/")[2] for word in words)
