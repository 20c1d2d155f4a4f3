"""Where no multi-stage rewrite is offered, and why: it gains nothing, or breaks what the image is for."""

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
    """The reason to leave an image as it is, whatever it is made of; empty if there is none."""
    return next(_list_reasons(facts, startup), "")


def _list_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    subject = facts.rule_input
    if len(subject.plan.required_stages) > len(subject.final_stages):
        yield "it is multi-stage already"
    stage = subject.final_stages[-1] if subject.final_stages else None
    if stage is None or not any(layer.from_base_image for layer in facts.built.image.layers):
        yield "which of its layers are its base image's is not known"
        return
    if stage.index < len(subject.dockerfile.stages) - 1:
        yield "other stages come after it in its file"
    if _DEVELOPMENT_NAME.search(f"{stage.name or ''}") or _DEVELOPMENT_NAME.search(
        subject.plan.target or ""
    ):
        yield "it is made for development, by the name of its stage"
    if facts.built.config.onbuild:
        yield "it is a base for other images (ONBUILD)"
    for name, value in _DEVELOPMENT_VARIABLES.items():
        if facts.built.config.env.get(name) == value:
            yield f"it is made for development: {name} is {value}"
    yield from _list_startup_reasons(facts, startup)


def _list_startup_reasons(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    if not facts.built.config.command_line:
        yield "it starts nothing"
    for command, name in zip(startup.commands, startup.program_names, strict=True):
        yield from _list_command_reasons(command, name)
    if startup.commands and not _list_operands(startup.main_command):
        name = startup.program_names[-1]
        if name in INTERACTIVE_SHELLS or _INTERACTIVE_PROGRAMS.fullmatch(name):
            yield f"it starts {name}: it is an image for interactive use"


def _list_command_reasons(command: tuple[str, ...], program: str) -> Iterator[str]:
    """What one of the commands that are started tells."""
    words = _list_operands(command)
    watcher = words[0] if program == "npx" and words else program
    if _WATCHERS.fullmatch(watcher):
        yield f"it is made for development: it starts {watcher}"
    if {"--reload", "--debug", "--watch"} & set(command):
        yield f"it is made for development: {program} watches the sources"
    verbs = _BUILD_SUBCOMMANDS.get(program)
    if verbs is not None and (not verbs or (words[:1] and words[0] in verbs)):
        yield f"it builds when it starts: {' '.join([program, *words[:1]])}"
    if program in _NODE_PACKAGE_MANAGERS and words[:2] in (["run", "build"], ["run", "dev"]):
        yield f"it builds when it starts: {program} run {words[1]}"
    if program in (*_NODE_PACKAGE_MANAGERS, "vite", "next", "nuxt", "astro") and words[:1] == [
        "dev"
    ]:
        yield f"it is made for development: {program} dev"


def _list_operands(command: tuple[str, ...]) -> list[str]:
    return [word for word in command[1:] if not word.startswith("-")]


def ships_toolchain(facts: BuildFacts, ecosystem: Ecosystem) -> bool:
    """Whether what the ecosystem builds with is in the image."""
    return any(facts.built.which(tool) for tool in ecosystem.toolchain_programs)
