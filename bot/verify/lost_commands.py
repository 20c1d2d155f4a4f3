"""Words of a command line that the old image has a program or a file for, and the new one lacks."""

import posixpath
from collections.abc import Iterator, Sequence

from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair


def find_lost_words(pair: ImagePair, arguments: Sequence[str], origin: str) -> Iterator[Regression]:
    """Yield the program of a command line and the files that it names, if they are lost.

    `origin` says what names the command line.
    """
    program = arguments[0]
    old_path = pair.old.find_program(program)
    if old_path and pair.new.find_program(program) is None:
        message = f"{origin} starts {program}, which the new image does not have."
        yield Regression(RegressionKind.PROGRAM, program, message, path=old_path, detail=origin)
    for word in arguments[1:]:
        path = posixpath.join(pair.old.workdir, word).lstrip("/")
        old = pair.old.paths.resolve(path)
        if old and pair.old.image.tree.get(old) and pair.new.paths.resolve(path) is None:
            message = f"{origin} names {word}, which the new image does not have."
            yield Regression(RegressionKind.FILE, old, message)
