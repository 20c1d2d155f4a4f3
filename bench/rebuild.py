"""Time rebuilds after a change of one source line: `python -m bench.rebuild [FOLDER]`.

For each application of a folder (as in bench.rewrites) its Dockerfile and the rewrite of it are
built, and built again in turns, each time after a line of its largest source has changed: the line
is part of what is built, so that the image changes, too. Applications without a rewrite are
skipped. `--unverified` takes the first rewrite as it is, which saves the time of proving it;
`--reports` takes those that `advise --verify --format json` wrote to a folder, as `NAME.json`.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.rewrites import (
    PROGRAM,
    RULE,
    Setting,
    add_options,
    open_setting,
    read_facts,
    smoke_options,
)

ROUNDS = 3
# Two builds of the same file differ by as much on a machine with other work.
EQUAL = 1.1
HEAD = (
    "| application | changed | Dockerfile, s | rewrite, s | ratio |",
    "|---|---|--:|--:|--:|",
)
# A line at the end of a source with which its result differs for every number.
_LINES = {
    ".go": "var rebuilds int; func init() {{ rebuilds = {0} }}",
    ".rs": "#[used] static REBUILDS: u32 = {0};",
    ".c": "volatile int rebuilds = {0};",
    ".cpp": "volatile int rebuilds = {0};",
    ".java": "class Rebuilds {{ static final int NUMBER = {0}; }}",
    ".js": "globalThis.rebuilds = {0};",
    ".mjs": "globalThis.rebuilds = {0};",
    ".ts": "(globalThis as any).rebuilds = {0};",
    ".py": "# {0}",
    ".rb": "# {0}",
    ".php": "// {0}",
    ".ex": "defmodule Rebuilds do def number, do: {0} end",
}
_OTHER_FOLDERS = frozenset({"node_modules", "vendor", "test", "tests", "spec", "config", "scripts"})


@dataclass(frozen=True)
class Rebuilds:
    """The seconds of each rebuild of an application, of its own file and of the rewrite."""

    name: str
    source: str
    old: tuple[float, ...]
    new: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the median of the ratios of the rounds."""
        return statistics.median(new / old for old, new in zip(self.old, self.new, strict=True))

    @property
    def is_as_fast(self) -> bool:
        """Return whether the rewrite is no slower than the application's own file."""
        return self.ratio <= EQUAL


def main(arguments: Sequence[str]) -> int:
    """Print a row for each application and how many are no slower; return 1 below 90 %."""
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--unverified", action="store_true")
    parser.add_argument("--reports", type=Path)
    options = parser.parse_args(arguments)
    apps = [x.parent for x in sorted(options.folder.glob("*/Dockerfile"))]
    chosen = [x for x in apps if not options.names or x.name.startswith(tuple(options.names))]
    rebuilds: list[Rebuilds] = []
    print("\n".join(HEAD))
    with open_setting(options, chosen) as setting:
        for folder in chosen:
            result = measure(folder, setting, options)
            if isinstance(result, str):
                print(f"{folder.name}: {result}", file=sys.stderr, flush=True)
            else:
                rebuilds.append(result)
                print(format_row(result), flush=True)
    print("\n".join(["", *summarize(rebuilds)]))
    fast = sum(x.is_as_fast for x in rebuilds)
    return 0 if fast >= 0.9 * len(rebuilds) else 1


def format_row(rebuilds: Rebuilds) -> str:
    """Return the row of an application."""
    seconds = (statistics.median(x) for x in (rebuilds.old, rebuilds.new))
    old, new = (f"{x:.1f}" for x in seconds)
    return f"| {rebuilds.name} | `{rebuilds.source}` | {old} | {new} | {rebuilds.ratio:.2f} |"


def summarize(rebuilds: Sequence[Rebuilds]) -> Iterator[str]:
    """Yield the figures over all applications."""
    if rebuilds:
        fast = sum(x.is_as_fast for x in rebuilds)
        median = statistics.median(x.ratio for x in rebuilds)
        yield f"no slower (up to {EQUAL})  {fast} of {len(rebuilds)}"
        yield f"median ratio         {median:.2f}"


