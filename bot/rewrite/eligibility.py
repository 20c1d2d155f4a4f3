"""Where no multi-stage rewrite is offered, and why: it gains nothing, or breaks what the image is for."""

import re
from collections.abc import Iterator

from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_DEVELOPMENT = re.compile(
    r"(?:^|[-_.])(?:dev|devel|development|devcontainer|test|tests|ci)(?:$|[-_.])"
)
_SHELLS = ("sh", "bash", "ash", "dash", "zsh", "fish")
_TOOLS = re.compile(
    r"(?:make|cmake|ninja|gcc|g\+\+|cc|c\+\+|clang|ld|go|gofmt|golangci-lint|cargo|rustc|rustup|javac|mvn|"
    r"gradle|sbt|npm|npx|yarn|pnpm|pip3?|poetry|uv|tox|pytest|bundle|gem|composer|mix|dotnet|tsc|"
    r"protoc|buf|git|docker|dockerd|terraform|ansible|python[\d.]*|node|ruby|irb|php[\d.]*|"
    r"iex|erl|java|jshell)"
)
_WATCHERS = re.compile(
    r"(?:nodemon|ts-node-dev|tsx|air|reflex|watchexec|cargo-watch|gow|realize|CompileDaemon|browser-sync|"
    r"webpack-dev-server|react-scripts|vue-cli-service|live-server|watchmedo|entr|parcel)"
)
_NODE = ("npm", "yarn", "pnpm")
_ENVIRONMENT = {"FLASK_ENV": "development", "FLASK_DEBUG": "1", "NODE_ENV": "development"}
_BOOT = {
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


def why_not(world: World, launch: Launch) -> str:
    """The reason to leave an image as it is, whatever it is made of; empty if there is none."""
    return next(_reasons(world, launch), "")


def _reasons(world: World, launch: Launch) -> Iterator[str]:
    subject = world.subject
    if len(subject.dockerfile.needed(subject.target, subject.build_args)) > len(subject.stages):
        yield "it is multi-stage already"
    stage = subject.stages[-1] if subject.stages else None
    if stage is None or not any(layer.from_base_image for layer in world.image.layers):
        yield "which of its layers are its base image's is not known"
        return
    if stage.index < len(subject.dockerfile.stages) - 1:
        yield "other stages come after it in its file"
    if _DEVELOPMENT.search(f"{stage.name or ''}") or _DEVELOPMENT.search(subject.target or ""):
        yield "it is made for development, by the name of its stage"
    if world.settings.triggers:
        yield "it is a base for other images (ONBUILD)"
    for name, value in _ENVIRONMENT.items():
        if world.settings.env.get(name) == value:
            yield f"it is made for development: {name} is {value}"
    yield from _by_what_starts(world, launch)


def _by_what_starts(world: World, launch: Launch) -> Iterator[str]:
    if not world.settings.arguments:
        yield "it starts nothing"
    for command, name in zip(launch.commands, launch.names, strict=True):
        yield from _by_command(command, name)
    if launch.commands and not _operands(launch.last):
        name = launch.names[-1]
        if name in _SHELLS or _TOOLS.fullmatch(name):
            yield f"it starts {name}, whatever for: its tools are what it is for"


def _by_command(command: tuple[str, ...], name: str) -> Iterator[str]:
    """What one of the commands that are started tells."""
    words = _operands(command)
    watcher = words[0] if name == "npx" and words else name
    if _WATCHERS.fullmatch(watcher):
        yield f"it is made for development: it starts {watcher}"
    if {"--reload", "--debug", "--watch"} & set(command):
        yield f"it is made for development: {name} watches the sources"
    verbs = _BOOT.get(name)
    if verbs is not None and (not verbs or (words[:1] and words[0] in verbs)):
        yield f"it builds when it starts: {' '.join([name, *words[:1]])}"
    if name in _NODE and words[:2] in (["run", "build"], ["run", "dev"]):
        yield f"it builds when it starts: {name} run {words[1]}"
    if name in (*_NODE, "vite", "next", "nuxt", "astro") and words[:1] == ["dev"]:
        yield f"it is made for development: {name} dev"


def _operands(command: tuple[str, ...]) -> list[str]:
    return [word for word in command[1:] if not word.startswith("-")]


def ships_toolchain(world: World, ecosystem: Ecosystem) -> bool:
    """Whether what the ecosystem builds with is in the image."""
    return any(world.which(tool) for tool in ecosystem.tools)
