"""The arguments of buildx that say what is built of what: the files and the named contexts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.checkout_files import read_regular_file
from bot.adapters.temporary_folders import temporary_folder
from bot.image.archives.reference import shorten_reference
from bot.line.pins import Pins
from bot.model.named_contexts import IMAGE_PREFIX, find_context_folder
from bot.model.spec import ImageSpec

_MAX_IGNORE_FILE_BYTES = 10_000_000


def list_build_arguments(
    spec: ImageSpec, root: Path, pins: Pins, dockerfile: Path
) -> Iterator[str | Path]:
    """Yield the arguments for a declared image in a checkout."""
    yield from ("--file", dockerfile)
    if spec.target:
        yield from ("--target", spec.target)
    if spec.platform:
        yield from ("--platform", spec.platform)
    for name, value in spec.build_args.items():
        yield from ("--build-arg", f"{name}={value}")
    for name, value in _list_contexts(spec, root, pins).items():
        yield from ("--build-context", f"{name}={value}")
    yield root / spec.context


@contextmanager
def provide_dockerfile(spec: ImageSpec, root: Path, replacement: bytes | None) -> Iterator[Path]:
    """Yield the Dockerfile of a build.

    A replacement text is written outside of the context, which it must not change, with the
    `.dockerignore` of the original beside it.
    """
    original = root / spec.dockerfile
    if replacement is None:
        yield original
        return
    with temporary_folder() as folder:
        file = folder / original.name
        file.write_bytes(replacement)
        # BuildKit looks for it beside the Dockerfile, and takes that of the context only without
        # it.
        ignore_file = original.with_name(f"{original.name}.dockerignore")
        patterns = read_regular_file(ignore_file, ignore_file.parent, _MAX_IGNORE_FILE_BYTES)
        if patterns is not None:
            file.with_name(ignore_file.name).write_bytes(patterns)
        yield file


def _list_contexts(spec: ImageSpec, root: Path, pins: Pins) -> dict[str, str]:
    """Return the named contexts of a build: its own, and the pins of images.

    A name of its own wins; BuildKit takes `x` and `x:latest` for the same one.
    """
    own = {name: _locate_context(value, root) for name, value in spec.build_contexts.items()}
    own_names = {shorten_reference(name) for name in own}
    pinned = {
        name: f"{IMAGE_PREFIX}{reference}"
        for name, reference in pins.resolved.items()
        if shorten_reference(name) not in own_names
    }
    return {**pinned, **own}


def _locate_context(value: str, root: Path) -> str:
    """Return a named context as buildx takes it: a folder by its path."""
    folder = find_context_folder(value)
    return value if folder is None else str(root / folder)
