"""Start commands of images for developers: toolboxes, watchers of sources, builds at the start.

The rules read the commands in a Dockerfile, the rewriter those of a built image.
"""

import posixpath
import re
from collections.abc import Container, Iterator
from itertools import pairwise

from bot.dockerfile.shell_programs import INTERACTIVE_SHELLS, STARTUP_WRAPPER_OPERANDS
from bot.pattern_lists import compile_sections

# The entry scripts of official images, which start their arguments.
PASS_THROUGH_SCRIPTS = ("docker-entrypoint.sh", "docker-php-entrypoint", "mvn-entrypoint.sh")
_WRAPPER_OPERANDS = {**STARTUP_WRAPPER_OPERANDS, **dict.fromkeys(PASS_THROUGH_SCRIPTS, 0)}
_LIST = "development_programs.txt"
_INTERACTIVE_PROGRAMS = compile_sections("bot.advise", _LIST, "interactive programs")
_WATCHERS = compile_sections("bot.advise", _LIST, "watchers")
_WORKPLACES = compile_sections("bot.advise", _LIST, "workplaces")
# bash(1): the file behind them is no script that ends, the shell is interactive all the same.
_SHELL_OPTIONS_WITH_VALUE = ("--rcfile", "--init-file")
# Wrappers of such a tool: GoogleCloudPlatform/cloud-builders starts `go.bash`.
_TOOL_SCRIPT = re.compile(
    r"(?:bazel|cargo|cmake|gcc|go|gradle|javac|make|mvn|sbt)\.(?:sh|ash|bash)"
)
_NODE_PACKAGE_MANAGERS = ("npm", "yarn", "pnpm")
# `pdm run dev` starts a script of pyproject.toml.
_SCRIPT_RUNNERS = ("bun", "hatch", "pdm", "pipenv", "poetry", "uv")
_BUILD_SUBCOMMANDS = {
    "go": ("run", "build", "install", "test"),
    "cargo": ("run", "build", "watch", "test", "bench", "nextest", "pgrx"),
    "mvn": (),
    "mvnw": (),
    "gradle": (),
    "gradlew": (),
    "sbt": (),
    "make": (),
    "cmake": (),
    "gcc": (),
    "g++": (),
    "javac": (),
    "tsc": (),
    "pip": ("install",),
    "pip3": ("install",),
    "poetry": ("install",),
    "uv": ("sync", "pip"),
    "pipenv": ("install", "sync"),
    "bundle": ("install",),
    "composer": ("install", "update"),
    "mix": ("compile", "deps.get", "phx.server", "run"),
    "dotnet": ("run", "build", "watch", "test"),
    "npm": ("install", "i", "ci", "test"),
    "yarn": ("install", "add", "test"),
    "pnpm": ("install", "i", "test"),
}


def list_command_reasons(command: tuple[str, ...], program: str) -> Iterator[str]:
    """Yield the reasons to take an image for a developer's that one of its commands gives."""
    operands = list_operands(command)
    # npx only starts what it is given.
    watcher = operands[0] if program == "npx" and operands else program
    if _WATCHERS.fullmatch(watcher):
        yield f"it is made for development: it starts {watcher}"
    if {"--reload", "--debug", "--watch"} & set(command):
        yield f"it is made for development: {program} watches the sources"
    subcommands = _BUILD_SUBCOMMANDS.get(program)
    if subcommands is not None and (
        not subcommands or (operands[:1] and operands[0] in subcommands)
    ):
        yield f"it builds when it starts: {' '.join([program, *operands[:1]])}"
    if program in (*_NODE_PACKAGE_MANAGERS, *_SCRIPT_RUNNERS):
        yield from _list_script_reasons(program, operands)
    if program in ("vite", "next", "nuxt", "astro", "fastapi") and operands[:1] == ["dev"]:
        yield f"it is made for development: {program} dev"


def _list_script_reasons(program: str, operands: list[str]) -> Iterator[str]:
    """Yield the reason that the name of an npm script gives: `npm run start:dev`."""
    command = " ".join([program, *operands[:2]])
    name = operands[1] if operands[:1] == ["run"] and len(operands) > 1 else "".join(operands[:1])
    if name == "build":
        yield f"it builds when it starts: {command}"
    elif {"dev", "develop", "watch"} & set(name.split(":")):
        yield f"it is made for development: {command}"


def find_interactive_reason(command: tuple[str, ...], program: str) -> str:
    """Return the reason if the command that keeps running opens a prompt; otherwise nothing."""
    is_shell = program in INTERACTIVE_SHELLS
    is_prompt = is_shell or bool(_INTERACTIVE_PROGRAMS.fullmatch(program))
    is_prompt |= bool(_TOOL_SCRIPT.fullmatch(program))
    operands = list_operands(command, _SHELL_OPTIONS_WITH_VALUE if is_shell else ())
    if is_prompt and not operands:
        return f"it starts {program}: it is an image for interactive use"
    return ""


def is_workplace(program: str) -> bool:
    """Return True for a program with which people work in the container: a notebook, sshd."""
    return bool(_WORKPLACES.fullmatch(program))


def list_run_programs(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the program that a package manager starts: `jupyter` of `poetry run jupyter`."""
    operands = list_operands(command)
    is_run = posixpath.basename(command[0]) in _SCRIPT_RUNNERS and operands[:1] == ["run"]
    return tuple(operands[1:2]) if is_run else ()


def list_operands(command: tuple[str, ...], with_value: Container[str] = ()) -> list[str]:
    """Return the words behind a program that are no options, nor the value of some."""
    pairs = pairwise(command)
    return [word for before, word in pairs if not word.startswith("-") and before not in with_value]


def strip_wrappers(argv: tuple[str, ...], own_scripts: Container[str] = ()) -> tuple[str, ...]:
    """Remove `tini --`, `gosu app`, `env A=b` and the like from the front of a command.

    `own_scripts` are words of it that name scripts of the project, with whatever name.
    """
    while argv and argv[0] not in own_scripts:
        count = _WRAPPER_OPERANDS.get(posixpath.basename(argv[0]))
        if count is None:
            break
        words = list(argv[1:])
        # `command -v tool` starts nothing: it prints where the tool is.
        if posixpath.basename(argv[0]) == "command" and words[:1] in (["-v"], ["-V"]):
            break
        # Options of the wrapper, and variables as `env` takes them.
        while words and (words[0].startswith("-") or "=" in words[0]):
            words.pop(0)
        words = words[count:]
        argv = tuple(words[1:] if words[:1] == ["--"] else words)
    return argv


def find_inline_script(argv: tuple[str, ...]) -> str | None:
    """Return the text of `sh -c text`; None for another command."""
    for number, word in enumerate(argv[1:], 1):
        # `-c`, `-lc`, `-exc`: the letters before it are other options of the shell.
        if word.startswith("-") and word.endswith("c") and number + 1 < len(argv):
            return argv[number + 1]
        if not word.startswith("-"):
            return None
    return None
