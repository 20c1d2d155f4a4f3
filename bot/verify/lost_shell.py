"""Programs that could start others, in an image that has no shell any more.

Names in sources show most calls, but not those of a library, nor those with a computed name. Where
even the shell is gone, nothing can be started: so a program must have no function for it.
"""

from collections.abc import Iterator

from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.image.elf.program_traits import can_start_programs
from bot.image.open_image import OpenImage
from bot.image.program_mentions import starts_programs
from bot.model.proof import Regression, RegressionKind
from bot.verify.checks.shared_libraries import list_elf_files
from bot.verify.image_pair import ImagePair

_SHELL = "sh"


def find_lost_shell(pair: ImagePair) -> Iterator[Regression]:
    """Yield what may start programs where the new image has no shell and the old one has."""
    old_path = pair.old.find_program(_SHELL)
    if old_path is None or _has_shell(pair.new):
        return
    for caller in _list_callers(pair):
        message = f"/{caller} may start other programs, and the new image has no shell."
        yield Regression(RegressionKind.PROGRAM, _SHELL, message, path=old_path, detail=caller)


def _has_shell(open_image: OpenImage) -> bool:
    return any(open_image.find_program(name) is not None for name in sorted(POSIX_SHELLS))


def _list_callers(pair: ImagePair) -> Iterator[str]:
    """Yield the new image's programs, then the sources, that start programs."""
    for path in list_elf_files(pair):
        if can_start_programs(pair.new.files.read(path) or b""):
            yield path
    sources = pair.old_app.program_sources
    yield from (path for path, text in sources.items() if starts_programs(text))
