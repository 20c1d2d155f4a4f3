"""Verify rewrites of public applications: `python -m bench.public_applications FOLDER`.

Each application of public_applications.toml is fetched at its commit; the folder of its Dockerfile,
which is the build context, becomes FOLDER/NAME. Then `python -m bench.rewrites FOLDER` runs, in an
engine of its own unless `--use-existing` is given. What was measured with them is in
docs/proved-applications.md.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench import rewrites

LIST = Path(__file__).with_name("public_applications.toml")
GITHUB = "https://github.com/{repository}.git"


@dataclass(frozen=True, slots=True)
class PublicApplication:
    """One application: its repository as GitHub names it, and the path of its Dockerfile there."""

    name: str
    repository: str
    commit: str
    dockerfile: str = "Dockerfile"


def main(arguments: Sequence[str]) -> int:
    """Fetch what is missing and verify all; return 2 if a repository cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m bench.public_applications")
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="a folder for the applications")
    parser.add_argument("--names", nargs="*", default=[], help="beginnings of names")
    parser.add_argument("--source", default=GITHUB, help="another address with {repository} in it")
    parser.add_argument("--fetch-only", action="store_true", help="build nothing")
    options, others = parser.parse_known_args(arguments)
    chosen = select_applications(read_applications(LIST), options.names)
    try:
        for application in chosen:
            fetch_application(application, options.folder, options.source)
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd[-1]}: {error.stderr.strip()}", file=sys.stderr)
        return 2
    if options.fetch_only:
        return 0
    names = [application.name for application in chosen]
    return rewrites.main([str(options.folder), *others, "--names", *names])


def read_applications(path: Path) -> list[PublicApplication]:
    """Return the applications of a list, in its order."""
    return [PublicApplication(**row) for row in tomllib.loads(path.read_text())["application"]]


def select_applications(
    applications: Iterable[PublicApplication], beginnings: Sequence[str]
) -> list[PublicApplication]:
    """Return those with one of the beginnings; all if there is none."""
    return [x for x in applications if not beginnings or x.name.startswith(tuple(beginnings))]


def fetch_application(application: PublicApplication, folder: Path, source: str = GITHUB) -> None:
    """Bring an application at its commit to FOLDER/NAME, unless it is there."""
    target = folder / application.name
    if target.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = PurePosixPath(application.dockerfile)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as checkout:
        address = source.format(repository=application.repository)
        check_out(address, application.commit, checkout)
        context = Path(checkout) / path.parent
        if path.name != "Dockerfile":
            shutil.copyfile(context / path.name, context / "Dockerfile")
        shutil.rmtree(Path(checkout) / ".git")
        shutil.copytree(context, target, symlinks=True)


def check_out(address: str, commit: str, folder: str) -> None:
    """Fetch a commit of a repository and check it out in an empty folder."""
    _run_git(folder, "init", "--quiet")
    _run_git(folder, "fetch", "--quiet", "--depth=1", address, commit)
    _run_git(folder, "checkout", "--quiet", "FETCH_HEAD")


def _run_git(folder: str, *arguments: str) -> None:
    command = ["git", "-C", folder, *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
