"""The files that a build is started with: what is wrong with them, in their own words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.adapters.checkout_files import is_below, read_regular_file
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.dockerignore import IllegalIgnoreFileError, parse_dockerignore
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.named_contexts import find_context_folder
from bot.model.spec import ImageSpec

_MAX_FILE_BYTES = 10_000_000
_NO_STAGE = re.compile(r"target stage .* could not be found")


def explain_missing_input(spec: ImageSpec, root: Path) -> str:
    """Return what a build would miss, or find outside of the repository through a link.

    Empty if there is nothing.
    """
    for kind, name in _list_inputs(spec):
        path = root / name
        if not is_below(path, root):
            return f"the {kind} {name!r} leads out of the repository"
        if not _exists(path):
            return f"the revision has no {kind} {name!r}"
    if (root / spec.dockerfile).is_dir():
        return f"the Dockerfile {spec.dockerfile!r} is a folder: name the file in it"
    return ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def _list_inputs(spec: ImageSpec) -> Iterator[tuple[str, str]]:
    """Yield the paths in the repository that a build starts with."""
    yield from (("Dockerfile", spec.dockerfile), ("context", spec.context))
    for value in spec.build_contexts.values():
        folder = find_context_folder(value)
        if folder is not None:
            yield "named context", folder


def name_input(failure: BuildFailure, spec: ImageSpec, root: Path) -> BuildFailure:
    """Return a failure with the pattern or the stages that its reason is about."""
    if failure.kind is FailureKind.IGNORE_FILE:
        return replace(failure, reason=_explain_ignore_file(failure.reason, spec, root))
    if failure.kind is FailureKind.TARGET and _NO_STAGE.fullmatch(failure.reason):
        stages = _list_stages(root / spec.dockerfile, root)
        return replace(failure, reason=f"{failure.reason} ({stages})" if stages else failure.reason)
    return failure


def _explain_ignore_file(reason: str, spec: ImageSpec, root: Path) -> str:
    """Return the file and line of the pattern that BuildKit refuses, else its own words."""
    # In BuildKit's order: the Dockerfile's own takes the place of that of the context.
    for name in (f"{spec.dockerfile}.dockerignore", f"{spec.context}/.dockerignore"):
        path = root / name
        text = read_regular_file(path, path.parent, _MAX_FILE_BYTES)
        if text is not None:
            shown = Path(name).as_posix()
            return _find_illegal_line(shown, text) or f"{shown}: {reason}"
    return reason


def _find_illegal_line(name: str, text: bytes) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            # Line by line: BuildKit's message names no line.
            parse_dockerignore(line).check_buildable()
        except IllegalIgnoreFileError as problem:
            pattern = line.decode("utf-8", "replace").strip()
            return f"{name}, line {number}: the pattern {pattern!r} is illegal ({problem})"
    return ""


def _list_stages(dockerfile: Path, root: Path) -> str:
    """Return the names of the stages that a target can be, as a clause."""
    text = read_regular_file(dockerfile, root, _MAX_FILE_BYTES)
    try:
        stages = DockerfileReader().parse(text or b"").stages
    except ValueError:
        return ""
    names = [stage.name for stage in stages if stage.name]
    return f"the stages are {', '.join(names)}" if names else "no stage has a name"
