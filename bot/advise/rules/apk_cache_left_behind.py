"""The index that `apk add` keeps where nobody tells it not to."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import behind, without_word
from bot.advise.finding import Finding, Tier
from bot.advise.package_caches import Manager, is_emptied, worth
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Script

_APK = Manager("apk", ("add",), ("/var/cache/apk", "/etc/apk/cache"))
_UPDATES = ("--update", "--update-cache", "-U")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` with an `apk add` that keeps its index."""
    for step in subject.runs():
        adds = [call for call in step.calls if call.does("apk", "add")]
        kept = [call for call in adds if not call.has("--no-cache")]
        if kept and not is_emptied(step, _APK):
            yield Finding(
                step.statement,
                "Let `apk add` fetch its index without keeping it",
                "With `--no-cache` the index is fetched anew and not stored, so `--update` and "
                "`apk update` are not needed either.",
                worth(subject, step, _APK.places),
                tuple(_changes(subject, step, kept)),
                Tier.APPLY,
            )


def _changes(subject: Subject, step: Step, adds: list[Call]) -> Iterator[Change]:
    for call in adds:
        yield behind(call.operands[0], "--no-cache")
        for word in call.arguments:
            if word.value in _UPDATES:
                yield without_word(subject.dockerfile, word)
    script = step.statement.script
    if script:
        yield from _without_updates(step, script)


def _without_updates(step: Step, script: Script) -> Iterator[Change]:
    """The first `apk update` gone, if it can be left out; of two, the second would lose its joint."""
    updates = [call for call in step.calls if call.does("apk", "update")]
    span = script.removal(updates[0].command) if len(updates) == 1 else None
    if span:
        yield Change(span, "")
