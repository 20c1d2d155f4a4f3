"""Words of a command line that the old image has a program or a file for, and the new one lacks."""

import posixpath
from collections.abc import Iterator, Sequence

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import find_lost_program

# They start the programs of `node_modules/.bin`, and the scripts of a package.json.
_LAUNCHERS = frozenset({"npx", "npm", "yarn", "pnpm", "bunx", "bun"})


def find_lost_words(pair: ImagePair, arguments: Sequence[str], origin: str) -> Iterator[Regression]:
    """Yield the programs of a command line and the files that it names, if they are lost.

    `origin` says what names the command line.
    """
    for program in _list_programs(pair, arguments):
        old_path = find_lost_program(pair, program)
        if old_path:
            message = f"{origin} starts {program}, which the new image does not have."
            yield Regression(RegressionKind.PROGRAM, program, message, path=old_path, detail=origin)
    for word in _list_words(pair, arguments):
        path = posixpath.join(pair.old.workdir, word).lstrip("/")
        old = pair.old.paths.resolve(path)
        if old and pair.old.image.tree.get(old) and pair.new.paths.resolve(path) is None:
            message = f"{origin} names {word}, which the new image does not have."
            yield Regression(RegressionKind.FILE, path, message)


def _list_programs(pair: ImagePair, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the program, and those that a shell starts of `sh -c text`."""
    yield from arguments[:1]
    if posixpath.basename(arguments[0]) in POSIX_SHELLS and "-c" in arguments[1:-1]:
        script = arguments[arguments.index("-c") + 1]
        commands = pair.old.parse_script(script).commands
        yield from (x.words[0].value for x in commands if x.words and x.words[0].value)


def _list_words(pair: ImagePair, arguments: Sequence[str]) -> Iterator[str]:
    """Yield what may be a file: the arguments, and the programs of modules."""
    yield from arguments[1:]
    if posixpath.basename(arguments[0]) in _LAUNCHERS:
        scripts = pair.old_app.npm_scripts
        words = [
            *arguments[1:],
            *(x for name in arguments[1:] for x in scripts.get(name, "").split()),
        ]
        yield from (f"node_modules/.bin/{word}" for word in words if "/" not in word)
