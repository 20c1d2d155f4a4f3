"""Reviews against the builds that they consist of: `python -m bench.builds`.

Each row runs a review and, in turns with it, buildx alone: of both sides, or of head. The images
are of busybox, which the engine must have; a `sleep` in a step stands for the time that a real step
waits for servers. `--print` leaves docs/performance.md as it is.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench import page
from bench.race import Command, Run, run

SECTION = "builds"
ROUNDS = 3
IMAGES, JOBS = 10, 4
HEAD = (
    "| what | against | ratio | goal | seconds | the other's | processor |",
    "|---|---|--:|--:|--:|--:|--:|",
)
_PROGRAM = (sys.executable, "-m", "bot")
_STEP_S = 20
_IMAGE_STEP_S = 6
_BUILD = ("docker", "buildx", "build", "--provenance=false", "--load")


@dataclass(frozen=True)
class Row:
    """A row: what runs against what, the goal, and what is done before each of the two."""

    what: str
    against: str
    goal: str
    make_commands: Callable[[], tuple[Command, Command]]
    prepare: Callable[[], None]
    is_speed: bool = False  # the ratio is the other's time by ours


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.builds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    options = parser.parse_args()
    engine = _read("docker", "version", "--format", "{{.Server.Version}}").strip()
    lines = [page.machine(engine), f"Medians of {options.rounds} rounds.", "", *HEAD]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as name:
        for row in list_rows(Path(name)):
            lines.append(measure(row, options.rounds))
            print(lines[-1], flush=True)
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), SECTION, lines), "utf-8")


def measure(row: Row, rounds: int) -> str:
    """Run both sides of a row in turns and return the row as Markdown."""
    pairs: list[tuple[Run, Run]] = []
    for _ in range(rounds):
        commands = row.make_commands()
        results: list[Run] = []
        for command in commands:
            row.prepare()
            results.append(run(command, {}))
        pairs.append((results[0], results[1]))
    ratios = [ours.seconds / other.seconds for ours, other in pairs]
    ratio = (
        statistics.median(1 / quotient for quotient in ratios)
        if row.is_speed
        else statistics.median(ratios)
    )
    ours, other = (statistics.median(pair[side].seconds for pair in pairs) for side in (0, 1))
    cpu = statistics.median(pair[0].cpu for pair in pairs)
    return (
        f"| {row.what} | {row.against} | **{ratio:.2f}** | {row.goal} | {ours:.1f} | {other:.1f} "
        f"| {cpu:.2f} |"
    )


def list_rows(folder: Path) -> Iterator[Row]:
    """Yield the rows, each with a repository of its own."""
    single = Sample(folder / "single", 1, _STEP_S)
    history = folder / "history"
    old, new = single.commit(), single.commit()
    _record(single, old, history)
    recorded = ("--history", f"dir:{history}")
    yield Row(
        "`review`, base recorded, nothing cached",
        "`docker buildx build` of head",
        "1.10",
        lambda: (single.review(old, new, *recorded), single.build(new)),
        _empty_cache,
    )
    yield Row(
        "`review`, nothing recorded, nothing cached",
        "`docker buildx bake` of both sides",
        "1.05",
        lambda: (single.review(old, new), single.bake(old, new)),
        _empty_cache,
    )

    def push_twice() -> tuple[Command, Command]:
        # Two commits, so that neither finds the other's last step in the cache.
        ours, others = single.commit(), single.commit()
        return single.review(old, ours), single.build(others)

    subprocess.run(single.build(old), check=True, capture_output=True)
    yield Row(
        "`review` of a second push, base cached",
        "`docker buildx build` of head, cached as well",
        "1.20",
        push_twice,
        lambda: None,
    )
    several = Sample(folder / "several", IMAGES, _IMAGE_STEP_S)
    first = several.commit()
    for name in several.names:
        subprocess.run(several.build(first, name), check=True, capture_output=True)

    def change_all() -> tuple[Command, Command]:
        ours, others = several.commit(), several.commit()
        return (
            several.review(first, ours, "--jobs", str(JOBS)),
            several.review(first, others, "--jobs", "1"),
        )

    yield Row(
        f"`review` of {IMAGES} images, `--jobs {JOBS}`",
        "the same, `--jobs 1`: times as fast",
        "1.60",
        change_all,
        lambda: None,
        is_speed=True,
    )


class Sample:
    """A repository of images, each with dependencies that stay and sources that change."""

    def __init__(self, folder: Path, images: int, step_s: int) -> None:
        self.folder, self.step_s = folder, step_s
        self.names = [f"app{number}" for number in range(images)]
        self._numbers = count(1)
        folder.mkdir()
        self._git("init", "--quiet", "--initial-branch=main")

    def commit(self) -> str:
        """Commit a change of each image's source; return the commit."""
        number = next(self._numbers)
        wait = f"sleep {self.step_s} && yes | head -c 1000000"
        for name in self.names:
            context = self.folder / name
            context.mkdir(exist_ok=True)
            (context / "list").write_text("tools\n")
            (context / "source").write_text(f"{number}\n")
            (context / "Dockerfile").write_text(
                "FROM busybox\nCOPY list /\n"
                f"RUN echo {name} && {wait} >/tools\nCOPY source /\nRUN {wait} >/program\n"
            )
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", f"Change {number}")
        return self._git("rev-parse", "HEAD").strip()

    def review(self, base: str, head: str, *options: str) -> Command:
        """Return the review of two commits."""
        revisions = ("--base", base, "--head", head)
        return (*_PROGRAM, "review", "--repo", str(self.folder), *revisions, *options)

    def build(self, sha: str, name: str = "app0") -> Command:
        """Return the build of an image of a commit by buildx alone."""
        return (*_BUILD, "--tag", f"bench-{name}", str(self._check_out(sha) / name))

    def bake(self, *shas: str) -> Command:
        """Return the build of the first image of several commits at once."""
        targets = {
            f"side{number}": {
                "context": str(self._check_out(sha) / "app0"),
                "tags": [f"bench-side{number}"],
                "attest": ["type=provenance,disabled=true"],
            }
            for number, sha in enumerate(shas)
        }
        file = self.folder.parent / "bake.json"
        file.write_text(json.dumps({"target": targets}))
        return ("docker", "buildx", "bake", "--load", "--file", str(file), *targets)

    def _check_out(self, sha: str) -> Path:
        folder = self.folder.parent / "checkouts" / sha
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            self._git("worktree", "add", "--quiet", "--detach", str(folder), sha)
        return folder

    def _git(self, *arguments: str) -> str:
        author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
        return _read("git", "-C", str(self.folder), *author, *arguments)


def _record(sample: Sample, sha: str, history: Path) -> None:
    """Measure a commit and write its records, as a push would have."""
    options = ("--history", f"dir:{history}", "--record")
    _read(*_PROGRAM, "audit", "--repo", str(sample.folder), "--rev", sha, *options)


def _empty_cache() -> None:
    """Remove what the builder has cached; the base image stays."""
    _read("docker", "builder", "prune", "--all", "--force")


def _read(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
