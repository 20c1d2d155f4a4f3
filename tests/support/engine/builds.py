"""Builds that fetch from registries and mirrors of packages, with further tries."""

from pathlib import Path
from typing import Protocol

from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.progress import print_progress

TRIES = 3  # a mirror or a registry may drop a connection


class Builder(Protocol):
    """The engine operations that a build needs."""

    build_network: str

    def docker(self, *arguments: str, folder: Path | None = None) -> str: ...


def build_image(engine: Builder, tags: tuple[str, ...], folder: Path, *options: str) -> None:
    """Build the Dockerfile of a folder, on the network that the engine's builds have.

    Raises:
        EngineUnavailable: each try failed; the error is that of the last one.

    """
    names = [word for tag in tags for word in ("--tag", tag)]
    network = ("--network", engine.build_network)
    command = ("buildx", "build", *network, "--provenance=false", *options, *names, ".")
    for remaining in reversed(range(TRIES)):
        try:
            engine.docker(*command, folder=folder)
            return
        except EngineUnavailable:
            if not remaining:
                raise
            print_progress(f"once more: {tags[0]}")
