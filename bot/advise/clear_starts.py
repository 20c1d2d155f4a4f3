"""Starts of containers that are clear: what their scripts run was read to the end.

A list of the ways to build when a container starts cannot be complete. So a rule that calls tools
needless asks the other way round: each command has to be one that is known to need none.
"""

import posixpath
import re
from collections.abc import Callable, Iterator

from bot.advise.build_stage_worth import compiles_dependencies, describe_call
from bot.advise.copied_scripts import CopiedScripts
from bot.advise.node_manifests import list_required_packages, name_programs, read_scripts
from bot.advise.started_scripts import PACKAGE_MANAGERS, find_final_folder, read_started_scripts
from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call, iter_script_calls
from bot.dockerfile.shell_programs import POSIX_SHELLS, STARTUP_WRAPPER_OPERANDS
from bot.dockerfile.shell_script import Script
from bot.pattern_lists import compile_sections, read_names

_LIST = "start_programs.txt"
_PAGE_SERVERS = compile_sections("bot.advise", _LIST, "servers of built pages")
_PROGRAMS = tuple(
    name
    for section in ("words of the shell", "tools of the system", "interpreters", "wrappers")
    + ("servers and their managers", "clients and settings")
    for name in read_names("bot.advise", _LIST, section)
)
_FUNCTION = re.compile(r"(?m)^[ \t]*(?:function[ \t]+([\w:-]+)|([\w:-]+)[ \t]*\(\))")
_NAME = re.compile(r"[\w.+-]+")
_SCRIPT = re.compile(r"\.(?:sh|bash)$")
# These install or start whatever a project declares, by names of its own.
_RUNNERS = frozenset(
    {*PACKAGE_MANAGERS, "npx", "bunx", "uv", "uvx", "poetry", "pdm", "pipenv", "hatch", "composer"}
    | {"make", "cmake", "cargo", "go", "mvn", "mvnw", "gradle", "gradlew", "mix", "dotnet", "pip"}
)


def has_clear_start(rule_input: RuleInput) -> bool:
    """Return True if each command is clear of each script that the container starts.

    What the Dockerfile itself starts is its program, whatever it is.
    """
    return rule_input.ask_once(_read_start)


def _read_start(rule_input: RuleInput) -> bool:
    started, context = rule_input.ask_once(read_started_scripts), rule_input.context
    if started.has_unknown_script or started.has_unread_file:
        return False
    texts = [*started.shell_sources, *started.package_scripts]
    return context is None or _Commands(rule_input, context.parse_script).are_clear(texts)


class _Commands:
    """The commands of scripts, and the programs that are there for them."""

    def __init__(self, rule_input: RuleInput, parse: Callable[[str], Script]) -> None:
        self._parse = parse
        self._folder = find_final_folder(rule_input) or "/"
        self._files = CopiedScripts(rule_input)
        self._package_scripts = read_scripts(rule_input, self._folder) or {}
        required = name_programs(list_required_packages(rule_input, self._folder))
        self._programs = {*_PROGRAMS, *required, *_list_words(rule_input)}

    def are_clear(self, texts: list[str]) -> bool:
        """Return True if nothing of some scripts is unknown, nor of those that they start."""
        scripts = list(self._parse_all(texts))
        return all(
            script.is_complete and all(map(self._is_clear, iter_script_calls(script)))
            for script in scripts
        )

    def _parse_all(self, texts: list[str]) -> Iterator[Script]:
        """Yield scripts and those that they start; their functions become programs."""
        waiting, read_texts = list(texts), set[str]()
        while waiting:
            text = waiting.pop(0)
            if text not in read_texts:
                read_texts.add(text)
                self._programs |= {first or second for first, second in _FUNCTION.findall(text)}
                script = self._parse(text)
                yield script
                waiting += filter(None, map(self._read_script, iter_script_calls(script)))

    def _read_script(self, call: Call) -> str | None:
        """Return the text of the script that a call starts or reads; None if it is not known."""
        path = _find_script(call)
        return self._files.read(posixpath.join(self._folder, path)) if path else None

    def _is_clear(self, call: Call) -> bool:
        if _find_script(call):
            is_wrapper = call.name in STARTUP_WRAPPER_OPERANDS
            return is_wrapper or self._read_script(call) is not None
        if call.name in PACKAGE_MANAGERS and call.subcommand not in ("install", "ci", "exec"):
            return any(word in self._package_scripts for word in call.known_arguments)
        if call.name == "bundle":
            return call.known_arguments[:1] == ("exec",) and bool(
                self._programs.intersection(call.known_arguments[1:2])
            )
        if _PAGE_SERVERS.fullmatch(describe_call(call)):
            return True
        if call.name in _RUNNERS or compiles_dependencies(call):
            return False
        return call.name in self._programs


def _find_script(call: Call) -> str:
    """Return the path of a script that a call starts or reads, as written; empty if it is none."""
    words = call.command.words[:1]
    if call.name in (*POSIX_SHELLS, ".", "source"):
        words = call.arguments[:1]
    path = (words[0].value or words[0].text.strip('"')) if words else ""
    return path if _SCRIPT.search(path) else ""


def _list_words(rule_input: RuleInput) -> Iterator[str]:
    """Yield names of what is there: words of the Dockerfile, and the project's own programs."""
    for path in rule_input.context.file_sizes if rule_input.context else ():
        first, *others = path.removeprefix("bin/").removeprefix("cmd/").split("/")
        if not others or "." not in first:
            yield first.partition(".")[0]
    for step in rule_input.steps:
        if step.instruction.keyword in ("RUN", "COPY", "ADD"):
            yield from _NAME.findall(step.instruction.text)
