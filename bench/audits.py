"""An audit of 30 images of which nothing changed since the last one: `python -m bench.audits`.

The images are of busybox, which the engine must have. The first row has records of the last audit,
the second only the caches that it left: those of the builder and of this program. The table of
docs/performance.md is written; `--print` leaves the page as it is.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import page
from bench.race import ROUNDS, Command, alone

SECTION = "audits"
IMAGES = 30
HEAD = ("| what | builds | seconds | processor | goal | peak memory |", "|---|--:|--:|--:|--:|--:|")
_FILES = 200


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.audits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    options = parser.parse_args()
    engine = _read("docker", "version", "--format", "{{.Server.Version}}").strip()
    lines = [page.machine(engine), f"Medians of {options.rounds} rounds.", "", *HEAD]
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as name:
        lines += _report(Path(name), options.rounds)
    print("\n".join(lines))
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), SECTION, lines), "utf-8")


def _report(folder: Path, rounds: int) -> Iterator[str]:
    """Yield the rows: with the records of the last audit, and without."""
    repository = folder / "repository"
    make_repository(repository)
    recorded = ("--history", f"dir:{folder / 'records'}")
    _read(*_audit(repository, folder, *recorded, "--record"))
    yield _make_row("with the records of the last audit", 0, recorded, folder, rounds)
    yield _make_row("without records, all steps cached", IMAGES, (), folder, rounds)


def _make_row(what: str, builds: int, options: tuple[str, ...], folder: Path, rounds: int) -> str:
    command = _audit(folder / "repository", folder, *options)
    result = alone(command, {"IMAGE_SIZE_REVIEW_CACHE": str(folder / "cache")}, rounds)
    images = json.loads((folder / "report.json").read_text("utf-8"))["images"]
    built = sum(image.get("recorded_at") is None for image in images)
    assert (len(images), built) == (IMAGES, builds), (len(images), built)
    numbers = f"{result.seconds:.2f} | {result.cpu:.2f} | 5 s | {result.memory / 1e6:.0f} MB |"
    return f"| `audit` of {IMAGES} images, {what} | {built} | {numbers}"


def _audit(repository: Path, folder: Path, *options: str) -> Command:
    output = ("--output", str(folder / "report.json"))
    return (sys.executable, "-m", "bot", "audit", "--repo", str(repository), *options, *output)


def make_repository(folder: Path) -> None:
    """Commit the Dockerfiles of the images, each with packages, sources and files of its own."""
    for number in range(IMAGES):
        context = folder / f"service{number}"
        context.mkdir(parents=True)
        for file in range(_FILES):
            (context / f"source{file}").write_text(f"{number} {file}\n" * 50)
        (context / "Dockerfile").write_text(
            f"FROM busybox\nRUN yes {number} | head -c 3000000 >/packages\nCOPY . /srv\n"
        )
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "Thirty services"),
    ):
        author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
        _read("git", "-C", str(folder), *author, *arguments)


def _read(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
