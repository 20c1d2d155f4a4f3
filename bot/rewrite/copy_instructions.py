"""The instructions that copy files into the last stage with their owners and modes."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_plan import CopyItem

# The loader finds libraries there by its cache, which the last stage has to write anew.
_LOADER_PATHS = re.compile(r"usr/local/lib(?:64)?/[^/]*\.so|etc/ld\.so\.conf")
_DEFAULT_MODE = 0o755  # of a folder that COPY creates
_EXPANDED = re.compile(r"[\\$`]")
_NEEDS_JSON = re.compile(r"[\s\"'\[\]$\\`]")


def render_copies(facts: BuildFacts, items: Sequence[CopyItem], stage_name: str) -> Iterator[str]:
    """Yield a `COPY --from` for each folder, and one for the single files of each folder."""
    yield from _render_folder_copies(facts, items, stage_name)
    yield from _render_file_copies(facts, items, stage_name)
    metadata_commands = list(_build_metadata_commands(facts, items))
    if metadata_commands:
        yield render_run(facts, metadata_commands)
    link_commands = [f"ln -sf {x.link_target} /{x.path}" for x in items if x.link_target]
    if link_commands:
        yield render_run(facts, link_commands)
    if any(_LOADER_PATHS.match(path) for path in facts.built.own_files):
        yield "RUN ldconfig"


def _render_folder_copies(
    facts: BuildFacts, items: Iterable[CopyItem], stage_name: str
) -> Iterator[str]:
    for item in items:
        if item.is_folder:
            flags = f"--from={stage_name}{_build_chown_flag(facts, item.path)}"
            yield f"COPY {flags} {_format_operands(facts, f'/{item.path}', f'/{item.path}')}"


def _render_file_copies(
    facts: BuildFacts, items: Iterable[CopyItem], stage_name: str
) -> Iterator[str]:
    """Yield one `COPY` for the files of each folder."""
    files = [item for item in items if not item.is_folder and not item.link_target]
    for folder, group in groupby(files, lambda item: posixpath.dirname(item.path)):
        target = f"/{folder}/" if folder else "/"
        operands = _format_operands(facts, *(f"/{item.path}" for item in group), target)
        yield f"COPY --from={stage_name} {operands}"


def _build_chown_flag(facts: BuildFacts, folder: str) -> str:
    """Return `--chown` for a folder of one user; COPY gives the folder itself to root."""
    entry = facts.built.image.directories.get(folder)
    if entry is None or (entry.uid, entry.gid) == (0, 0):
        return ""
    own_files = facts.built.own_files
    files = (own_files[path] for path in own_files if path.startswith(f"{folder}/"))
    has_one_owner = all((x.uid, x.gid) == (entry.uid, entry.gid) for x in files)
    return f" --chown={entry.uid}:{entry.gid}" if has_one_owner else ""


def _build_metadata_commands(facts: BuildFacts, items: Iterable[CopyItem]) -> Iterator[str]:
    """Yield commands that set owner and mode of the folders, which COPY does not keep."""
    for folder in _list_created_folders(facts, items):
        entry = facts.built.image.directories[folder]
        if (entry.uid, entry.gid) != (0, 0):
            yield f"chown {entry.uid}:{entry.gid} /{folder}"
        if entry.mode & 0o7777 != _DEFAULT_MODE:
            yield f"chmod {entry.mode & 0o7777:o} /{folder}"


def _list_created_folders(facts: BuildFacts, items: Iterable[CopyItem]) -> Sequence[str]:
    """Return the folders that the Dockerfile created, among the copied ones and those above."""
    folders: set[str] = set()
    for item in items:
        folder = item.path if item.is_folder else posixpath.dirname(item.path)
        while folder:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    own_layers = {layer.index for layer in facts.built.image.layers if not layer.from_base_image}
    origins = facts.built.image.layer_by_directory
    created = {path for path in facts.built.image.directories if origins.get(path) in own_layers}
    return sorted(folders & created)


def _format_operands(facts: BuildFacts, *paths: str) -> str:
    """Return the operands of a COPY, as JSON where a path needs it.

    All operands but the last are patterns, and variables are expanded in all of them.
    """
    if not any(_NEEDS_JSON.search(path) for path in paths):
        return " ".join(paths)
    escape = facts.rule_input.dockerfile.escape
    escaped = [_EXPANDED.sub(lambda match: _escape(match[0], escape), path) for path in paths]
    operands = [*(path.replace("[", "[[]") for path in escaped[:-1]), escaped[-1]]
    return json.dumps(operands, ensure_ascii=False)


def _escape(character: str, escape: str) -> str:
    """Escape a character that a Dockerfile expands: `$`, and the one escape that is in use."""
    return f"{escape}{character}" if character in ("$", escape) else character


def render_run(facts: BuildFacts, commands: Iterable[str]) -> str:
    """Return one `RUN` of several commands, with the file's own continuation character."""
    return "RUN " + f" {facts.rule_input.dockerfile.escape}\n    && ".join(commands)
