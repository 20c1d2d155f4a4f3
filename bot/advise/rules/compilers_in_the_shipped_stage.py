"""Compilers and headers that were needed to build, shipped to where nothing is built."""

import re
from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.subject import Step, Subject
from bot.dockerfile.shell_calls import Call

_INSTALLERS = {
    "apt-get": "install",
    "apt": "install",
    "apk": "add",
    "dnf": "install",
    "yum": "install",
    "microdnf": "install",
    "zypper": "install",
}
_REMOVALS = ("remove", "purge", "autoremove", "del", "erase", "rm")
_COMPILERS = re.compile(
    r"(?:build-essential|build-base|gcc|g\+\+|gcc-c\+\+|clang|cpp|binutils|make|cmake|ninja-build|"
    r"autoconf|automake|libtool|pkg-config|rustc|cargo|golang(?:-go)?|maven|gradle|"
    r"linux-headers(?:-\S+)?|linux-libc-dev|musl-dev)(?:-\d[\d.]*)?|\S+-(?:dev|devel)"
)
# Packages by their own names that these bring along.
_BROUGHT = re.compile(rf"(?:{_COMPILERS.pattern})|(?:cpp|gcc|g\+\+|binutils|lib\S+-dev)-\S+")
_AT_WORK = re.compile(r"dev|build|test|ci|devcontainer|toolbox", re.IGNORECASE)
_AT_START = ("make", "gcc", "cargo", "go", "mvn", "gradle", "npm", "pip", "bundle", "bash", "sh")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs them and does not remove them; nothing in images made to build."""
    if _is_made_to_build(subject):
        return
    for step in subject.runs():
        tools = [name for call in step.calls for name in _tools(call)]
        if tools and not any(call.verb in _REMOVALS for call in step.calls if _installs(call)):
            named = ", ".join(f"`{name}`" for name in tools[:5])
            yield Finding(
                step.statement,
                "Leave the compilers in a stage of their own",
                f"{named}: build in one stage and `COPY --from` it what was built. Check which "
                "libraries the result loads: a `-dev` package brings those along, so that the last "
                "stage has to install them by their own names.",
                _saving(subject, step),
            )


def _tools(call: Call) -> list[str]:
    """The compilers and headers among what a command installs."""
    if _INSTALLERS.get(call.name) != call.verb:
        return []
    names = (value.partition("=")[0] for value in call.values)
    return [name for name in names if _COMPILERS.fullmatch(name)]


def _installs(call: Call) -> bool:
    return call.name in _INSTALLERS


def _is_made_to_build(subject: Subject) -> bool:
    """Images for developers, builders, and bases: their compilers are what they are for."""
    stage = subject.stages[-1] if subject.stages else None
    if stage is None or _AT_WORK.search(f"{stage.name or ''} {subject.target or ''}"):
        return True
    keywords = {step.statement.keyword for step in subject.steps}
    started = [step for step in subject.steps if step.statement.keyword in ("CMD", "ENTRYPOINT")]
    return "ONBUILD" in keywords or any(_builds(step) for step in started[-1:])


def _builds(step: Step) -> bool:
    script = step.statement.script
    return script is not None and any(command.name in _AT_START for command in script.commands[:1])


def _saving(subject: Subject, step: Step) -> int | None:
    """What the packages of that kind weigh in the layer, those that came along too."""
    if subject.evidence is None:
        return None
    layer = subject.evidence.layer(step.statement)
    owners = layer.owners.items() if layer else ()
    return sum(
        size
        for owner, size in owners
        if owner.kind in ("deb", "apk", "rpm") and _BROUGHT.fullmatch(owner.name)
    )
