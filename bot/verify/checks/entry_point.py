"""Check the entry point: what is started can be started, down to what its scripts call."""

import posixpath
from collections.abc import Iterator

from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import find_lost_program
from bot.verify.started_programs import list_started_programs


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield programs and files that the command names and only the old image has."""
    old, new = pair.old, pair.new
    arguments = new.config.command_line
    if not arguments:
        if old.config.command_line:
            yield Regression(RegressionKind.SETTING, "CMD", "The new image has no command.")
        return
    # What the old command starts is asked of the new image too, as long as it is the same command.
    programs = list_started_programs(pair, new, arguments)
    is_same_command = arguments == old.config.command_line
    if is_same_command:
        programs += list_started_programs(pair, old, arguments)
    for start in dict.fromkeys(programs):
        lost_path = find_lost_program(pair, start.name)
        is_new = not is_same_command and start.started_by == "the command"
        if lost_path or (is_new and new.find_program(start.name) is None):
            yield _make_regression(start.name, start.started_by, lost_path)
    yield from _check_file_arguments(pair, arguments)


def _check_file_arguments(pair: ImagePair, arguments: tuple[str, ...]) -> Iterator[Regression]:
    """Yield the arguments that are files of the old image only, as in `python app.py`."""
    old, new = pair.old, pair.new
    for argument in arguments[1:]:
        new_path = posixpath.join(new.workdir, argument)
        # A word without either is an option or a subcommand, even where a file has its name.
        if "/" not in argument and "." not in argument:
            continue
        old_path = old.paths.resolve(posixpath.join(old.workdir, argument))
        if old_path and new.paths.resolve(new_path) is None:
            message = f"The command names {argument}, which the new image does not have."
            yield Regression(RegressionKind.FILE, new_path.strip("/"), message, path=old_path)


def _make_regression(name: str, started_by: str, old_path: str | None) -> Regression:
    kind = (
        RegressionKind.INTERPRETER
        if name.startswith("/") and started_by.startswith("/")
        else RegressionKind.PROGRAM
    )
    message = f"{started_by} starts {name}, which is missing or not executable in the new image."
    return Regression(
        kind, name, message[0].upper() + message[1:], path=old_path or "", detail=started_by
    )
