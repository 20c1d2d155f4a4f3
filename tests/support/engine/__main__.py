"""`python -m tests.support.engine`: an engine for the time of one command.

python -m tests.support.engine run --images golang:1.16 alpine -- docker build .
python -m tests.support.engine images
python -m tests.support.engine clean

IMAGE_SIZE_ENGINE chooses the release: 26 (the default), 28 or 29.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import get_args

from tests.support.engine.cache import find_cache_root, remove, take_lock
from tests.support.engine.cleanup import clean_up
from tests.support.engine.engine_paths import EnginePaths, Store
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.private_engine import PrivateEngine
from tests.support.engine.progress import print_progress
from tests.support.engine.recipes import read_recipes

CANNOT = 2
NOT_FOUND = 127


def main(arguments: list[str]) -> int:
    """Return the exit status: the command's for `run`; 2 if no engine is available."""
    own, command = split_at_dashes(arguments)
    parser = argument_parser()
    options = parser.parse_args(own)
    if options.verb == "run" and not command:
        parser.error("run needs a command after `--`, as in: run -- docker info")
    try:
        return VERBS[options.verb](options, command)
    except EngineUnavailable as error:
        print(error, file=sys.stderr)
        return CANNOT


def split_at_dashes(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before `--` and the command after it; argparse would mix them up."""
    if "--" not in arguments:
        return arguments, []
    dashes = arguments.index("--")
    return arguments[:dashes], arguments[dashes + 1 :]


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.support.engine", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="run a command with a private engine (after `--`)")
    run.add_argument("--store", choices=get_args(Store), default="overlay2", help="image store")
    run.add_argument("--images", nargs="*", default=[], help="stand-ins to have, or `all`")
    run.add_argument("--purpose", default="tests", help="engines of another name do not wait")
    run.add_argument("--use-existing", action="store_true", help="prefer an engine that answers")
    verbs.add_parser("images", help="list the stand-in base images")
    verbs.add_parser("clean", help="remove everything that is kept between runs")
    return parser


def run(options: argparse.Namespace, command: list[str]) -> int:
    """Run a command with an engine, which stops however the command ends."""
    if options.use_existing and existing_engine_works():
        print_progress(
            "using the engine that is already running; no stand-in images are put into it"
        )
        return run_command(command, os.environ)
    with PrivateEngine(options.store, options.purpose) as engine:
        engine.ensure(*options.images)
        return run_command(command, {**os.environ, **engine.environment})


def existing_engine_works() -> bool:
    """Return True if the user's client reaches an engine and can build with BuildKit."""
    if not shutil.which("docker"):
        return False
    checks = (["docker", "info"], ["docker", "buildx", "version"])
    return all(subprocess.run(check, capture_output=True).returncode == 0 for check in checks)


def run_command(command: list[str], environment: Mapping[str, str]) -> int:
    """Return the command's status as a shell would; SIGTERM is passed on to it."""
    program = shutil.which(command[0], path=environment.get("PATH"))
    if not program:
        print_progress(f"{command[0]}: no such command")
        return NOT_FOUND
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(signal_number: int, frame: FrameType | None) -> None:
        """Send the signal to the command; a signal during its start is kept until it runs."""
        for child in children:
            child.send_signal(signal_number)
        if not children:
            early.append(signal_number)

    signal.signal(signal.SIGTERM, pass_on)
    child = subprocess.Popen([program, *command[1:]], env=environment)
    children.append(child)
    for signal_number in early:
        child.send_signal(signal_number)
    # A terminal sends Ctrl-C to the command as well; it decides, we wait for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = child.wait()
    return status if status >= 0 else 128 - status


def images(options: argparse.Namespace, command: list[str]) -> int:
    """Print one line for each stand-in, with all its tags."""
    for recipe in read_recipes():
        print(*recipe.tags)
    return 0


def clean(options: argparse.Namespace, command: list[str]) -> int:
    """Wait for engines in use, clean up after killed ones, then remove the cache."""
    cache = find_cache_root(os.environ)
    for home in sorted(cache.glob("engines/*")):
        paths = EnginePaths(store="overlay2", home=str(home), programs="")
        take_lock(paths.lock, f"the engine in {home}")
        clean_up(paths)
    if cache.exists():
        remove(cache)
        print_progress(f"removed {cache}")
    return 0


VERBS: Mapping[str, Callable[[argparse.Namespace, list[str]], int]] = {
    "run": run,
    "images": images,
    "clean": clean,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
