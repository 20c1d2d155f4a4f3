"""Development dependencies that are installed in the final stage."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.advise.clear_starts import has_clear_start
from bot.advise.compose_uses import list_compose_uses, mounts_sources
from bot.advise.container_tests import runs_tests_in_container
from bot.advise.copy_targets import lacks_program
from bot.advise.database_seeds import seeds_in_production
from bot.advise.dev_requirements import installs_dev_requirements, installs_requirements
from bot.advise.dockerfile_changes import insert_after
from bot.advise.finding import Finding, FixSafety
from bot.advise.image_names import is_development_name
from bot.advise.image_purpose import find_work_reason
from bot.advise.node_imports import list_source_packages, list_undeclared_packages
from bot.advise.node_manifests import (
    installs_with_dev_packages,
    list_dev_packages,
    list_required_packages,
    name_programs,
)
from bot.advise.project_files import declares_dev_dependencies
from bot.advise.script_paths import find_folder, list_later_calls, removes_folder
from bot.advise.started_commands import read_start_commands
from bot.advise.started_scripts import find_final_folder, read_started_scripts
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call


@dataclass(frozen=True, slots=True)
class _DevDependencyOptions:
    """The options and variables with which a package manager excludes them."""

    folder: str
    subcommands: tuple[str, ...]
    exclude_option: str
    excluding_options: tuple[str, ...]
    excluding_variables: Mapping[str, tuple[str, ...]]


_NODE_VARIABLES = {
    "NODE_ENV": ("production",),
    "NPM_CONFIG_OMIT": ("dev",),
    "NPM_CONFIG_PRODUCTION": ("true",),
}
_POETRY_OPTIONS = ("--only", "--only-root", "--without", "--no-dev")
_UV_OPTIONS = ("--no-dev", "--only-group", "--no-default-groups", "--no-group")
_PACKAGE_MANAGERS = {
    "npm": _DevDependencyOptions(
        "node_modules",
        ("ci", "install", "i", "clean-install"),
        "--omit=dev",
        ("--omit", "--production", "--only", "-g", "--global"),
        _NODE_VARIABLES,
    ),
    "pnpm": _DevDependencyOptions(
        "node_modules",
        ("install", "i"),
        "--prod",
        ("--prod", "-P", "--production"),
        _NODE_VARIABLES,
    ),
    "composer": _DevDependencyOptions(
        "vendor", ("install",), "--no-dev", ("--no-dev",), {"COMPOSER_NO_DEV": ("1",)}
    ),
    "poetry": _DevDependencyOptions(".venv", ("install",), "--only main", _POETRY_OPTIONS, {}),
    "uv": _DevDependencyOptions(".venv", ("sync",), "--no-dev", _UV_OPTIONS, {"UV_NO_DEV": ("1",)}),
}
_STAGE_TITLE = "Keep development dependencies out of the final image"
_REQUIREMENTS_MESSAGE = (
    "The name of the requirements says that the program does not need them. Install those for "
    "development and tests in another stage, or behind a build argument."
)
# `npm prune --omit=dev` and `pnpm deploy --prod` remove them later.
_PRUNE_SUBCOMMANDS = ("prune", "deploy")
_PROGRAM_FOLDERS = ("node_modules/.bin/", "vendor/bin/")
_BUILDERS = ("npx", "tsc", "vite", "webpack", "ng", "next", "nx", "turbo", "lerna", "gulp", "grunt")
# Those of them that a shell script means, whatever it says else.
_RUNNERS = ("npx", "bunx", "ts-node", "ts-node-dev", "tsx", "nodemon", "prisma")
# `pnpm build`, `npm run dev`: in a script that the container starts.
_SCRIPT_BUILD = re.compile(r"(?m)(?:^|&&|[;|(])\s*(?:npm|pnpm|yarn)(?: run)? (?:build|dev|test)\b")
# Faker and the like, with which a database is filled: Laravel, Doctrine.
_SEED = re.compile(r"\bdb:seed\b|--seed\b|\bdoctrine:fixtures\b")
# uv installs the default groups again before it starts a program.
_UV_RUN = re.compile(r"\buv run\b(?!.*--no-(?:dev|sync)\b)")
_SHELL_WORD = re.compile(r"[\w@./-]+")
# Programs that come as development dependencies, and scripts that start them.
_DEVELOPMENT_PROGRAMS = (
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "vite",
    "webpack",
    "webpack-dev-server",
    "next",
    "ng",
    "react-scripts",
    "prisma",
    "npx",
    "phpunit",
    "pytest",
    "dev",
    "start:dev",
    "test",
    "serve",
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs them, unless they are pruned, removed or started."""
    if any(_starts_development_program(step) for step in rule_input.steps):
        return
    if find_work_reason(rule_input) or _may_start_dev_dependency(rule_input):
        return
    # Developers mount the sources over such an image, or test in it.
    if lacks_program(rule_input) or mounts_sources(
        rule_input, rule_input.ask_once(list_compose_uses)
    ):
        return
    if runs_tests_in_container(rule_input):
        return
    pruning_line = _find_last_line(rule_input, lambda call: call.subcommand in _PRUNE_SUBCOMMANDS)
    # A build behind the install needs them: an edit of that line would break it.
    using_line = _find_last_line(rule_input, _uses_dev_dependency)
    has_others = any(map(installs_requirements, rule_input.list_run_calls()))
    for step in rule_input.iter_runs():
        if any(installs_dev_requirements(call, has_others=has_others) for call in step.calls):
            yield Finding(step.instruction, _STAGE_TITLE, _REQUIREMENTS_MESSAGE)
        installs = [call for call in step.calls if _installs_project(call)]
        calls = [call for call in installs if _installs_dev_dependencies(step, call)]
        # An `if` with both: which of them runs is up to an argument of the build.
        if len(calls) < len(installs) or any(map(_excludes_dev_dependencies, step.calls)):
            continue
        calls = [
            call
            for call in calls
            if declares_dev_dependencies(rule_input, step, call)
            and not (call.name == "composer" and rule_input.ask_once(seeds_in_production))
        ]
        is_pruned = pruning_line >= step.instruction.line_start
        if calls and not is_pruned and not _removes_dependencies(rule_input, step, calls):
            has_build = using_line >= step.instruction.line_start
            if not has_build and installs_with_dev_packages(
                rule_input, find_folder(step, calls[0])
            ):
                continue
            user = "build" if has_build else _find_development_stage(rule_input, step)
            yield _build_finding(step, calls, user)


