"""The paths that a Dockerfile takes from its build context.

Sources of `COPY`, `ADD` and `RUN --mount=type=bind`, but not those of other stages and images, of
servers, and heredocs. Only the stages count that BuildKit builds for the target.
"""

import posixpath
import re
from collections.abc import Iterator

from bot.dockerfile.arguments import parse_heredoc_marker
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.stages import Stage
from bot.model.copied_path import CopiedPath

# A URL, or what BuildKit takes for a git repository (`ParseGitRef` of moby/buildkit).
_REMOTE_SOURCE = re.compile(r"(?:https?|ftp|git|ssh)://|[\w.-]+@[\w.-]+:|github\.com/")
# The characters of Go's filepath.Match.
_PATTERN_CHARACTERS = frozenset("*?[\\")
_MAX_PATHS = 1000  # of one Dockerfile: a hostile one has more


def list_copied_paths(plan: BuildPlan) -> tuple[CopiedPath, ...]:
    """Return the paths that the target's stages take from the context, each once, in order.

    Of a path with a variable that has no value, the folders in front of it.
    """
    paths: dict[CopiedPath, None] = {}
    for stage in plan.required_stages:
        for instruction in stage.instructions:
            for path in _list_paths(plan, stage, instruction):
                paths[path] = None
                if len(paths) >= _MAX_PATHS:
                    return tuple(paths)
    return tuple(paths)


def _list_paths(plan: BuildPlan, stage: Stage, instruction: Instruction) -> Iterator[CopiedPath]:
    if instruction.keyword == "RUN":
        sources = _list_mounted(instruction)
        for source in plan.fill_in(sources, stage, instruction):
            yield CopiedPath(clean_path(source), is_mounted=True)
    elif instruction.keyword in ("COPY", "ADD") and instruction.flag_value("from") is None:
        words = [word for word in instruction.words[:-1] if not parse_heredoc_marker(word)]
        for source in plan.fill_in(words, stage, instruction):
            if instruction.keyword == "COPY" or not _REMOTE_SOURCE.match(source):
                path = clean_path(source)
                yield CopiedPath(path, is_pattern=not _PATTERN_CHARACTERS.isdisjoint(path))


def _list_mounted(instruction: Instruction) -> list[str]:
    return [
        mount.source or "."
        for mount in instruction.mounts
        if mount.kind == "bind" and mount.from_name is None
    ]


def clean_path(source: str) -> str:
    """Return a path relative to the context, as BuildKit reads it: nothing leads out.

    It ends in front of the first name that has a variable without a value.
    """
    names = posixpath.normpath(f"/{source.lstrip('/')}").strip("/").split("/")
    unknown = next((number for number, name in enumerate(names) if "$" in name), len(names))
    return "/".join(names[:unknown]) or "."
