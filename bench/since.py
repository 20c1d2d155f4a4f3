"""The commits that changed a size, found among many: `python -m bench.since`.

Two repositories are made. One has 1,000 commits, each with a record; its search needs no engine.
The other has 60, of which one is 20 MB larger, and no records: its builds are of busybox, which
an engine must have. The table of docs/performance.md is written; `--print` leaves the page as it
is, `--without-builds` leaves out the second repository.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import page
from bench.race import Command, Run, run
from bot.records.record import ImageKey, Record, RecordedLayer, RecordedOwner
from bot.records.record_paths import make_path
from bot.records.record_writer import render_record

SECTION = "since"
ROUNDS = 5
RECORDED_COMMITS, BUILT_COMMITS = 1_000, 60
_JUMP, _JUMP_BYTES = 0.7, 20_000_000
_FILES = 500
_START_S, _HOUR_S = 1_735_689_600, 3_600
HEAD = ("| what | builds | processor | seconds | goal | peak memory |", "|---|--:|--:|--:|--:|--:|")
_PROGRAM = (sys.executable, "-m", "bot")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.since", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--without-builds", action="store_true")
    options = parser.parse_args()
    lines = [page.machine(), _describe_rounds(options.rounds), "", *HEAD]
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as name:
        lines += _report(Path(name), options.rounds, with_builds=not options.without_builds)
    print("\n".join(lines))
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), SECTION, lines), "utf-8")


def _describe_rounds(rounds: int) -> str:
    return f"Medians of {rounds} rounds." if rounds > 1 else "One round."


def _report(folder: Path, rounds: int, *, with_builds: bool) -> Iterator[str]:
    """Yield the rows of the table."""
    recorded = folder / "recorded"
    shas = make_repository(recorded, RECORDED_COMMITS, grows=False)
    write_records(folder / "records", shas)
    command = _search(recorded, shas[0], folder, "--history", f"dir:{folder / 'records'}")
    what = f"among {RECORDED_COMMITS:,} commits, each recorded"
    yield _make_row(what, command, folder, 2.0, rounds)
    if with_builds:
        built = folder / "built"
        shas = make_repository(built, BUILT_COMMITS, grows=True)
        what = f"among {BUILT_COMMITS} commits, none recorded"
        yield _make_row(what, _search(built, shas[0], folder), folder, None, rounds)


def _make_row(what: str, command: Command, folder: Path, goal: float | None, rounds: int) -> str:
    results: list[Run] = [run(command, {"IMAGE_SIZE_REVIEW_CACHE": ""}) for _ in range(rounds)]
    since = json.loads((folder / "report.json").read_text("utf-8"))["since"]
    largest = since["commits"][0]["delta_bytes"]
    assert abs(largest - _JUMP_BYTES) < 1_000, largest
    cpu, seconds, memory = (
        statistics.median(getattr(result, name) for result in results)
        for name in ("cpu", "seconds", "memory")
    )
    limit = f"{goal:.0f} s" if goal else "8 builds"
    numbers = f"{since['builds']} | {cpu:.2f} | {seconds:.2f} | {limit} | {memory / 1e6:.0f} MB |"
    return f"| {what} | {numbers}"


def _search(repository: Path, start: str, folder: Path, *options: str) -> Command:
    output = ("--output", str(folder / "report.json"))
    return (*_PROGRAM, "audit", "--repo", str(repository), "--since", start, *options, *output)


def make_repository(folder: Path, commits: int, *, grows: bool) -> Sequence[str]:
    """Commit an image, then a change of its program in each commit; return the commits.

    If it `grows`, one commit adds a file of 20 MB.
    """
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=main")
    stream = b"".join(_list_commands(commits, grows=grows))
    _git(folder, "fast-import", "--quiet", stdin=stream)
    _git(folder, "reset", "--quiet", "--hard", "main")
    return _git(folder, "rev-list", "--reverse", "main").split()


def _list_commands(commits: int, *, grows: bool) -> Iterator[bytes]:
    for number in range(commits + 1):
        seconds = _START_S + number * _HOUR_S
        yield b"commit refs/heads/main\n"
        yield b"committer Bench <bench@example.com> %d +0000\n" % seconds
        yield _data(b"Change %d (#%d)" % (number, number))
        yield b"M 100644 inline app/main.py\n" + _data(b"print(%d)\n" % number)
        if number == 0:
            yield b"M 100644 inline Dockerfile\n" + _data(b"FROM busybox\nCOPY . /app\n")
            for index in range(_FILES):
                yield b"M 100644 inline src/file%d\n" % index + _data(b"text")
        if grows and number == round(commits * _JUMP):
            yield b"M 100644 inline model.bin\n" + _data(bytes(_JUMP_BYTES))


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def write_records(folder: Path, shas: Sequence[str]) -> None:
    """Write the record of each commit, as a push would have."""
    jump = round((len(shas) - 1) * _JUMP)
    for number, sha in enumerate(shas):
        record = _make_record(number, sha, _JUMP_BYTES if number >= jump else 0)
        path = folder / make_path(record)
        path.parent.mkdir(parents=True)
        path.write_bytes(render_record(record))


def _make_record(number: int, sha: str, addition: int) -> Record:
    own = 1_000_000 + number + addition
    layers = (
        RecordedLayer(
            "sha256:" + "a" * 64, 80_000_000, 30_000_000, "FROM busybox", 1, 1, from_base_image=True
        ),
        RecordedLayer(f"sha256:{number:064x}", own, own, "COPY . /app", 2, 2),
    )
    owners = tuple(RecordedOwner("deb", f"package{index}", 1_000_000) for index in range(19))
    return Record(
        commit=sha,
        date="2025-01-01T00:00:00Z",
        key=ImageKey("Dockerfile", "linux/amd64"),
        dockerfile="Dockerfile",
        target=None,
        image_id="sha256:" + "b" * 64,
        store="overlay2",
        compressed_exact=False,
        filesystem_bytes=80_000_000 + own,
        own_wasted_bytes=0,
        layers=layers,
        owners=(*owners, RecordedOwner("directory", "/app", own)),
        rest_bytes=61_000_000,
    )


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    command = ["git", "-C", str(folder), *arguments]
    finished = subprocess.run(
        command, input=stdin, check=True, capture_output=True, env=dict(os.environ)
    )
    return finished.stdout.decode()


if __name__ == "__main__":
    main()
