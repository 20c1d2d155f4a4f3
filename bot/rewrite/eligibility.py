"""Images without a rewrite: it would gain nothing, or break what the image is for.

That no ecosystem fits, or that too few bytes would be saved, is found out in rewrite/rewrite.py.
"""

import re
from collections.abc import Iterator

from bot.dockerfile.shell_programs import INTERACTIVE_SHELLS
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_DEVELOPMENT_NAME = re.compile(
    r"(?:^|[-_.])(?:dev|devel|development|devcontainer|test|tests|ci)(?:$|[-_.])"
)
_LIST = "development_programs.txt"
_INTERACTIVE_PROGRAMS = compile_sections("bot.rewrite", _LIST, "interactive programs")
_WATCHERS = compile_sections("bot.rewrite", _LIST, "watchers")
_PROGRAM_FOLDER = re.compile(r"(?:^|/)s?bin/[^/]+$")
_NODE_PACKAGE_MANAGERS = ("npm", "yarn", "pnpm")
_DEVELOPMENT_VARIABLES = {"FLASK_ENV": "development", "FLASK_DEBUG": "1", "NODE_ENV": "development"}
_BUILD_SUBCOMMANDS = {
    "go": ("run", "build", "install", "test"),
    "cargo": ("run", "build", "watch", "test"),
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


def ineligible_reason(facts: BuildFacts, startup: Startup) -> str:
    """Return the reason to leave an image unchanged, in any ecosystem; empty if there is none."""
    return next(_list_reasons(facts, startup), "")


def _list_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the reasons, those of the Dockerfile first."""
    rule_input = facts.rule_input
    if len(rule_input.plan.required_stages) > len(rule_input.final_stages):
        yield "it is multi-stage already"
    stage = rule_input.final_stages[-1] if rule_input.final_stages else None
    if stage is None or not any(layer.from_base_image for layer in facts.built.image.layers):
        yield "it is not known which of its layers belong to the base image"
        return
    if stage.index < len(rule_input.dockerfile.stages) - 1:
        yield "other stages come after it in its file"
    if _DEVELOPMENT_NAME.search(f"{stage.name or ''}") or _DEVELOPMENT_NAME.search(
        rule_input.plan.target or ""
    ):
        yield "it is made for development, by the name of its stage"
    if facts.built.config.onbuild:
        yield "it is a base for other images (ONBUILD)"
    for name, value in _DEVELOPMENT_VARIABLES.items():
        if facts.built.config.env.get(name) == value:
            yield f"it is made for development: {name} is {value}"
    yield from _list_startup_reasons(facts, startup)


def _list_startup_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the reasons that the startup gives."""
    if not facts.built.config.command_line:
        yield "it starts nothing"
    for command, name in zip(startup.commands, startup.program_names, strict=True):
        yield from _list_command_reasons(command, name)
    if startup.commands and not _list_operands(startup.main_command):
        name = startup.program_names[-1]
        if name in INTERACTIVE_SHELLS or _INTERACTIVE_PROGRAMS.fullmatch(name):
            yield f"it starts {name}: it is an image for interactive use"


def _list_command_reasons(command: tuple[str, ...], program: str) -> Iterator[str]:
    """Yield the reasons that one of the started commands gives."""
    operands = _list_operands(command)
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
    if program in _NODE_PACKAGE_MANAGERS and operands[:2] in (["run", "build"], ["run", "dev"]):
        yield f"it builds when it starts: {program} run {operands[1]}"
    if program in (*_NODE_PACKAGE_MANAGERS, "vite", "next", "nuxt", "astro") and operands[:1] == [
        "dev"
    ]:
        yield f"it is made for development: {program} dev"


def _list_operands(command: tuple[str, ...]) -> list[str]:
    return [word for word in command[1:] if not word.startswith("-")]


def ships_toolchain(facts: BuildFacts, ecosystem: Ecosystem) -> bool:
    """Return True if the ecosystem's toolchain is in the image.

    What a later layer removes is in the image all the same.
    """
    tools = ecosystem.toolchain_programs
    return any(facts.built.which(tool) for tool in tools) or any(
        path.rpartition("/")[2] in tools and _PROGRAM_FOLDER.search(path)
        for path in facts.hidden_sizes
    )
