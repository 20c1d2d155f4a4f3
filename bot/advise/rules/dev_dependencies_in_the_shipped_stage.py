"""Packages for tests and builds, installed where the program only runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.advise.dockerfile_changes import behind
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call


@dataclass(frozen=True, slots=True)
class _Manager:
    """How a package manager is told to leave them out; `settings` are variables that do the same."""

    verbs: tuple[str, ...]
    option: str
    told: tuple[str, ...]
    settings: Mapping[str, tuple[str, ...]]


_NODE = {
    "NODE_ENV": ("production",),
    "NPM_CONFIG_OMIT": ("dev",),
    "NPM_CONFIG_PRODUCTION": ("true",),
}
_MANAGERS = {
    "npm": _Manager(
        ("ci", "install", "i", "clean-install"),
        "--omit=dev",
        ("--omit", "--production", "--only", "-g", "--global"),
        _NODE,
    ),
    "pnpm": _Manager(("install", "i"), "--prod", ("--prod", "-P", "--production"), _NODE),
    "composer": _Manager(("install",), "--no-dev", ("--no-dev",), {"COMPOSER_NO_DEV": ("1",)}),
    "poetry": _Manager(("install",), "--only main", ("--only", "--without", "--no-dev"), {}),
    "uv": _Manager(("sync",), "--no-dev", ("--no-dev", "--only-group"), {"UV_NO_DEV": ("1",)}),
}
_PRUNES = ("prune", "deploy")
# Programs that come as development dependencies, and scripts that start them.
_FOR_DEVELOPERS = (
    "nodemon", "ts-node", "ts-node-dev", "tsx", "vite", "webpack", "webpack-dev-server", "next",
    "ng", "react-scripts", "prisma", "npx", "phpunit", "pytest", "dev", "start:dev", "test", "serve",
)  # fmt: skip


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs them in a stage that ships, unless they are pruned or wanted."""
    if any(_wants(step) for step in subject.steps):
        return
    for step in subject.runs():
        calls = [call for call in step.calls if _installs_all(step, call)]
        rest = (step, *subject.after(step))
        if calls and not any(call.verb in _PRUNES for later in rest for call in later.calls):
            builds = any(_builds(call) for later in rest for call in later.calls)
            yield _finding(step, calls, builds=builds)


def _finding(step: Step, calls: list[Call], *, builds: bool) -> Finding:
    option = _MANAGERS[calls[0].name].option
    if builds:
        message = (
            "The build needs them, the program does not. Build in a stage of its own, and install "
            f"with `{option}` in the one that ships."
        )
        return Finding(step.statement, "Ship no packages that only the build needs", message)
    changes = tuple(_without(call) for call in calls)
    return Finding(
        step.statement,
        f"Install with `{option}`",
        "Packages for development are installed with the others. Check that the program starts "
        "without them, and that no script of the installation calls one (husky, patch-package).",
        changes=changes,
        tier=Tier.CHECK,
    )


def _without(call: Call) -> Change:
    return behind(call.operands[0], _MANAGERS[call.name].option)


def _installs_all(step: Step, call: Call) -> bool:
    """Whether a command installs a project whole, nothing having told it to leave some out."""
    manager = _MANAGERS.get(call.name)
    if manager is None or call.verb not in manager.verbs or len(call.operands) > 1:
        return False
    set_here = {x.name: x.value.value if x.value else "" for x in call.command.assignments}
    known = {**step.known, **set_here}
    told = any(known.get(name) in values for name, values in manager.settings.items())
    return not told and not call.has(*manager.told)


def _builds(call: Call) -> bool:
    if call.name in ("tsc", "vite", "webpack", "ng", "next"):
        return True
    return call.name in ("npm", "yarn", "pnpm", "npx") and any("build" in x for x in call.values)


def _wants(step: Step) -> bool:
    """Whether the container starts something that is a development dependency."""
    script = step.statement.script
    if step.statement.keyword not in ("CMD", "ENTRYPOINT") or script is None:
        return False
    words = (word for command in script.commands for word in command.words)
    return any((word.value or "").rpartition("/")[2] in _FOR_DEVELOPERS for word in words)
