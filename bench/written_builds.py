"""Builds of public Dockerfiles before and after `advise --write`: `python -m bench.written_builds`.

Of a list of bench/findings.py, each file that `--write` changes and whose base images have
stand-ins is built in its context, in an engine of its own: first as it is, then, if that builds, as
it is saved. Prints a row for each file and the counts. Needs Git and the network; with
`--checkouts FOLDER`, the network only for what the builds download.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from bench.findings import PublicFile, Reading, get_list, open_checkout, read_files, read_list
from bench.rewrites import has_stand_in
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.build_plan import BuildPlan
from tests.support.engine import PrivateEngine

TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file, and whether it builds as it is and as `--write` saves it.

    None if that is not known: it was not tried, or it took too long.
    """

    file: PublicFile
    original: bool | None
    written: bool | None = None

    @property
    def row(self) -> str:
        """Return a line of the output."""
        words = {True: "builds", False: "fails", None: "-"}
        file = self.file
        names = (file.repository, file.commit, file.path)
        return "\t".join((*names, words[self.original], words[self.written]))


class Builder(Protocol):
    """What builds a Dockerfile."""

    def build(self, dockerfile: Path, context: Path) -> bool | None:
        """Return True if a Dockerfile builds, None if that takes too long."""


@dataclass(frozen=True, slots=True)
class EngineBuilder:
    """The builder of an engine; it throws the images away."""

    engine: PrivateEngine
    timeout_s: int

    def build(self, dockerfile: Path, context: Path) -> bool | None:
        """Return True if a Dockerfile builds, None if that takes too long."""
        options = ["--network", self.engine.build_network, "--output", "type=cacheonly"]
        command = ["docker", "buildx", "build", *options, "--file", str(dockerfile), str(context)]
        environment = {**os.environ, **self.engine.environment}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, timeout=self.timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            print(done.stderr.decode(errors="replace")[-400:], file=sys.stderr, flush=True)
        return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """Print the rows and the counts; return 1 if a file builds only without the changes."""
    options = _read_options(arguments)
    outcomes: list[Outcome] = []
    with PrivateEngine(purpose=options.purpose) as engine:
        builder = EngineBuilder(engine, options.timeout)
        for outcome in _build_all(builder, read_list(options.list), options.checkouts):
            outcomes.append(outcome)
            print(outcome.row, flush=True)
            if len(outcomes) == options.files:
                break
    print("\n".join(summarize(outcomes)))
    return int(any(outcome.written is False for outcome in outcomes))


def summarize(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the counts."""
    original = sum(outcome.original is True for outcome in outcomes)
    written = [outcome.written for outcome in outcomes if outcome.original]
    yield f"{len(outcomes)} changed files with stand-ins: {original} build as they are,"
    yield f"{written.count(True)} of those build as they are saved, {written.count(False)} do not."


def try_both(builder: Builder, reading: Reading, root: Path) -> Outcome:
    """Build a file as it is and, if it builds, as it is saved: in its place, for a moment."""
    path, context = root / reading.file.path, root / reading.context
    if not (original := builder.build(path, context)):
        return Outcome(reading.file, original)
    path.write_bytes(reading.saved or b"")
    try:
        return Outcome(reading.file, original=True, written=builder.build(path, context))
    finally:
        path.write_bytes(reading.original)


def _build_all(
    builder: EngineBuilder, files: Iterable[PublicFile], checkouts: Path | None
) -> Iterator[Outcome]:
    for (repository, commit), group in groupby(files, key=attrgetter("repository", "commit")):
        with open_checkout(repository, commit, checkouts) as root:
            for reading in read_files(group, root):
                images = _list_images(reading) if reading.is_changed else ()
                if images and all(map(has_stand_in, images)):
                    builder.engine.ensure("all", *images)
                    yield try_both(builder, reading, root)
        builder.engine.docker("builder", "prune", "--all", "--force")


def _list_images(reading: Reading) -> tuple[str, ...]:
    """Return the external images of a file that could be parsed."""
    return BuildPlan(DockerfileReader().parse(reading.original)).external_images


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.written_builds", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--list", type=Path, default=get_list(7))
    parser.add_argument("--checkouts", type=Path, help="a folder of the repositories, checked out")
    parser.add_argument("--purpose", default="written", help="of the private engine")
    parser.add_argument("--timeout", type=int, default=TIMEOUT_S, help="seconds for a build")
    parser.add_argument("--files", type=int, help="no more than so many files")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
