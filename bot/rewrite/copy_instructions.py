"""The instructions that bring the pieces into the last stage, as they were in the old image."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_plan import CopyItem

_LOADER_PATHS = re.compile(r"usr/local/lib(?:64)?/[^/]*\.so|etc/ld\.so\.conf")
_DEFAULT_MODE = 0o755
_NEEDS_JSON = re.compile(r"[\s\"'\[\]$\\`]")


def render_copies(facts: BuildFacts, items: Sequence[CopyItem], stage_name: str) -> Iterator[str]:
    """`COPY --from` for each folder, and one for the files of each folder that is split up."""
    folders = [piece for piece in items if piece.is_folder]
    files = [piece for piece in items if not piece.is_folder and not piece.link_target]
    links = [piece for piece in items if piece.link_target]
    for piece in folders:
        flags = f"--from={stage_name}{_build_chown_flag(facts, piece.path)}"
        yield f"COPY {flags} {_format_operands(facts, f'/{piece.path}', f'/{piece.path}')}"
    for place, together in groupby(files, lambda x: posixpath.dirname(x.path)):
        target = f"/{place}/" if place else "/"
        yield f"COPY --from={stage_name} {_format_operands(facts, *(f'/{x.path}' for x in together), target)}"
    restored = list(_build_metadata_commands(facts, items))
    if restored:
        yield render_run(facts, restored)
    if links:
        yield render_run(facts, (f"ln -sf {x.link_target} /{x.path}" for x in links))
    if any(_LOADER_PATHS.match(path) for path in facts.built.own_files):
        yield "RUN ldconfig"


def _build_chown_flag(facts: BuildFacts, folder: str) -> str:
    """`--chown` where a folder and all in it are one user's: the folder itself would become root's."""
    entry = facts.built.image.directories.get(folder)
    if entry is None or (entry.uid, entry.gid) == (0, 0):
        return ""
    files = (x for path, x in facts.built.own_files.items() if path.startswith(f"{folder}/"))
    same = all((x.uid, x.gid) == (entry.uid, entry.gid) for x in files)
    return f" --chown={entry.uid}:{entry.gid}" if same else ""


def _build_metadata_commands(facts: BuildFacts, items: Iterable[CopyItem]) -> Iterator[str]:
    """What the copied folders themselves, and those above, do not get from a COPY: owner and mode."""
    for folder in _list_created_folders(facts, items):
        entry = facts.built.image.directories[folder]
        if (entry.uid, entry.gid) != (0, 0):
            yield f"chown {entry.uid}:{entry.gid} /{folder}"
        if entry.mode & 0o7777 != _DEFAULT_MODE:
            yield f"chmod {entry.mode & 0o7777:o} /{folder}"


def _list_created_folders(facts: BuildFacts, items: Iterable[CopyItem]) -> Sequence[str]:
    """The folders of the Dockerfile's own that hold the pieces, the pieces among them."""
    found: set[str] = set()
    for piece in items:
        folder = piece.path if piece.is_folder else posixpath.dirname(piece.path)
        while folder:
            found.add(folder)
            folder = posixpath.dirname(folder)
    own = {layer.index for layer in facts.built.image.layers if not layer.from_base_image}
    origins = facts.built.image.layer_by_directory
    return sorted(x for x in found if x in facts.built.image.directories and origins.get(x) in own)


def _format_operands(facts: BuildFacts, *paths: str) -> str:
    """The operands of a COPY, in JSON where one has a blank or the like in it; all but the last are
    patterns, and variables are filled in in all of them."""
    if not any(_NEEDS_JSON.search(path) for path in paths):
        return " ".join(paths)
    escape = facts.rule_input.dockerfile.escape
    plain = [re.sub(r"[\\$`]", lambda x: _escape_character(x[0], escape), path) for path in paths]
    words = [*(path.replace("[", "[[]") for path in plain[:-1]), plain[-1]]
    return json.dumps(words, ensure_ascii=False)


def _escape_character(character: str, escape: str) -> str:
    """A character that would be more than itself; only one of the two escapes is."""
    return f"{escape}{character}" if character in ("$", escape) else character


def render_run(facts: BuildFacts, commands: Iterable[str]) -> str:
    """One `RUN` of several commands, continued as the file does it."""
    return "RUN " + f" {facts.rule_input.dockerfile.escape}\n    && ".join(commands)
