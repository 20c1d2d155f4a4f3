"""The entry point: what is started can be started, down to what its scripts call."""

import posixpath
from collections.abc import Iterator

from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit
from bot.verify.started_programs import starts


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """The programs that start in the old image and not in the new, and files named as arguments."""
    old, new = exhibit.old, exhibit.new
    arguments = new.settings.arguments
    if not arguments:
        if old.settings.arguments:
            yield Objection(Lesson.SETTING, "CMD", "The new image has no command.")
        return
    # What the old command starts is asked of the new image too, as long as it is the same command.
    wanted = starts(exhibit, new, arguments)
    if arguments == old.settings.arguments:
        wanted += starts(exhibit, old, arguments)
    for start in dict.fromkeys(wanted):
        before, after = old.program(start.name), new.program(start.name)
        if after is None and (before is not None or start.by == "the command"):
            yield _gone(start.name, start.by, before)
    yield from _arguments(exhibit, arguments)


def _arguments(exhibit: Exhibit, arguments: tuple[str, ...]) -> Iterator[Objection]:
    """Arguments that are files: `python app.py`."""
    old, new = exhibit.old, exhibit.new
    for word in arguments[1:]:
        place = posixpath.join(new.workdir, word)
        if "/" not in word and "." not in word:
            continue
        there = old.paths.real(posixpath.join(old.workdir, word))
        if there and new.paths.real(place) is None:
            message = f"The command names {word}, which the new image does not have."
            yield Objection(Lesson.FILE, place.strip("/"), message, path=there)


def _gone(name: str, by: str, before: str | None) -> Objection:
    lesson = Lesson.INTERPRETER if name.startswith("/") and by.startswith("/") else Lesson.PROGRAM
    message = f"{by} starts {name}, which the new image does not have, or not executable."
    return Objection(lesson, name, message[0].upper() + message[1:], path=before or "", detail=by)
