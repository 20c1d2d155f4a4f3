"""Installed packages that show that others build in an image, as CI and judges of programs do."""

import re
from collections.abc import Iterator

from bot.advise.build_stage_worth import compiles_dependencies, describe_call
from bot.advise.project_files import list_requirements
from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.pattern_lists import compile_sections, read_names, read_pattern_list

_LIST = "work_packages.txt"
_COMPILERS = compile_sections("bot.image.packages", "build_only.txt", "compilers")
_ENGINES = frozenset(read_names("bot.advise", _LIST, "engines of containers"))
_COMPILE_SERVERS = frozenset(read_names("bot.advise", _LIST, "servers that compile"))
_KERNEL_MODULES = frozenset(read_names("bot.advise", _LIST, "kernel modules"))
_RUN_TIME_COMPILERS = frozenset(
    read_names("bot.advise", _LIST, "packages that compile when they run")
)
_TERMINAL_TOOLS = frozenset(read_names("bot.advise", _LIST, "tools of a terminal"))
_MANY_TERMINAL_TOOLS = 3
_FAULT_TOOLS = frozenset(read_names("bot.advise", _LIST, "tools for faults and tests"))
_MANY_FAULT_TOOLS = 2
_VERSION_CONTROL = frozenset(read_names("bot.advise", _LIST, "version control"))
_LANGUAGES = tuple(
    re.compile(section.expression)
    for name, section in read_pattern_list("bot.advise", _LIST).items()
    if name.startswith("compilers of ")
)
_MANY_LANGUAGES = 4  # more than a project is written in
# `pip install --upgrade pip setuptools wheel`, `npm install -g mocha`: tools, of no project.
_TOOL_INSTALLS = re.compile(
    r"pip install(?: (?:pip|setuptools|wheel|virtualenv)(?:[=<>~!]\S*)?)+|npm install \S+"
)

# `xdebug-3.3.0` for pecl, `php8.2-xdebug` for apt-get, `php82-pecl-xdebug` for apk,
# `xdebug/xdebug` for pie.
_XDEBUG = re.compile(r"(?:php[\d.]*-(?:pecl-)?|xdebug/)?xdebug(?:[-=@:]\S*)?")
# It measures the coverage of tests.
_PCOV = re.compile(r"(?:php[\d.]*-(?:pecl-)?|pecl/)?pcov(?:[-=@:]\S*)?")
_PHP_INSTALLERS = ("pecl", "pie", "docker-php-ext-enable", "install-php-extensions")


def compiles_when_it_runs(rule_input: RuleInput) -> bool:
    """Return True if a Python package compiles kernels in the container: vLLM, Triton."""
    calls = rule_input.list_run_calls()
    installs = (x for x in calls if x.name in ("pip", "uv") and "install" in x.known_arguments)
    requirements = (line for call in installs for line in list_requirements(rule_input, call))
    return any(re.split(r"[=<>~!;\[ @]", line)[0] in _RUN_TIME_COMPILERS for line in requirements)


def find_package_reason(rule_input: RuleInput, *, starts_script: bool) -> str:
    """Return the reason to take an image for one to build in; empty if there is none.

    Compilers and Git, where the file compiles nothing and a script starts, are for others.
    """
    calls = rule_input.list_run_calls()
    packages = frozenset(name for call in calls for name in _list_installed(call))
    if reason := _find_reason_in_numbers(packages):
        return reason
    if not any(map(_COMPILERS.fullmatch, packages)):
        return ""
    if reason := _find_reason_beside_compilers(packages):
        return reason
    if starts_script and _VERSION_CONTROL & packages and not any(map(_compiles, calls)):
        return "it has compilers and Git, and compiles nothing: others build in it"
    return ""


def find_debugger_reason(rule_input: RuleInput) -> str:
    """Return the reason that a tool of PHP's developers gives; empty if there is none."""
    calls = [call for step in rule_input.steps for call in step.calls]
    if any(_installs_extension(call, _XDEBUG) for call in calls):
        return "it is made for development: it installs Xdebug"
    is_production = any(call.name == "composer" and call.has_option("--no-dev") for call in calls)
    if not is_production and any(_installs_extension(call, _PCOV) for call in calls):
        return "it is made for development: it installs PCOV"
    return ""


def _installs_extension(call: Call, name: re.Pattern[str]) -> bool:
    """Return True if an extension of PHP is installed whatever a build argument says."""
    is_install = call.name in _PHP_INSTALLERS or (
        call.subcommand in INSTALL_SUBCOMMANDS.get(call.name, ())
    )
    return (
        is_install and not call.command.enclosing and any(map(name.fullmatch, call.known_arguments))
    )


def _find_reason_beside_compilers(packages: frozenset[str]) -> str:
    """Return the reason that a package gives which starts compilers when the container runs."""
    if any(name.partition("-")[0] in _COMPILE_SERVERS for name in packages):
        return "it compiles for other machines"
    if _ENGINES & packages:
        return "it has compilers and an engine of containers: others build in it"
    if _KERNEL_MODULES & packages:
        return "it has compilers and tools of kernel modules: it builds these when it runs"
    return ""


def _find_reason_in_numbers(packages: frozenset[str]) -> str:
    """Return the reason that many languages, or many tools for a terminal, give."""
    languages = sum(any(map(language.fullmatch, packages)) for language in _LANGUAGES)
    if languages >= _MANY_LANGUAGES:
        return f"it has compilers of {languages} languages"
    for of_people, many in (
        (_TERMINAL_TOOLS, _MANY_TERMINAL_TOOLS),
        (_FAULT_TOOLS, _MANY_FAULT_TOOLS),
    ):
        if len(tools := sorted(of_people & packages)) >= many:
            return f"it has {', '.join(tools[:-1])} and {tools[-1]}: people work in it"
    return ""


def _list_installed(call: Call) -> Iterator[str]:
    if call.subcommand in INSTALL_SUBCOMMANDS.get(call.name, ()):
        yield from (re.split("[=<>~]", value)[0] for value in call.known_arguments)


def _compiles(call: Call) -> bool:
    return compiles_dependencies(call) and not _TOOL_INSTALLS.fullmatch(describe_call(call))
