"""Purposes of an image, as far as its Dockerfile shows: to be run, or to build and work in.

In images of the second kind compilers and full bases are the product. The rewriter asks the same of
a built image (rewrite/eligibility.py).
"""

import posixpath
import re
from collections.abc import Container, Iterator

from bot.advise.compose_uses import list_use_reasons
from bot.advise.dev_requirements import has_only_dev_requirements
from bot.advise.docker_runs import list_run_reasons
from bot.advise.image_names import (
    is_builder_folder,
    is_builder_name,
    is_builder_path,
    is_development_name,
    is_development_path,
)
from bot.advise.mounted_programs import find_mounted_program
from bot.advise.purpose_texts import find_purpose_text
from bot.advise.run_time_builds import find_run_time_build
from bot.advise.start_command import (
    find_interactive_reason,
    is_workplace,
    list_command_reasons,
    list_run_programs,
)
from bot.advise.started_commands import StartCommands, read_start_commands
from bot.advise.subject import RuleInput, Step
from bot.advise.work_packages import find_debugger_reason, find_package_reason
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.dockerfile.stages import Stage
from bot.pattern_lists import compile_sections

DEVELOPMENT_VARIABLES = {"FLASK_ENV": "development", "FLASK_DEBUG": "1", "NODE_ENV": "development"}
# Variables that frameworks read: Rails, Rack, Symfony and Laravel, Phoenix.
_FRAMEWORK_VARIABLES = ("NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "MIX_ENV")
_WORK_STATES = ("development", "dev", "local", "test", "testing")
_LIST = "development_programs.txt"
_WORKPLACE_IMAGES = compile_sections("bot.advise", _LIST, "workplace images")
_SERVER_IMAGES = compile_sections("bot.advise", _LIST, "server images")
# `man/generate.sh`, `run-tests.sh`, `/build`: what the container is started for is no service.
_WORK_SCRIPT = re.compile(
    r"(?:.*[-_.])?(?:build|compile|gen|generate|lint|run-?tests?|tests?|ci|usage)(?:[-_]\w+)*(?:\.(?:sh|bash|py))?"
)
_SCRIPT_RUNNERS = ("npm", "yarn", "pnpm", "python", "python3", "manage.py", "rails", "make")
# `npx playwright test`
_TOOL_RUNNERS = ("npx", "bunx", "pnpx")
_WAITING = ("sleep infinity", "tail -f /dev/null", "tail -F /dev/null", "manage.py test")
# `while true; do sleep 60; done`: a container that is kept alive to work in.
_LOOP_WORDS = ("while", "until", "do", "done", "true", ":", "trap", "sleep")
# Of devcontainers, Gitpod and Coder.
_EDITOR_USERS = frozenset({"vscode", "gitpod", "codespace", "coder"})
_PACKERS = ("cp", "mv", "rsync", "tar", "zip")
_NOTEBOOKS = frozenset({"jupyter", "jupyterlab", "notebook", "jupyterhub"})
# They make environments to test in, which no program needs that ships: zalando/patroni (features).
_TEST_ENVIRONMENTS = frozenset({"tox", "nox"})
# `python -m unittest`, as the images of 1200wd/bitcoinlib start it.
_TEST_RUNNERS = frozenset(
    {"unittest", "pytest", "nose2", "nosetests", "tox", "nox", "jest", "mocha", "vitest", "phpunit"}
)
_TASK_RUNNERS = ("cargo", "go", "make", "mvn", "npm", "pnpm", "sbt", "swift", "yarn")
# Sandboxes in which a server runs the programs of others, which it compiles: ioi/isolate.
_JUDGE_TEXT = re.compile(
    r"/isolate(?:\.git)?(?=\s|$)|\bisolate-cg-keeper\b|\bjudger\b", re.MULTILINE
)
# `COPY --from=golang /usr/local/go /usr/local/go`: argoproj/argo-cd builds and tests in it.
_TOOLCHAIN = re.compile(r"/usr/local/(?:go|cargo|rustup)/?")
# Whatever installs them: `$PIP_INSTALL jupyterlab`, `code-server --install-extension`.
_WORKPLACE_TEXT = re.compile(r"\b(?:code-server|jupyterlab|jupyterhub)\b")


def find_work_reason(rule_input: RuleInput, *, may_start_nothing: bool = False) -> str:
    """Return the reason to take an image for one to build or work in; empty if there is none."""
    return next(_list_reasons(rule_input, may_start_nothing=may_start_nothing), "")


def starts_build_tool(rule_input: RuleInput, programs: Container[str]) -> bool:
    """Return True if one of the start commands is such a program."""
    commands = read_start_commands(rule_input).commands
    return any(posixpath.basename(command[0]) in programs for command in commands)


def is_server_image(base_image: str) -> bool:
    """Return True for an image that starts a server by itself: a file on it needs no command."""
    return bool(_SERVER_IMAGES.match(base_image))


def _list_reasons(rule_input: RuleInput, *, may_start_nothing: bool) -> Iterator[str]:
    stage = rule_input.final_stages[-1] if rule_input.final_stages else None
    if stage is None:
        yield "it has no stage"
        return
    yield from _list_name_reasons(rule_input, stage)
    yield from _list_content_reasons(rule_input, stage)
    if script := find_run_time_build(rule_input):
        yield f"it compiles when it runs, with {script}"
    start = read_start_commands(rule_input)
    reason = find_package_reason(rule_input, starts_script=_starts_script(start.main_command))
    yield from [reason] if reason else []
    is_server = may_start_nothing or is_server_image(rule_input.base_image or "")
    if not start.commands and any(map(_makes_package, rule_input.list_run_calls())):
        yield "it starts nothing, and makes a package to be copied out"
    if not start.commands and not is_server:
        yield "it starts nothing"
    if _starts_arguments(rule_input, start) and any(map(_copies_toolchain, rule_input.steps)):
        yield "it has the tools of a language, and starts what it is given"
    yield from _list_start_reasons(start)
    if path := find_mounted_program(rule_input):
        yield f"it starts {path}, which it does not have: the sources are mounted"
    if _ends_at_once(rule_input, start):
        yield f"it starts {' '.join(start.main_command)}, which ends at once"


def _list_name_reasons(rule_input: RuleInput, stage: Stage) -> Iterator[str]:
    for name in (stage.name or "", rule_input.plan.target or ""):
        if is_development_name(name):
            yield f"it is made for development, by the name {name}"
        # The only stage of a file may be called so although it is what is run.
        elif is_builder_name(name) and len(rule_input.dockerfile.stages) > 1:
            yield f"it is made to build, by the name {name}"
    for other in rule_input.final_stages[:-1]:
        # A stage of its own name behind it may be what is run: `FROM dev AS prod`.
        is_same_use = not stage.name or "test" in stage.name.lower()
        if is_same_use and is_development_name(other.name or ""):
            yield f"it is made for development, by the name {other.name} of its base"
    start = read_start_commands(rule_input)
    if not start.commands and _is_builder(rule_input, stage):
        yield "it is made to build, by its name, and starts nothing"
    if is_builder_folder(rule_input.path) and _starts_script(start.main_command):
        yield "it is made to build, by its folder, and starts a script"
    if is_development_path(rule_input.path):
        yield f"it is made for development, by its path {rule_input.path}"
    if find_purpose_text(rule_input):
        yield "it is made for development, as a comment says"
    yield from rule_input.ask_once(_list_repository_reasons)


def _list_repository_reasons(rule_input: RuleInput) -> tuple[str, ...]:
    """Return the reasons that compose files, READMEs and scripts around the Dockerfile give."""
    return (*list_use_reasons(rule_input), *list_run_reasons(rule_input))


def _is_builder(rule_input: RuleInput, stage: Stage) -> bool:
    """Return True if a stage, its file or the folder of that is named after what it builds with."""
    if is_server_image(rule_input.base_image or ""):
        return False
    return is_builder_path(rule_input.path) or is_builder_name(stage.name or "")


def _list_content_reasons(rule_input: RuleInput, stage: Stage) -> Iterator[str]:
    # A builder of source-to-image: sclorg/s2i-python-container.
    if any(x.keyword == "LABEL" and "s2i" in x.argument_text.text for x in stage.instructions):
        yield "it builds other images (source-to-image)"
    installed = {name for call in rule_input.list_run_calls() for name in _list_installed(call)}
    if not _NOTEBOOKS.isdisjoint(installed):
        yield "it installs a notebook: people work in it"
    if not _TEST_ENVIRONMENTS.isdisjoint(installed):
        yield "it installs tox or nox: others test in it"
    # Of php:8.5-apache itself, which keeps them so that others can compile extensions.
    if any(x.keyword == "ENV" and "PHPIZE_DEPS" in x.words[::2] for x in stage.instructions):
        yield "it is a base for other images (PHPIZE_DEPS)"
    if any(step.instruction.keyword == "ONBUILD" for step in rule_input.steps):
        yield "it is a base for other images (ONBUILD)"
    if has_only_dev_requirements(rule_input):
        yield "it is made for development: it has the requirements for it, and no sources"
    yield from _list_text_reasons([step.instruction.text for step in rule_input.iter_runs()])
    if reason := find_debugger_reason(rule_input):
        yield reason
    if any(map(_adds_developer, rule_input.list_run_calls())):
        yield "it is made for development: it has a user for an editor"
    if _WORKPLACE_IMAGES.match(rule_input.base_image or ""):
        yield f"it is based on an image to work in: {rule_input.base_image}"
    yield from _list_variable_reasons(rule_input, stage)


def _list_variable_reasons(rule_input: RuleInput, stage: Stage) -> Iterator[str]:
    """Yield the reasons that variables of the image give."""
    variables = rule_input.plan.resolve_variables(stage).environment
    for name, value in variables.items():
        is_framework = name in _FRAMEWORK_VARIABLES and value in _WORK_STATES
        if is_framework or DEVELOPMENT_VARIABLES.get(name) == value:
            yield f"it is made for development: {name} is {value}"


def _list_text_reasons(texts: list[str]) -> Iterator[str]:
    if any(map(_WORKPLACE_TEXT.search, texts)):
        yield "it installs code-server or JupyterLab: people work in it"
    if any(map(_JUDGE_TEXT.search, texts)):
        yield "it compiles and runs the programs of others"


def _adds_developer(call: Call) -> bool:
    """Return True for `useradd vscode`: an editor works in the container as this user."""
    is_new = call.name in ("useradd", "adduser")
    return is_new and not _EDITOR_USERS.isdisjoint(call.known_arguments)


def _list_installed(call: Call) -> Iterator[str]:
    """Yield the packages that pip or conda installs by their names."""
    if call.name in ("pip", "conda", "mamba") and call.subcommand == "install":
        # Without the version and the extras of a requirement: `jupyterlab>=4`, `notebook[test]`.
        yield from (re.split(r"[=<>\[]", value)[0] for value in call.known_arguments)


def _list_start_reasons(start: StartCommands) -> Iterator[str]:
    for command in start.commands:
        program = posixpath.basename(command[0])
        yield from list_command_reasons(command, program)
        if _starts_work(program, command):
            yield f"it starts {' '.join(command[:3])}: it builds, tests or waits"
        if workplace := next(filter(is_workplace, (program, *list_run_programs(command))), ""):
            yield f"it starts {workplace}: people work in it"
    if _only_waits(start):
        yield "it starts a loop that waits: people work in it"
    if start.commands:
        command = start.main_command
        program = posixpath.basename(command[0])
        reason = find_interactive_reason(command, program)
        yield from [reason] if reason else []
        if program in _PACKERS:
            yield f"it starts {program}: what it builds is taken out of it"


def _only_waits(start: StartCommands) -> bool:
    """Return True if all that starts is a loop with `sleep`."""
    words = [command[:2] for command in start.commands]
    is_loop = all(posixpath.basename(first) in _LOOP_WORDS for first, *_ in words)
    return is_loop and any("sleep" in pair for pair in words)


def _ends_at_once(rule_input: RuleInput, start: StartCommands) -> bool:
    """Return True for `CMD true` and `CMD gcc --version`, if there is no `ENTRYPOINT`."""
    if any(step.instruction.keyword == "ENTRYPOINT" for step in rule_input.steps):
        return False
    program, *words = start.main_command or ("",)
    return program in ("true", "/bin/true") or words in (["--version"], ["-version"])


def _starts_arguments(rule_input: RuleInput, start: StartCommands) -> bool:
    """Return True if a script starts, and no `CMD` says what that is to start."""
    has_command = any(step.instruction.keyword == "CMD" for step in rule_input.steps)
    name = posixpath.basename(start.main_command[0]) if start.commands else ""
    is_script = name.endswith(".sh") or "entrypoint" in name
    return not has_command and (is_script or not start.commands)


def _copies_toolchain(step: Step) -> bool:
    """Return True for a `COPY` of the tools of Go or Rust from another image."""
    words = step.instruction.words if step.instruction.keyword == "COPY" else ()
    has_source = step.instruction.flag_value("from") is not None
    return has_source and any(map(_TOOLCHAIN.fullmatch, words[:-1]))


def _starts_work(program: str, command: tuple[str, ...]) -> bool:
    """Return True for a script that builds or tests, by its name, and for one that waits."""
    scripts = command[1:3] if program in (*_SCRIPT_RUNNERS, *_TOOL_RUNNERS) else ()
    if program.startswith("python"):
        scripts = tuple(word for word in command[1:4] if not word.startswith("-"))[:1]
    names = [name.replace(":", "-") for name in (program, *scripts) if not name.startswith("-")]
    if not _TEST_RUNNERS.isdisjoint(map(posixpath.basename, names)):
        return True
    is_waiting = any(text in " ".join(command) for text in _WAITING)
    script = posixpath.basename(command[1]) if program in POSIX_SHELLS and command[1:] else program
    is_work_script = bool(_WORK_SCRIPT.fullmatch(script.lower()))
    is_for_developers = any(map(is_development_name, (*names, script)))
    return is_waiting or is_work_script or is_for_developers


def runs_tests(call: Call) -> bool:
    """Return True for `pytest`, `python -m pytest`, `npm test` and the like."""
    words = (call.name, *call.known_arguments[:2])
    is_test_task = call.subcommand in ("test", "check") and call.name in _TASK_RUNNERS
    return is_test_task or not _TEST_RUNNERS.isdisjoint(words)


def _makes_package(call: Call) -> bool:
    """Return True for what makes a wheel: DHI/mikecore-python tests and builds one."""
    is_python = call.name.startswith("python")
    words = call.known_arguments
    return is_python and ("bdist_wheel" in words or words[:2] == ("-m", "build"))


def _starts_script(command: tuple[str, ...]) -> bool:
    """Return True for a script of the shell: what it starts is not known."""
    program = posixpath.basename(command[0]) if command else ""
    return program in POSIX_SHELLS or program.endswith(".sh")