def _find_last_line(rule_input: RuleInput, matches: Callable[[Call], bool]) -> int:
    """Return the line of the last `RUN` with such a call; 0 if there is none."""
    lines = (x.instruction.line_start for x in rule_input.iter_runs() if any(map(matches, x.calls)))
    return max(lines, default=0)


def _removes_dependencies(rule_input: RuleInput, step: Step, calls: list[Call]) -> bool:
    """Return True if the `RUN`, or a later one, removes the folder that it installs to."""
    folders = [_PACKAGE_MANAGERS[call.name].folder for call in calls]
    later = list_later_calls(step, calls)
    places = (find_folder(step, call) for call in calls)
    if all(place and removes_folder(step, place, later) for place in places):
        return True
    return any(
        folder in word.text.strip("\"'").split("/")
        for other in (step, *rule_input.steps_after(step))
        for call in other.calls
        if call.name == "rm"
        for word in call.arguments
        for folder in folders
    )


def _find_development_stage(rule_input: RuleInput, step: Step) -> str:
    """Return a name for a stage for developers on the one of an install; empty if there is none."""
    finals = [stage.index for stage in rule_input.final_stages]
    for stage in rule_input.dockerfile.stages:
        bases = [base.index for base in rule_input.plan.list_base_chain(stage)]
        is_other = stage.index not in finals and step.stage.index in bases
        if is_other and stage.name and is_development_name(stage.name):
            return f"stage `{stage.name}`"
    return ""


def _build_finding(step: Step, calls: list[Call], user: str) -> Finding:
    """Build the finding; if something else has a use for them, only people can fix it."""
    option = _PACKAGE_MANAGERS[calls[0].name].exclude_option
    if user:
        verb = "Build" if user == "build" else "Install them"
        message = (
            f"The {user} needs them, the program does not. {verb} in another stage, and install "
            f"with `{option}` in the final stage."
        )
        return Finding(step.instruction, _STAGE_TITLE, message)
    # The words of a JSON list have no places of their own in the file.
    is_json = step.instruction.is_json
    changes = () if is_json else tuple(_exclude_dev_dependencies(call) for call in calls)
    return Finding(
        step.instruction,
        f"Install with `{option}`",
        "Development dependencies are installed as well. Check that the program starts without "
        "them, and that no install script calls one (husky, patch-package).",
        changes=changes,
        safety=FixSafety.NEEDS_CHECK,
    )


def _exclude_dev_dependencies(call: Call) -> TextChange:
    return insert_after(call.operands[0], _PACKAGE_MANAGERS[call.name].exclude_option)


