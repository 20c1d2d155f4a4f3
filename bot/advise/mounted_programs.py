"""Programs that a container starts and its image does not have: they are mounted over it.

Whoever runs such an image has the sources at hand: it is made to develop, to test or to build in.
"""

import fnmatch
import posixpath
import re
from pathlib import PurePosixPath

from bot.advise.base_images import is_public_image
from bot.advise.copy_targets import is_copy, list_copy_sources, resolve_copy_destination
from bot.advise.script_paths import find_folder
from bot.advise.started_commands import read_start_commands
from bot.advise.started_scripts import find_final_folder
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS, POSIX_SHELLS

_INTERPRETER = re.compile(r"python[\d.]*|node|ruby|php[\d.]*|perl")
_SCRIPT = re.compile(r"\.(?:sh|bash|py|[cm]?js|rb|php|pl)$")
_SYSTEM_FOLDER = re.compile(r"/(?:usr(?!/src/)|bin|sbin|etc|lib|root|home)(?:/|$)|/[^/]*$")
# Names of files that have no dot: `Gemfile*`.
_PLAIN_FILE = re.compile(r"(?:Gem|Guard|Make|Pip|Proc|Rake)file\*?|LICENSE\*?|NOTICE")
# Programs that start services, whatever these are.
_INITS = frozenset({"my_init", "init", "systemd"})
# They write no program: packages of their own folders, modes, users and settings.
_OTHER_PROGRAMS = frozenset(
    {"mkdir", "chown", "chmod", "useradd", "adduser", "usermod", "groupadd", "addgroup", "groupmod"}
    | {
        "pip",
        "pip3",
        "gem",
        "bundle",
        "npm",
        "yarn",
        "pnpm",
        "pecl",
        "a2enmod",
        "sed",
        "rm",
        "ldconfig",
    }
    | {"docker-php-ext-install", "docker-php-ext-configure", "docker-php-ext-enable", "echo", ":"}
    | set(INSTALL_SUBCOMMANDS)
)
# `npm run build` may write whatever a script of package.json does.
_SCRIPT_RUNNERS = ("npm", "yarn", "pnpm")
_NODE_INSTALLS = ("", "add", "cache", "ci", "clean-install", "config", "i", "install", "set")
# Those of the others that may write a folder of any name where they run.
_FETCHERS = frozenset(
    {
        "git",
        "svn",
        "hg",
        "tar",
        "bsdtar",
        "unzip",
        "curl",
        "wget",
        "cp",
        "mv",
        "install",
        "make",
        "ninja",
    }
)


def find_mounted_program(rule_input: RuleInput) -> str:
    """Return the path of a script that starts and that nothing puts there; empty if none."""
    commands, folder = read_start_commands(rule_input).commands, find_final_folder(rule_input)
    copies = any(step for step in rule_input.steps if is_copy(step))
    if not copies and commands and posixpath.basename(commands[-1][0]) in _INITS:
        return commands[-1][0]
    if not is_public_image(rule_input.base_image or ""):
        return ""
    for command in commands:
        if command[0] == "cd" and len(command) == 2:
            folder = posixpath.join(folder or "/", command[1])
        path = posixpath.join(folder or "", _find_script(command))
        is_known = path.startswith("/") and not path.endswith("/") and "$" not in path
        if is_known and _find_script(command) and not _SYSTEM_FOLDER.match(path):
            path = posixpath.normpath(path)
            if not any(_may_write(step, path) for step in rule_input.steps):
                return path
    return ""


def _find_script(command: tuple[str, ...]) -> str:
    """Return the file of a script that a command starts, as written; empty if it starts none."""
    program = posixpath.basename(command[0])
    operand = next(iter(command[1:]), "-")
    if program in POSIX_SHELLS:
        return operand if _SCRIPT.search(operand) else ""
    if _INTERPRETER.fullmatch(program):
        return operand if not operand.startswith("-") and re.search(r"[/.]", operand) else ""
    # `bin/rails` is looked for in the folder of the start, not in those of the system.
    is_relative = "/" in command[0] and not command[0].startswith(("/", "~"))
    is_script = bool(_SCRIPT.search(program)) and "/" in command[0]
    return command[0] if is_script or is_relative else ""


def _may_write(step: Step, path: str) -> bool:
    """Return True if a step may bring a file: by a copy, or by a command in its folder."""
    if is_copy(step):
        target = resolve_copy_destination(step)
        return target is None or any(
            _may_copy(source, target, path) for source in list_copy_sources(step)
        )
    if step.instruction.keyword != "RUN":
        return step.instruction.keyword == "ADD"
    is_named = posixpath.basename(path) in step.instruction.text
    return is_named or any(_may_create(step, call, path) for call in step.calls)


def _may_copy(source: str, target: str, path: str) -> bool:
    """Return True if a source may have the file: a folder, or a file of its name."""
    name = posixpath.basename(source)
    is_file = "." in name.strip("./*") or bool(_PLAIN_FILE.fullmatch(name))
    if (
        is_file
        and "://" not in source
        and not name.endswith((".tar", ".gz", ".tgz", ".zip", ".xz"))
    ):
        names = posixpath.basename(path)
        return path == target or (_is_below(path, target) and fnmatch.fnmatch(names, name))
    return _is_below(path, target)


def _may_create(step: Step, call: Call, path: str) -> bool:
    """Return True if a command may write the file, as far as its words and its folder say."""
    is_script = call.name in _SCRIPT_RUNNERS and call.subcommand not in _NODE_INSTALLS
    if call.name in _OTHER_PROGRAMS and not is_script:
        has_program = any("binstubs" in word.text for word in call.arguments)
        return has_program or (call.name in _SCRIPT_RUNNERS and "/node_modules/" in path)
    words = [word.text.strip("\"'") for word in call.arguments]
    targets = [word for word in words if word.startswith(("/", "$"))]
    if any(_is_below(path, word) or _is_below(word, posixpath.dirname(path)) for word in targets):
        return True
    if targets:
        return False
    folder = find_folder(step, call) or ""
    is_known = folder.startswith("/") and folder != "/"
    return _is_below(path, folder) if is_known else call.name in _FETCHERS


def _is_below(path: str, folder: str) -> bool:
    parents = map(str, (PurePosixPath(path), *PurePosixPath(path).parents))
    return posixpath.normpath(folder) in parents
