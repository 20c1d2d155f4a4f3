"""Python: installed distributions where they are, and the application."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import list_interpreter_images
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.python_tools import find_python_tools
from bot.rewrite.script_interpreter import is_script_of
from bot.rewrite.startup import Startup

_PYTHON_PROGRAMS = re.compile(
    r"python[\d.]*|gunicorn|uvicorn|hypercorn|flask|celery|django-admin|daphne|waitress-serve|uwsgi|"
    r"streamlit|poetry|uv|pipenv"
)


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(_runs_python(facts, command) for command in startup.commands)


def _runs_python(facts: BuildFacts, command: tuple[str, ...]) -> bool:
    if _PYTHON_PROGRAMS.fullmatch(posixpath.basename(command[0])):
        return True
    # The script of a distribution (`/usr/local/bin/alembic`) begins with `#!/usr/local/bin/python`.
    return is_script_of(facts, command[0], "python")


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    return list_interpreter_images(
        facts.rule_input.base_image or "", "python", facts.built.os_release
    )


def _list_pruning_instructions(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the instruction that uninstalls what only builds."""
    tools = find_python_tools(facts, startup)
    if tools.names:
        if facts.build_user not in ROOT_NAMES:
            yield "USER root"  # the owner of site-packages; the last stage is not affected
        yield facts.text_style.wrap_words(["RUN pip uninstall -y", *tools.names])


def _list_pruned_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the programs of what is uninstalled."""
    yield from (f"/{path}" for path in find_python_tools(facts, startup).scripts)


ECOSYSTEM = Ecosystem(
    name="python",
    title="Python",
    applies=_applies,
    toolchain_programs=("gcc", "cc", "g++", "make", "cargo", "rustc", "poetry", "uv"),
    residue_paths=(
        "/usr/local/include",
        "~/.cargo",
        "~/.rustup",
        "/usr/src",
        "/opt/poetry-cache",
        "~/.config/pypoetry",
        "~/.config/pip",
        "~/.local/share/virtualenv",
        "~/.local/include",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "python"),
    ships_sources=True,
    base_images=_list_base_images,
    pruning_instructions=_list_pruning_instructions,
    pruned_paths=_list_pruned_paths,
    looks_up_services=True,
)
