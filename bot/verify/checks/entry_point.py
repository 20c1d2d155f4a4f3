"""The entry point: what is started can be started, down to what its scripts call."""

import posixpath
from collections.abc import Iterator

from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair
from bot.verify.started_programs import list_started_programs


def check(pair: ImagePair) -> Iterator[Regression]:
    """The programs that start in the old image and not in the new, and files named as arguments."""
    old, new = pair.old, pair.new
    arguments = new.settings.command_line
    if not arguments:
        if old.settings.command_line:
            yield Regression(RegressionKind.SETTING, "CMD", "The new image has no command.")
        return
    # What the old command starts is asked of the new image too, as long as it is the same command.
    wanted = list_started_programs(pair, new, arguments)
    if arguments == old.settings.command_line:
        wanted += list_started_programs(pair, old, arguments)
    for start in dict.fromkeys(wanted):
        before, after = old.find_program(start.name), new.find_program(start.name)
        if after is None and (before is not None or start.started_by == "the command"):
            yield _make_regression(start.name, start.started_by, before)
    yield from _check_file_arguments(pair, arguments)


def _check_file_arguments(pair: ImagePair, arguments: tuple[str, ...]) -> Iterator[Regression]:
    """Arguments that are files: `python app.py`."""
    old, new = pair.old, pair.new
    for word in arguments[1:]:
        place = posixpath.join(new.workdir, word)
        if "/" not in word and "." not in word:
            continue
        there = old.paths.resolve(posixpath.join(old.workdir, word))
        if there and new.paths.resolve(place) is None:
            message = f"The command names {word}, which the new image does not have."
            yield Regression(RegressionKind.FILE, place.strip("/"), message, path=there)


def _make_regression(name: str, started_by: str, old_path: str | None) -> Regression:
    lesson = (
        RegressionKind.INTERPRETER
        if name.startswith("/") and started_by.startswith("/")
        else RegressionKind.PROGRAM
    )
    message = f"{started_by} starts {name}, which the new image does not have, or not executable."
    return Regression(
        lesson, name, message[0].upper() + message[1:], path=old_path or "", detail=started_by
    )