def measure(folder: Path, setting: Setting, options: argparse.Namespace) -> Rebuilds | str:
    """Return the times of an application, or why there are none."""
    with tempfile.TemporaryDirectory(prefix="image-size-rebuild-") as temporary:
        context = Path(temporary, "context")
        shutil.copytree(folder, context)
        try:
            builds = Builds(folder.name, context, setting)
            if options.reports:
                rewrite = read_rewrite((options.reports / f"{folder.name}.json").read_bytes())
            else:
                rewrite = builds.find_rewrite(read_facts(folder), verify=not options.unverified)
            if not rewrite:
                return "no rewrite"
            own, ours = context / "Dockerfile", Path(temporary, "Dockerfile")
            ours.write_text(rewrite, "utf-8", newline="")
            turns = range(options.rounds + 1)
            seconds = [(builds.rebuild(own), builds.rebuild(ours)) for _ in turns][1:]
            builds.remove()
        except OSError as problem:
            return str(problem)
    old, new = zip(*seconds, strict=True)
    return Rebuilds(folder.name, str(builds.source.relative_to(context)), old, new)


def read_rewrite(report: bytes, *, only_verified: bool = True) -> str:
    """Return the multi-stage Dockerfile of a report; empty if there is none."""
    suggestions = json.loads(report)["images"][0]["suggestions"]
    texts = (
        suggestion["dockerfile"]
        for suggestion in suggestions
        if suggestion["rule"] == RULE
        and (suggestion["confidence"] == "verified" or not only_verified)
    )
    return next(texts, None) or ""


def choose_source(context: Path) -> Path:
    """Return the largest source of the commonest suffix; FileNotFoundError if there is none."""
    sources = [
        path
        for path in sorted(context.rglob("*"))
        if path.suffix in _LINES
        and path.is_file()
        and not _OTHER_FOLDERS.intersection(path.relative_to(context).parts)
        and not path.stem.endswith(("_test", ".test", ".config"))
    ]
    sizes: dict[str, int] = {}
    for path in sources:
        sizes[path.suffix] = sizes.get(path.suffix, 0) + path.stat().st_size
    suffix = max(sizes, key=lambda name: sizes[name], default="")
    matching = [path for path in sources if path.suffix == suffix]
    if not matching:
        raise FileNotFoundError(f"no source in {context}")
    return max(matching, key=lambda path: path.stat().st_size)


class Builds:
    """The builds of one application, each after a change of its own."""

    def __init__(self, name: str, context: Path, setting: Setting, source: str = "") -> None:
        self.tag, self._context, self._setting = f"rebuild:{name}", context, setting
        self._named_source, self._number = source, 0

    @cached_property
    def source(self) -> Path:
        """Return the file that changes: the named one, or one that is chosen."""
        if self._named_source:
            return self._context / self._named_source
        return choose_source(self._context)

    @cached_property
    def _text(self) -> bytes:
        return self.source.read_bytes().rstrip(b"\n")

    def find_rewrite(self, facts: Mapping[str, object], *, verify: bool) -> str:
        """Build the application; return the rewrite of its Dockerfile, empty if there is none."""
        self.build(self._context / "Dockerfile")
        report = self.run(
            [*PROGRAM, "advise", str(self._context / "Dockerfile"), "--image", self.tag]
            + ["--format", "json", "--build-network", self._setting.network]
            + ([*smoke_options(facts), "--verify"] if verify else [])
        )
        return read_rewrite(report.encode(), only_verified=verify)

    def rebuild(self, dockerfile: Path) -> float:
        """Change the source and return the seconds of a build."""
        self._number += 1
        line = _LINES[self.source.suffix].format(self._number)
        text = self._text
        self.source.write_bytes(text + b"\n" + line.encode() + b"\n")
        start = time.perf_counter()
        self.build(dockerfile)
        return time.perf_counter() - start

    def remove(self) -> None:
        """Remove the image; the builder keeps its cache within limits."""
        self.run(["docker", "image", "rm", "--force", self.tag])

    def build(self, dockerfile: Path) -> None:
        """Build a Dockerfile; OSError if it does not build."""
        options = ["--provenance=false", "--load", "--network", self._setting.network]
        names = ["--tag", self.tag, "--file", str(dockerfile), str(self._context)]
        self.run(["docker", "buildx", "build", "--quiet", *options, *names])

    def run(self, command: Sequence[str]) -> str:
        """Run a command for this engine and return what it prints; OSError if it fails."""
        environment = dict(self._setting.environment)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode and command[1] != "image":
            raise OSError(done.stderr[-300:])
        return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
