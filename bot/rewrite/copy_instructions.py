"""The instructions that bring the pieces into the last stage, as they were in the old image."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.rewrite.build_facts import World
from bot.rewrite.copy_plan import Piece

_KNOWN_TO_LOADER = re.compile(r"usr/local/lib(?:64)?/[^/]*\.so|etc/ld\.so\.conf")
_USUAL_MODE = 0o755
_ODD = re.compile(r"[\s\"'\[\]$\\`]")


def copy_lines(world: World, pieces: Sequence[Piece], name: str) -> Iterator[str]:
    """`COPY --from` for each folder, and one for the files of each folder that is split up."""
    folders = [piece for piece in pieces if piece.is_folder]
    files = [piece for piece in pieces if not piece.is_folder and not piece.link]
    links = [piece for piece in pieces if piece.link]
    for piece in folders:
        flags = f"--from={name}{_owner(world, piece.path)}"
        yield f"COPY {flags} {_paths(world, f'/{piece.path}', f'/{piece.path}')}"
    for place, together in groupby(files, lambda x: posixpath.dirname(x.path)):
        target = f"/{place}/" if place else "/"
        yield f"COPY --from={name} {_paths(world, *(f'/{x.path}' for x in together), target)}"
    restored = list(_restored(world, pieces))
    if restored:
        yield run_line(world, restored)
    if links:
        yield run_line(world, (f"ln -sf {x.link} /{x.path}" for x in links))
    if any(_KNOWN_TO_LOADER.match(path) for path in world.own):
        yield "RUN ldconfig"


def _owner(world: World, folder: str) -> str:
    """`--chown` where a folder and all in it are one user's: the folder itself would become root's."""
    entry = world.image.directories.get(folder)
    if entry is None or (entry.uid, entry.gid) == (0, 0):
        return ""
    files = (x for path, x in world.own.items() if path.startswith(f"{folder}/"))
    same = all((x.uid, x.gid) == (entry.uid, entry.gid) for x in files)
    return f" --chown={entry.uid}:{entry.gid}" if same else ""


def _restored(world: World, pieces: Iterable[Piece]) -> Iterator[str]:
    """What the copied folders themselves, and those above, do not get from a COPY: owner and mode."""
    for folder in _made_folders(world, pieces):
        entry = world.image.directories[folder]
        if (entry.uid, entry.gid) != (0, 0):
            yield f"chown {entry.uid}:{entry.gid} /{folder}"
        if entry.mode & 0o7777 != _USUAL_MODE:
            yield f"chmod {entry.mode & 0o7777:o} /{folder}"


def _made_folders(world: World, pieces: Iterable[Piece]) -> Sequence[str]:
    """The folders of the Dockerfile's own that hold the pieces, the pieces among them."""
    found: set[str] = set()
    for piece in pieces:
        folder = piece.path if piece.is_folder else posixpath.dirname(piece.path)
        while folder:
            found.add(folder)
            folder = posixpath.dirname(folder)
    own = {layer.index for layer in world.image.layers if not layer.from_base_image}
    origins = world.image.directory_origins
    return sorted(x for x in found if x in world.image.directories and origins.get(x) in own)


def _paths(world: World, *paths: str) -> str:
    """The operands of a COPY, in JSON where one has a blank or the like in it; all but the last are
    patterns, and variables are filled in in all of them."""
    if not any(_ODD.search(path) for path in paths):
        return " ".join(paths)
    escape = world.subject.dockerfile.escape
    plain = [re.sub(r"[\\$`]", lambda x: _escaped(x[0], escape), path) for path in paths]
    words = [*(path.replace("[", "[[]") for path in plain[:-1]), plain[-1]]
    return json.dumps(words, ensure_ascii=False)


def _escaped(character: str, escape: str) -> str:
    """A character that would be more than itself; only one of the two escapes is."""
    return f"{escape}{character}" if character in ("$", escape) else character


def run_line(world: World, commands: Iterable[str]) -> str:
    """One `RUN` of several commands, continued as the file does it."""
    return "RUN " + f" {world.subject.dockerfile.escape}\n    && ".join(commands)
