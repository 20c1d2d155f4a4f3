"""The plan of a review against `git ls-tree -r` of both sides: `python -m bench.plan`.

A repository of 200 images and 100,000 files is made, with 30 patterns in each ignore file. Where
one Dockerfile has changed, its builds fail at once, so that no engine is needed. The tables of
docs/performance.md are written; `--print` leaves the page as it is, `--rounds 1` is for a quick
look.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import page
from bench.race import Command, Run, run

ROUNDS = 9
SECTION = "plan"
IMAGES, FILES_OF_IMAGE = 200, 500
_PATTERNS = (
    *("**/node_modules", "**/dist", "**/*.log", "**/.env*", "**/coverage", "**/.git"),
    *("**/__tests__/**", "**/*.test.ts", "**/*.spec.ts", "docs", "**/README.md", "**/.DS_Store"),
    *("**/tmp", "**/build", "**/.cache", "**/.next", "**/.turbo", "**/storybook-static", "*.md"),
    *("infra", "!infra/keep", "scripts/**", "**/*.map", "**/.vscode", "**/.idea"),
    *("**/*.tsbuildinfo", "e2e", "**/fixtures/**", "**/*.snap", "**/*.orig"),
)
HEAD = (
    "| what | processor | above the start, in listings | of the goal | seconds | peak memory |",
    "|---|--:|--:|--:|--:|--:|",
)
_PROGRAM = (sys.executable, "-m", "bot")
_START, _LISTING = "`review` of 1 image, the start", "`git ls-tree -r` of both sides, the listing"
_UNCHANGED = "`review` of 200 images, nothing changed"
_CHANGED = "`review`, one Dockerfile changed, without its builds"
# The goal of a run: so many times the start and three listings.
_GOALS = {_UNCHANGED: 1, _CHANGED: 2}
_LISTINGS = 3
_IDENTITY = {
    f"GIT_{who}_{what}": f"bench{'@example.com' * (what == 'EMAIL')}"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.plan", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    options = parser.parse_args()
    lines = [page.machine(), f"Medians of {options.rounds} rounds.", ""]
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        make_repository(small, 1, 1)
        make_repository(large, IMAGES, FILES_OF_IMAGE)
        lines += _report(_run_rounds(small, large, options.rounds))
    print("\n".join(lines))
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), SECTION, lines), "utf-8")


def _run_rounds(small: Path, large: Path, rounds: int) -> Mapping[str, list[Run]]:
    """Run all commands in turns, after a round to warm up."""
    listing = f"cd {large}; git ls-tree -r same; git ls-tree -r same~1"
    commands: Mapping[str, Command] = {
        _START: _review(small),
        _LISTING: ("bash", "-c", listing),
        _UNCHANGED: _review(large),
        _CHANGED: (sys.executable, "-m", "bench.unbuilt", str(large), "same", "main"),
    }
    runs: dict[str, list[Run]] = {what: [] for what in commands}
    for _ in range(rounds + 1):
        for what, command in commands.items():
            runs[what].append(run(command, {}))
    return {what: results[1:] for what, results in runs.items()}


def _report(runs: Mapping[str, list[Run]]) -> Iterator[str]:
    """Yield the table: ratios are those of processor time, each of one round."""
    yield from HEAD
    for what, results in runs.items():
        ratio = share = ""
        if what in _GOALS:
            rounds = list(zip(results, runs[_START], runs[_LISTING], strict=True))
            ratios = [(x.cpu - start.cpu) / listing.cpu for x, start, listing in rounds]
            goals = [
                _GOALS[what] * (start.cpu + _LISTINGS * listing.cpu) for _, start, listing in rounds
            ]
            shares = [x.cpu / goal for x, goal in zip(results, goals, strict=True)]
            ratio = f"{statistics.median(ratios):.1f}"
            share = f"**{statistics.median(shares):.2f}**"
        cpu = statistics.median(result.cpu for result in results)
        seconds = statistics.median(result.seconds for result in results)
        memory = statistics.median(result.memory for result in results) / 1e6
        yield f"| {what} | {cpu:.2f} | {ratio} | {share} | {seconds:.2f} | {memory:.0f} MB |"


def make_repository(folder: Path, images: int, files: int) -> None:
    """Commit images, each a folder; then an ignored file, and then the change of a Dockerfile."""
    for number in range(images):
        image = folder / f"services/s{number:03}"
        for part in range(10):
            (image / f"src/mod{part}/deep").mkdir(parents=True)
        for index in range(files):
            path = image / f"src/mod{index % 10}/deep/file{index}.ts"
            path.write_text(f"{number} {index}", "utf-8")
        (image / "Dockerfile").write_text(f"FROM scratch\nLABEL s={number}\nCOPY . /\n", "utf-8")
        (image / ".dockerignore").write_text("\n".join(_PATTERNS) + "\n", "utf-8")
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder)
    (folder / "services/s000/README.md").write_text("ignored", "utf-8")
    _commit(folder)
    _git(folder, "tag", "same")
    with (folder / "services/s000/Dockerfile").open("a", encoding="utf-8") as file:
        file.write("LABEL changed=1\n")
    _commit(folder)
    _git(folder, "repack", "-adq")


def _review(repository: Path) -> Command:
    revisions = ("--base", "same~1", "--head", "same")
    return (*_PROGRAM, "review", "--repo", str(repository), *revisions)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", "change")


def _git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, **_IDENTITY}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment)


if __name__ == "__main__":
    main()
