"""Wheels that pip and uv keep to install them once more, which no container does."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import behind
from bot.advise.finding import Finding, Tier
from bot.advise.package_caches import Manager, uses, worth
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

_PIP = Manager(
    "pip",
    ("install", "wheel", "download"),
    ("~/.cache/pip",),
    "--no-cache-dir",
    idle=("--no-cache-dir",),
    cleaners=("cache",),
)
_UV = Manager(
    "uv",
    ("pip", "sync", "add", "tool"),
    ("~/.cache/uv",),
    "--no-cache",
    idle=("--no-cache", "-n"),
    cleaners=("cache",),
)
_SWITCHES = {"pip": "PIP_NO_CACHE_DIR", "uv": "UV_NO_CACHE"}
_MOVED = {"pip": "PIP_CACHE_DIR", "uv": "UV_CACHE_DIR"}
_OFF = ("", "0", "false", "no", "off")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` in which pip or uv installs and keeps what it downloaded."""
    for step in subject.runs():
        used = [(x, call) for x, call in uses(step, (_PIP, _UV)) if not _is_told(step, x.name)]
        if used:
            names = " and ".join(f"`{x.cleaner}`" for x, _ in used)
            yield Finding(
                step.statement,
                "Install without keeping the downloads",
                f"The cache is there for the next installation; a container has none. {names} "
                "installs the same packages.",
                worth(subject, step, [place for x, _ in used for place in x.places]),
                tuple(change for x, _ in used for change in _changes(step, x)),
                Tier.APPLY,
            )


def _changes(step: Step, manager: Manager) -> Iterator[Change]:
    """The option, for each call that lacks it, behind its verb."""
    for call in step.calls:
        if call.does(manager.name, *manager.verbs) and not call.has(*manager.idle):
            yield behind(_verb_of(call), manager.cleaner)


def _verb_of(call: Call) -> Word:
    """`uv pip install` has two words for a verb."""
    return call.operands[1] if call.verb in ("pip", "tool") else call.operands[0]


def _is_told(step: Step, name: str) -> bool:
    """Whether a variable turns the cache off, or moves it where we do not know."""
    script = step.statement.script
    exported = {
        given.name: (given.value and given.value.value) or ""
        for command in (script.commands if script else ())
        for given in command.assignments
    }
    known = {**step.known, **exported}
    switch = known.get(_SWITCHES[name])
    return _MOVED[name] in known or (switch is not None and switch.lower() not in _OFF)
