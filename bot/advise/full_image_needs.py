"""Dependencies and sources of a project that need what only a full base image has.

What they are must be known: dependencies that the context does not have may need anything.
"""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.copy_targets import iter_context_copies, list_copy_sources
from bot.advise.program_starts import starts_program
from bot.advise.project_files import list_node_requirements, list_requirements
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.shell_calls import Call
from bot.pattern_lists import compile_sections

_LIST = "full_images.txt"
_PYTHON_PACKAGES = compile_sections(
    "bot.advise", _LIST, "source distributions", "Python packages that need the full image"
)
_NODE_PACKAGES = compile_sections("bot.advise", _LIST, "Node packages that need the full image")
_PYTHON_INSTALLERS = ("pip", "poetry", "uv", "pipenv", "pdm")
_NODE_INSTALLERS = ("npm", "yarn", "pnpm")
_PYTHON_PROJECTS = ("pyproject.toml", "Pipfile", "setup.py", "setup.cfg")
_PACKAGE_WORD = re.compile(r"[A-Za-z][\w.-]*(?:\[[^\]]*\])?")
# `git+https://…` of pip and npm, `user/project` and `github:user/project` of npm.
_GIT_REQUIREMENT = re.compile(r"git\+|git@|git://|github:|gitlab:|bitbucket:|[\w-]+/[\w.-]+(?:#|$)")
# The first releases whose binaries fit every release of Node (Node-API); others may be compiled.
_FIRST_WITH_BINARIES = {"bcrypt": 5, "sqlite3": 5}
_MAJOR = re.compile(r"\d{1,6}")
# `subprocess.run(["git", …])`, `execSync("git clone …")`
_PROGRAM_START = re.compile(
    r"(?:subprocess\.\w+|Popen|os\.system|create_subprocess_\w+|exec(?:File)?(?:Sync)?|spawn(?:Sync)?|execa)"
    r"\([\s\[]*[fr]?[\"'`](?:/usr/bin/)?(?:git|hg|svn|curl|wget|unzip|bzip2|ssh|scp|gpg|convert|identify|"
    r"magick|make|gcc|ps|file)[\s\"'`]"
)


def has_needy_dependencies(rule_input: RuleInput, call: Call) -> bool:
    """Return True if what a package manager installs needs the full image, or is not known."""
    if call.name in _PYTHON_INSTALLERS:
        return _is_unknown(rule_input, call) or any(
            _PYTHON_PACKAGES.fullmatch(text.lower().replace("_", "-")) or "git+" in text
            for text in _list_python_packages(rule_input, call)
        )
    if call.name in _NODE_INSTALLERS:
        requirements = dict(list_node_requirements(rule_input))
        names = (*requirements, *(value.partition("@")[0] for value in call.known_arguments))
        # `npm install express` needs no package.json.
        is_unknown = len(call.operands) < 2 and _lacks(rule_input.context, "package.json")
        return (
            is_unknown
            or any(map(_NODE_PACKAGES.fullmatch, names))
            or any(map(_GIT_REQUIREMENT.match, requirements.values()))
            or any(_may_be_compiled(name, text) for name, text in requirements.items())
        )
    return False


def _may_be_compiled(name: str, version: str) -> bool:
    """Return True for a release of a package that has no binaries for a newer Node."""
    major = _MAJOR.search(version)
    return major is not None and int(major[0]) < _FIRST_WITH_BINARIES.get(name, 0)


def starts_full_program(rule_input: RuleInput) -> bool:
    """Return True if a source file of the context starts a program of the full image."""
    return starts_program(rule_input, _PROGRAM_START)


def starts_copied_program(rule_input: RuleInput) -> bool:
    """Return True if a copied program starts that is no script of the base's language.

    What it needs is not known: that of First-Derivative/bonsai starts what it is sent.
    """
    program = next(iter(read_start_commands(rule_input).main_command), "")
    name = posixpath.basename(program)
    copies = iter_context_copies(rule_input.steps)
    sources = (source for copy in copies for source in list_copy_sources(copy))
    return bool(name) and "." not in name and name in map(posixpath.basename, sources)


def _is_unknown(rule_input: RuleInput, call: Call) -> bool:
    """Return True if a file of requirements, or that of the project, is not in the context."""
    # Of these, only Pipenv takes packages by their names.
    is_named = call.name == "pipenv" and len(call.operands) > 1
    if call.name != "pip" and call.subcommand in ("install", "sync") and not is_named:
        return all(_lacks(rule_input.context, name) for name in _PYTHON_PROJECTS)
    names = [value for value in call.known_arguments if value.endswith((".txt", ".in"))]
    return any(_lacks(rule_input.context, posixpath.basename(name)) for name in names)


def _lacks(context: BuildContext | None, name: str) -> bool:
    files = context.file_sizes if context else {}
    return bool(files) and not any(posixpath.basename(path) == name for path in files)


def _list_python_packages(rule_input: RuleInput, call: Call) -> Iterator[str]:
    yield from list_requirements(rule_input, call)
    context = rule_input.context
    is_project = call.name != "pip" or "." in call.known_arguments
    for path in context.file_sizes if context and is_project else ():
        if posixpath.basename(path) in _PYTHON_PROJECTS and context:
            yield from _PACKAGE_WORD.findall(context.read_text(path))
