"""Make the images, run the races, write the tables of docs/performance.md: `python -m bench`.

Needs an engine; `make bench` starts private ones of two releases, each with both stores. `--rounds
1` is for a quick look; `--print` leaves the page as it is.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import images, page
from bench.race import ROUNDS, Command, Run, alone, race
from bench.rivals import RIVALS

_PROGRAM = (sys.executable, "-m", "bot")
HEAD = (
    "| what | against | ratio | seconds | the other's | processor | peak memory |",
    "|---|---|--:|--:|--:|--:|--:|",
)
GROWTH_HEAD = (
    "| entries | seconds | processor | peak memory |",
    "|--:|--:|--:|--:|",
)
_NO_CACHE = {"IMAGE_SIZE_REVIEW_CACHE": ""}


def main() -> None:
    """Print the tables for the engine's store."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    options = parser.parse_args()
    version = _engine("{{.ServerVersion}}")
    section = page.name_section(_store(), version)
    print(f"Making the images for the section {section}.", file=sys.stderr)
    images.make_samples()
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        for line in _report(section, version, Path(folder), options.rounds):
            print(line, flush=True)
            lines.append(line)
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), section, lines), "utf-8")


def _report(section: str, version: str, folder: Path, rounds: int) -> Iterator[str]:
    """Yield the lines of one run."""
    yield page.machine(version)
    yield f"Medians of {rounds} rounds." if rounds > 1 else "One round."
    yield ""
    yield from Table(section, folder, rounds).lines()
    if section in page.STORES:
        yield ""
        yield from growth(rounds)


@dataclass(frozen=True)
class Table:
    """The table of commands, each against its rival.

    What does not depend on the engine is only in the section of overlay2.
    """

    section: str
    folder: Path
    rounds: int

    def lines(self) -> Iterator[str]:
        """Yield the rows as they are measured."""
        yield from HEAD
        for image in (images.SMALL, images.BASE, images.BIG, images.TOOLCHAIN):
            yield from self._rivals(image)
        if self.section == "overlay2":
            yield from self._archives()
            yield from self._gzipped_archive()
        pair, larger = _ours("diff", images.BASE, images.HEAD), _measure(images.HEAD)
        yield self._row("`diff` of the pair", "`measure` of the larger one", pair, larger)
        cached = alone(pair, {"IMAGE_SIZE_REVIEW_CACHE": str(self.folder / "cache")}, self.rounds)
        yield f"| the same again, nothing changed | | | {cached.seconds:.2f} | | {_rest(cached)}"

    def _rivals(self, image: str) -> Iterator[str]:
        for rival in RIVALS:
            if not rival.is_installed:
                yield f"| `measure {image}` | {rival.title}, not installed here | | | | | |"
                continue
            if not rival.can_read(image, self.folder):
                name = f"{rival.describe()}, cannot read this image"
                yield f"| `measure {image}` | {name} | | | | | |"
                continue
            command = rival.make_command(image, self.folder)
            yield self._row(f"`measure {image}`", rival.describe(), _measure(image), command)

    def _archives(self) -> Iterator[str]:
        for image in (images.BASE, images.TOOLCHAIN):
            path = images.save(image, self.folder / f"{image.partition(':')[2]}.tar")
            tarfile = (sys.executable, "-m", "bench.tarfile_sizes", str(path))
            seeking = (*tarfile[:-1], "--seek", str(path))
            what, checked = f"archive of `{image}`", _measure(f"docker-archive:{path}")
            trusting = (*checked, "--skip-digest-check")
            yield self._row(what, "stdlib `tarfile`", checked, tarfile)
            yield self._row(f"{what}, `--skip-digest-check`", "the same", trusting, tarfile)
            yield self._row(f"{what}, the same", "`tarfile` without contents", trusting, seeking)

    def _gzipped_archive(self) -> Iterator[str]:
        packed = images.save(images.BASE, self.folder / "base.tar.gz", "gzip -1")
        ours = _measure(f"docker-archive:{packed}")
        for gunzip in (f"{sys.executable} -m isal.igzip -dc", "gunzip -c"):
            rival = _shell(f"{gunzip} {packed} | cat > /dev/null")
            name = gunzip.rpartition("/")[2].replace("python -m isal.", "")
            yield self._row(
                f"archive of `{images.BASE}`, gzipped", f"`{name} \\| cat`", ours, rival
            )

    def _row(self, what: str, name: str, ours: Command, rival: Command) -> str:
        result = race(ours, rival, _NO_CACHE, self.rounds)
        seconds = f"{result.ours.seconds:.2f} | {result.rival.seconds:.2f}"
        return f"| {what} | {name} | **{result.ratio:.2f}** | {seconds} | {_rest(result.ours)}"


def growth(rounds: int) -> Iterator[str]:
    """Yield the time by number of entries, and the exponent by which it grows."""
    yield from GROWTH_HEAD
    runs: list[tuple[int, Run]] = []
    for count in images.ENTRIES:
        run = alone(_measure(images.make_many(count)), _NO_CACHE, rounds)
        runs.append((count, run))
        yield f"| {count:,} | {run.seconds:.2f} | {_rest(run)}"
    (few, quick), (many, slow) = runs[-2:]
    power = math.log(slow.seconds / quick.seconds) / math.log(many / few)
    yield ""
    exponent = f"to the power of {power:.2f}"
    yield f"From {few:,} to {many:,} entries the time grows as their number {exponent}."


def _rest(run: Run) -> str:
    return f"{run.cpu:.2f} | {run.memory / 1e6:.0f} MB |"


def _measure(image: str) -> Command:
    return _ours("measure", image)


def _ours(*arguments: str) -> Command:
    return (*_PROGRAM, *arguments, "--format", "json")


def _shell(command: str) -> Command:
    return ("bash", "-c", f"set -o pipefail; {command}")


def _store() -> str:
    answer = _engine("{{.DriverStatus}}")
    return "containerd" if "io.containerd.snapshotter.v1" in answer else "overlay2"


def _engine(template: str) -> str:
    command = ["docker", "info", "--format", template]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
