"""Runs of an image in the scripts, Makefiles and README files around its Dockerfile.

They say who starts the image, and for what, as its comments do. What is written in another way
than `docker build -t name` and `docker run … name …` is taken for no run.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.container_tests import runs_test
from bot.advise.copy_targets import copies_whole_context, iter_context_copies
from bot.advise.image_names import is_development_name
from bot.advise.start_command import (
    find_inline_script,
    find_interactive_reason,
    list_command_reasons,
)
from bot.advise.started_scripts import find_final_folder
from bot.advise.subject import RuleInput

_FILES = (
    *("Makefile", "GNUmakefile", "justfile", "Taskfile.yml", "README.md", "Readme.md", "readme.md"),
    *("README.rst", "README", "README.txt", "CONTRIBUTING.md", "run.sh", "build.sh", "docker.sh"),
    *("docker-run.sh", "docker_run.sh", "docker-build.sh", "docker_build.sh", "start.sh", "dev.sh"),
    *("shell.sh", "test.sh", "run_docker.sh", "build_docker.sh", "run-docker.sh"),
)
_MAX_PARENTS = 4
_BUILD = re.compile(r"\bdocker(?:[ \t]+buildx)?[ \t]+build[ \t]+(?P<words>[^\n;&|`>]*)")
_RUN = re.compile(r"\b(?:docker|podman)[ \t]+run[ \t]+(?P<words>[^\n;&|]*)")
_NAME = re.compile(r"(?:^|\s)(?:-t|--tag)[ =]?(?P<name>\S+)")
_FILE = re.compile(r"(?:^|\s)(?:-f|--file)[ =]?(?P<path>\S+)")
# The folder of a command: `$(pwd)`, `${PWD}`, `$$PWD`, `"$(shell pwd)"`, `$(CURDIR)`.
_HERE = re.compile(r"\$?\$[({]?(?:(?:shell )?pwd|PWD|CURDIR)\b[)}]?")
_MOUNT = re.compile(
    r"(?:-v|--volume)[ =]?(?:\"?\.|HERE)(?P<folder>/[^:]*)?\"?:\"?(?P<target>/[^:\s\"]*)"
)
_NO_BUILD = re.compile(r"[<>{}$]|://")
_QUOTES = re.compile(r"[\"'`]")


@dataclass(frozen=True, slots=True)
class DockerRun:
    """A `docker run` of an image that is built with a Dockerfile.

    `mounts` are the folders of the container over which the folder of the sources is mounted.
    """

    file_name: str
    command: tuple[str, ...]
    mounts: tuple[str, ...]


def list_run_reasons(rule_input: RuleInput) -> Iterator[str]:
    """Yield the reasons to take an image for a developer's that its names and runs give."""
    names, runs = set[str](), list[DockerRun]()
    for file_name, folder, text in _read_texts(rule_input):
        built = set(_list_names(rule_input, folder, text))
        names |= built
        runs += _list_runs(file_name, text, built)
    if names and all(map(_is_work_name, names)):
        yield f"it is made for development: it is built as {min(names)}"
    if runs and all(_is_for_work(rule_input, run) for run in runs):
        yield f"it is made for development: {runs[0].file_name} runs it so"


def _read_texts(rule_input: RuleInput) -> Iterator[tuple[str, str, str]]:
    """Yield name, folder and text of such files, and of the comments of the Dockerfile."""
    context, folder = rule_input.context, posixpath.dirname(rule_input.path)
    comments = "\n".join(comment.text for comment in rule_input.dockerfile.comments)
    yield "a comment", folder, _simplify(comments)
    for parent in rule_input.list_parent_folders(_MAX_PARENTS) if context else ():
        for name in _FILES:
            if context and (text := context.read_repository_text(posixpath.join(parent, name))):
                yield name, parent, _simplify(text)


def _simplify(text: str) -> str:
    """Join the lines of a command, and write the current folder in one way."""
    return _HERE.sub("HERE", re.sub(r"\\\n[ \t]*", " ", text))


def _list_names(rule_input: RuleInput, folder: str, text: str) -> Iterator[str]:
    """Yield the names that the builds of this Dockerfile give its image."""
    for match in _BUILD.finditer(text):
        words = _QUOTES.sub("", match["words"]).split()
        name = _NAME.search(" ".join(words))
        path = rule_input.path or "Dockerfile"
        if name and _find_dockerfile(folder, words) == path:
            yield name["name"]


def _find_dockerfile(folder: str, words: list[str]) -> str:
    """Return the path of the Dockerfile of a build; empty if it is not known."""
    source = words[-1].replace("HERE", ".", 1) if words else "-"
    file = _FILE.search(" ".join(words))
    if file:
        path = file["path"].replace("HERE", ".", 1)
    elif source.startswith("-"):
        return ""
    else:
        path = posixpath.join(source, "Dockerfile")
    return "" if _NO_BUILD.search(path) else posixpath.normpath(posixpath.join(folder, path))


def _list_runs(file_name: str, text: str, names: set[str]) -> Iterator[DockerRun]:
    """Yield the runs of images of such names."""
    for match in _RUN.finditer(text):
        # A comment of a shell behind the command; a backquote that ends code in a sentence.
        command = re.split(r"`|\s#", match["words"])[0]
        words = _QUOTES.sub("", command).split()
        positions = [number for number, word in enumerate(words) if word in names]
        if positions:
            mounts = _MOUNT.finditer(" ".join(words[: positions[0]]))
            targets = tuple(mount["target"].rstrip("/") for mount in mounts)
            yield DockerRun(file_name, tuple(words[positions[0] + 1 :]), targets)


def _is_work_name(name: str) -> bool:
    """Return True for `app-dev`, not for a tag: `app:dev` may be any state of the program."""
    first, _, last = name.partition(":")[0].replace("_", "-").rpartition("-")
    return bool(first) and is_development_name(last)


def _is_for_work(rule_input: RuleInput, run: DockerRun) -> bool:
    """Return True if a run opens a prompt, builds or tests, or needs the sources of its user."""
    if run.command:
        script = find_inline_script(run.command)
        command = tuple(script.split()) if script else run.command
        program = posixpath.basename(command[0]) if command else ""
        is_work = bool(find_interactive_reason(command, program)) or runs_test(" ".join(command))
        return is_work or any(True for _ in list_command_reasons(command, program))
    folder = find_final_folder(rule_input)
    is_over = any(
        folder is not None and f"{folder}/".startswith(f"{mount}/") for mount in run.mounts
    )
    return is_over and not any(map(copies_whole_context, iter_context_copies(rule_input.steps)))