def _excludes_dev_dependencies(call: Call) -> bool:
    """Return True for `poetry install --only main`, whose option has a word of its own."""
    manager = _PACKAGE_MANAGERS.get(call.name)
    if manager is None or call.subcommand not in manager.subcommands:
        return False
    is_global = call.has_option("-g", "--global")
    return not is_global and call.has_option(*manager.excluding_options)


def _installs_project(call: Call) -> bool:
    """Return True if a command installs what a project declares, nothing by its name."""
    manager = _PACKAGE_MANAGERS.get(call.name)
    is_install = manager is not None and call.subcommand in manager.subcommands
    # `npm install express` names what it installs, and takes development dependencies along or not.
    return is_install and len(call.operands) < 2 and not call.has_option("-g", "--global")


def _installs_dev_dependencies(step: Step, call: Call) -> bool:
    """Return True if such a command excludes nothing."""
    manager = _PACKAGE_MANAGERS[call.name]
    assigned = {x.name: x.value.value if x.value else "" for x in call.command.assignments}
    variables = {**step.variables, **assigned}
    is_excluded = any(
        variables.get(name) in values for name, values in manager.excluding_variables.items()
    )
    return not is_excluded and not call.has_option(*manager.excluding_options)


def _uses_dev_dependency(call: Call) -> bool:
    """Return True for a build, and for a program that the install puts into the project."""
    # DoctrineFixturesBundle: "composer require --dev orm-fixtures".
    if any("doctrine:fixtures" in value for value in call.known_arguments):
        return True
    first = call.command.words[0].text if call.command.words else ""
    if any(folder in first for folder in _PROGRAM_FOLDERS) or call.name in _BUILDERS:
        return True
    if call.name in ("poetry", "uv", "pipenv"):
        return call.subcommand == "run"
    if call.name == "composer":
        return call.subcommand in ("run-script", "run", "exec")
    if call.name not in ("npm", "yarn", "pnpm"):
        return False
    return call.subcommand in ("run", "run-script", "exec", "test", "build", "rebuild") or any(
        "build" in argument for argument in call.known_arguments
    )


def _starts_development_program(step: Step) -> bool:
    """Return True if the container starts a development dependency."""
    script = step.instruction.script
    if step.instruction.keyword not in ("CMD", "ENTRYPOINT") or script is None:
        return False
    words = (word for command in script.commands for word in command.words)
    return any((word.value or "").rpartition("/")[2] in _DEVELOPMENT_PROGRAMS for word in words)


def _imports_undeclared(
    rule_input: RuleInput, dev_packages: frozenset[str], imported: Iterable[str]
) -> bool:
    """Return True if what starts imports a package that none declares: another one brings it.

    `express` of MarquezProject/marquez comes with webpack-dev-server alone.
    """
    required = list_required_packages(rule_input, find_final_folder(rule_input))
    context = rule_input.context
    # `src/store`, where a compiler resolves names from the top of the project.
    folders = {path.partition("/")[0] for path in (context.file_sizes if context else ())}
    declared = {*required, *dev_packages, *folders}
    undeclared = list_undeclared_packages(imported, declared)
    return bool(dev_packages) and any(True for _ in undeclared)


def _may_start_dev_dependency(rule_input: RuleInput) -> bool:
    """Return True if the container starts or imports one, or if what it starts is not known.

    An entry script often migrates a database first, with a tool of development: `npx prisma`.
    """
    started = rule_input.ask_once(read_started_scripts)
    packages = list_dev_packages(rule_input, find_final_folder(rule_input))
    imported = started.packages.started | started.packages.named
    if started.packages.has_unread_file:
        imported |= set(list_source_packages(rule_input))
    is_clear = has_clear_start(rule_input) and not started.has_unread_manifest
    if not is_clear or not packages.isdisjoint(imported):
        return True
    if _imports_undeclared(rule_input, packages, started.packages.started):
        return True
    declared = name_programs(packages)
    texts = " ".join((*started.shell_scripts, *started.commands))
    if _SCRIPT_BUILD.search(texts) or _SEED.search(texts) or _UV_RUN.search(texts):
        return True
    programs = {*_BUILDERS, *_DEVELOPMENT_PROGRAMS, *declared}
    if not programs.isdisjoint(started.package_words):
        return True
    names = {command[0] for command in read_start_commands(rule_input).commands}
    words = (word for text in started.shell_scripts for word in _SHELL_WORD.findall(text))
    return not {*_RUNNERS, *declared}.isdisjoint((*names, *words))
