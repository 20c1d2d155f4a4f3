"""The plan of a review against `git ls-tree -r` of both sides: `python -m bench.plan`.

A repository of 200 images and 100,000 files is made, with 30 patterns in each ignore file. Of a
change of one Dockerfile the plan is measured by `images`, which does everything that comes before
the first checkout and builds nothing. No engine is needed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.race import ROUNDS, Command, alone, race

IMAGES, FILES_OF_IMAGE = 200, 500
_PATTERNS = (
    *("**/node_modules", "**/dist", "**/*.log", "**/.env*", "**/coverage", "**/.git"),
    *("**/__tests__/**", "**/*.test.ts", "**/*.spec.ts", "docs", "**/README.md", "**/.DS_Store"),
    *("**/tmp", "**/build", "**/.cache", "**/.next", "**/.turbo", "**/storybook-static", "*.md"),
    *("infra", "!infra/keep", "scripts/**", "**/*.map", "**/.vscode", "**/.idea"),
    *("**/*.tsbuildinfo", "e2e", "**/fixtures/**", "**/*.snap", "**/*.orig"),
)
_PROGRAM = (sys.executable, "-m", "bot")
_HEAD = (
    "| what | against | ratio | seconds | the other's | processor | peak memory |",
    "|---|---|--:|--:|--:|--:|--:|",
)
_IDENTITY = {
    f"GIT_{who}_{what}": f"bench{'@example.com' * (what == 'EMAIL')}"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.plan", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        for line in _report(Path(folder), rounds):
            print(line, flush=True)


def _report(folder: Path, rounds: int) -> Iterator[str]:
    small, large = folder / "small", folder / "large"
    make_repository(small, 1, 1)
    make_repository(large, IMAGES, FILES_OF_IMAGE)
    start = alone(_review(small), {}, rounds)
    yield from _HEAD
    yield f"| `review` of 1 image, the start of the program | | | {start.seconds:.2f} | | | |"
    listing = ("bash", "-c", f"cd {large}; git ls-tree -r same; git ls-tree -r main")
    commands = {
        "`review`, nothing changed": _review(large),
        "`images`, one Dockerfile changed": _list_images(large),
    }
    for what, command in commands.items():
        result = race(command, listing, {}, rounds)
        ours, other = result.ours, result.rival
        ratio = (ours.seconds - start.seconds) / other.seconds
        seconds = f"{ours.seconds:.2f} | {other.seconds:.2f} | {ours.cpu:.2f}"
        yield (
            f"| {what} | `git ls-tree -r` of both sides | **{ratio:.1f}** | {seconds} | "
            f"{ours.memory / 1e6:.0f} MB |"
        )
    yield ""
    yield f"Medians of {rounds} rounds; ratios are without the start of the program."


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


def _list_images(repository: Path) -> Command:
    revisions = ("--base", "same", "--head", "main")
    return (*_PROGRAM, "images", "--repo", str(repository), *revisions)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", "change")


def _git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, **_IDENTITY}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment)


if __name__ == "__main__":
    main()
