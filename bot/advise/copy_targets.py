"""Where `COPY` and `ADD` put what they copy."""

import posixpath
from collections.abc import Iterator

from bot.advise.subject import Step

_FOLDER_SUFFIXES = ("/", "/.")


def is_copy(step: Step) -> bool:
    """Whether an instruction copies files that are not written in the Dockerfile itself."""
    statement = step.instruction
    return (
        statement.keyword in ("ADD", "COPY")
        and len(statement.arguments) > 1
        and not statement.heredocs
    )


def list_copy_sources(step: Step) -> tuple[str, ...]:
    """What is copied, as written."""
    return step.instruction.arguments[:-1]


def resolve_copy_destination(step: Step) -> str | None:
    """Where to, as the container knows it; None if that cannot be told."""
    return step.resolve_path(step.instruction.arguments[-1])


def resolve_copied_path(step: Step) -> str | None:
    """The path of the only thing copied: `/x/run.sh` for `COPY run.sh /x/`."""
    given, target = step.instruction.arguments[-1], resolve_copy_destination(step)
    if target is None or len(list_copy_sources(step)) != 1:
        return None
    name = posixpath.basename(list_copy_sources(step)[0].rstrip("/"))
    into = given in (".", "./") or given.endswith(_FOLDER_SUFFIXES)
    return posixpath.join(target, name) if into and name not in ("", ".") else target


def iter_context_copies(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Those that copy from the build context."""
    for step in steps:
        if is_copy(step) and step.instruction.flag_value("from") is None:
            yield step


def copies_whole_context(step: Step) -> bool:
    """Whether `COPY . …` takes all there is."""
    return any(source in (".", "./", "/", "*", "./*") for source in list_copy_sources(step))
