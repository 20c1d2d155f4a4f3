"""Package managers, and the caches that they leave in the layer of whoever ran them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.dockerfile_changes import appended
from bot.advise.finding import Finding, Tier
from bot.advise.path_patterns import speaks_of
from bot.advise.subject import Step, Subject
from bot.dockerfile.shell_calls import Call

_CRUMBS = 1_000  # bytes below which a cache is an empty one
_REMOVERS = ("rm", "find", "unlink", "truncate")


@dataclass(frozen=True, slots=True)
class Manager:
    """A package manager: the verbs that fill its cache, where that is, and how it is emptied.

    `idle` are options that leave nothing behind, `cleaners` verbs that tidy up.
    """

    name: str
    verbs: tuple[str, ...]
    places: tuple[str, ...]
    cleaner: str = ""
    idle: tuple[str, ...] = ()
    cleaners: tuple[str, ...] = ("clean",)


def uses(step: Step, managers: Sequence[Manager]) -> Iterator[tuple[Manager, Call]]:
    """The calls that fill a manager's cache, in a `RUN` that does not empty it again."""
    for manager in managers:
        calls = [x for x in step.calls if x.does(manager.name, *manager.verbs)]
        kept = [x for x in calls if not x.has(*manager.idle)]
        if kept and not is_emptied(step, manager):
            yield manager, kept[-1]


def is_emptied(step: Step, manager: Manager) -> bool:
    """Whether the manager is told to tidy up, its cache is removed, or lies in a mount."""
    tidied = any(call.name == manager.name and call.verb in manager.cleaners for call in step.calls)
    mounted = any(step.mounts(place) for place in manager.places)
    return tidied or mounted or any(removes(step, place) for place in manager.places)


def removes(step: Step, place: str) -> bool:
    """Whether a `RUN` removes a place, or what is in it, in plain words."""
    return any(
        speaks_of(word.text, place)
        for call in step.calls
        if call.name in _REMOVERS
        for word in call.arguments
    )


def left_behind(
    subject: Subject, managers: Sequence[Manager], title: str, message: str
) -> Iterator[Finding]:
    """Caches that one more command at the end of the same `RUN` empties."""
    for step in subject.runs():
        used = list(uses(step, managers))
        if not used:
            continue
        cleaners = dict.fromkeys(manager.cleaner for manager, _ in used)
        places = [place for manager, _ in used for place in manager.places]
        yield Finding(
            step.statement,
            title,
            message,
            saving=worth(subject, step, places),
            changes=appended(subject.dockerfile, step.statement, " && ".join(cleaners)),
            tier=Tier.APPLY,
        )


def worth(subject: Subject, step: Step, places: Sequence[str]) -> int | None:
    """What an instruction's layer holds of caches; None if nothing was measured."""
    saving = subject.weigh(step, *places)
    return 0 if saving is not None and saving < _CRUMBS else saving
