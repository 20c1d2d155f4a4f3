"""`python -m tests.collection check [NAME…]`: every application is built unchanged and started.

One line is printed for each: what is expected, the time of the build, the size, and how it started.
It needs the stand-in base images: `python -m tests.support.engine run --images all -- python -m …`.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.collection.apps import App, apps_in, chosen
from tests.collection.run import build, forget, size, start


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 1 if an application did not build or start."""
    parser = argparse.ArgumentParser(prog="python -m tests.collection", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("check", help="build and start the applications")
    verb.add_argument("names", nargs="*", help="beginnings of names; none means all")
    verb.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    options = parser.parse_args(arguments)
    apps = chosen(apps_in(), options.names)
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        passed = list(pool.map(check, apps))
    print(f"{sum(passed)} of {len(passed)} build and start")
    return 0 if all(passed) else 1


def check(app: App) -> bool:
    """Print the application's line, and the reason where it fails."""
    tag = f"collection/{app.name}"
    began = time.monotonic()
    if failure := build(app, tag):
        print(f"{app.name:34} {app.expect:8} does not build\n{failure}", flush=True)
        return False
    took = time.monotonic() - began
    started, megabytes = start(app, tag), size(tag) / 1e6
    forget(tag)
    line = f"{app.name:34} {app.expect:8} built {took:5.1f} s {megabytes:7.1f} MB  {started}"
    print(line if started.well else f"{line}\n{started.logs}", flush=True)
    return started.well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
