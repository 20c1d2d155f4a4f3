"""Where `COPY` and `ADD` put what they copy."""

import posixpath
from collections.abc import Iterator

from bot.advise.subject import Step

_FOLDER = ("/", "/.")


def is_copy(step: Step) -> bool:
    """Whether an instruction copies files that are not written in the Dockerfile itself."""
    statement = step.statement
    return (
        statement.keyword in ("ADD", "COPY") and len(statement.words) > 1 and not statement.heredocs
    )


def sources(step: Step) -> tuple[str, ...]:
    """What is copied, as written."""
    return step.statement.words[:-1]


def destination(step: Step) -> str | None:
    """Where to, as the container knows it; None if that cannot be told."""
    return step.path(step.statement.words[-1])


def landing(step: Step) -> str | None:
    """The path of the only thing copied: `/x/run.sh` for `COPY run.sh /x/`."""
    given, target = step.statement.words[-1], destination(step)
    if target is None or len(sources(step)) != 1:
        return None
    name = posixpath.basename(sources(step)[0].rstrip("/"))
    into = given in (".", "./") or given.endswith(_FOLDER)
    return posixpath.join(target, name) if into and name not in ("", ".") else target


def from_context(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Those that copy from the build context."""
    for step in steps:
        if is_copy(step) and step.statement.flag("from") is None:
            yield step


def is_whole_context(step: Step) -> bool:
    """Whether `COPY . …` takes all there is."""
    return any(source in (".", "./", "/", "*", "./*") for source in sources(step))
