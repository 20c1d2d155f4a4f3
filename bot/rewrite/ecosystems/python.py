"""Python: installed distributions where they are, and the application."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import list_interpreter_images
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
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
    path = facts.built.find_program(command[0])
    entry = facts.built.tree.get(path or "")
    if path is None or entry is None or entry.size > 1 << 20:
        return False
    return "python" in facts.built.read_text(path).partition("\n")[0]


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    return list_interpreter_images(
        facts.rule_input.base_image or "", "python", facts.built.os_release
    )


ECOSYSTEM = Ecosystem(
    name="python",
    title="Python",
    applies=_applies,
    toolchain_programs=("gcc", "cc", "g++", "make", "cargo", "poetry", "uv"),
    residue_paths=("/usr/local/include", "~/.cargo", "~/.rustup", "/usr/src", "/opt/poetry-cache"),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "python"),
    ships_sources=True,
    base_images=_list_base_images,
    looks_up_services=True,
)
