"""Packages that nobody asked for: apt installs what others only recommend."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import behind
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.instruction import Statement
from bot.dockerfile.shell_calls import Call

_APT = ("apt-get", "apt")
_SAID, _SETTING = "install-recommends", "::install-recommends"


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs with recommendations, where no setting turns them off."""
    for step in subject.runs():
        if any(_sets_it(each.statement) for each in subject.before(step)):
            return
        calls = [call for call in step.calls if _asks_for_more(call)]
        if calls and not _is_switched_off(step):
            yield Finding(
                step.statement,
                "Install no packages that are only recommended",
                "Check what the program needs of them: `ca-certificates` is only recommended by "
                "curl and git, `openssh-client` by git. Name those that it does need.",
                changes=tuple(
                    behind(call.operands[0], "--no-install-recommends") for call in calls
                ),
                tier=Tier.CHECK,
            )


def _sets_it(statement: Statement) -> bool:
    """Whether an instruction turns recommendations off, in a file that it writes perhaps."""
    texts = (*(x.body.text for x in statement.heredocs), statement.text)
    return any(_SETTING in text.lower() for text in texts)


def _asks_for_more(call: Call) -> bool:
    installs = call.name in _APT and call.verb == "install"
    return installs and not any(_SAID in word.text.lower() for word in call.arguments)


def _is_switched_off(step: Step) -> bool:
    """Whether the same `RUN` writes a setting of apt's before."""
    script = step.statement.script
    return script is not None and any(
        _SAID in word.text.lower() and not (command.name or "").startswith("apt")
        for command in script.commands
        for word in command.words
    )
