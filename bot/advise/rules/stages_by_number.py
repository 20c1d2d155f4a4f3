"""`--from=0`: right until somebody puts a stage in front."""

import re
from collections.abc import Iterator

from bot.advise.finding import Finding, Tier
from bot.advise.subject import Subject
from bot.dockerfile.arguments import Flag
from bot.dockerfile.edits import Change
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Borrowing, Dockerfile, Stage


def find(subject: Subject) -> Iterator[Finding]:
    """Every stage that others take from by its number."""
    dockerfile = subject.dockerfile
    needed = dockerfile.needed(subject.target, subject.build_args)
    found = [x for stage in needed for x in dockerfile.borrowings(stage) if x.name.isdecimal()]
    for number in sorted({x.name for x in found}, key=int):
        users = [borrowing for borrowing in found if borrowing.name == number]
        stage = users[0].stage
        if stage:
            name = stage.name or _free_name(dockerfile, stage)
            yield Finding(
                users[0].statement,
                f"Call stage {number} by a name",
                f"A number means another stage as soon as one is put in front. `{name}` stays what "
                "it is, and says what it is for.",
                changes=tuple(_changes(users, stage, name)),
                tier=Tier.APPLY,
            )


def _changes(users: list[Borrowing], stage: Stage, name: str) -> Iterator[Change]:
    if stage.name is None:
        end = stage.origin.arguments.span.end
        yield Change(Span(end, end), f" AS {name}")
    for statement in dict.fromkeys(user.statement for user in users):
        for flag in statement.flags:
            renamed = _renamed(flag, users[0].name, name)
            if renamed != flag.text:
                yield Change(flag.span, renamed)


def _renamed(flag: Flag, number: str, name: str) -> str:
    if flag.name == "from" and flag.value == number:
        return f"--from={name}"
    if flag.name == "mount":
        return re.sub(rf"(?<=[,=])from={number}(?=,|$)", f"from={name}", flag.text)
    return flag.text


def _free_name(dockerfile: Dockerfile, stage: Stage) -> str:
    """`build`, if no stage and no image that is copied from is called that."""
    taken = {(x.name or "").lower() for x in dockerfile.stages}
    taken |= {name for x in dockerfile.statements for name in x.origins}
    return "build" if "build" not in taken else f"stage-{stage.index}"
