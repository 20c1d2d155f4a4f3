"""Run `advise --verify` on every application of a folder: `python -m bench.rewrites [FOLDER]`.

FOLDER holds applications, each a folder with a Dockerfile that is its own build context; the
default is the collection in tests/collection/apps. An `app.json` may say what is right:
{"expect": "rewrite"} or {"expect": "leave"}, and a "smoke_test", a command as text or as a list. A
private engine is started, with stand-ins for the base images that the Dockerfiles name and their
slim variants, unless `--use-existing` is given.

The best published converter, StageCraft (FSE 2026), gets 60.3 % of 521 single-stage projects to a
working multi-stage file, 52.2 % smaller.
"""

import argparse
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.base_images import list_slim_variants
from bot.dockerfile.build_plan import BuildPlan
from tests.support.engine import EngineUnavailable, PrivateEngine
from tests.support.engine.recipes import find_recipe

COLLECTION = Path(__file__).parent.parent / "tests" / "collection" / "apps"
PROGRAM = (sys.executable, "-m", "bot")
RULE = "single-stage-build"
# Where the slim base image alone makes the image as small, that is offered in place of a stage.
SLIM_RULE, _SLIM_NOTE = "full-base-where-slim-serves", "slim base image alone"
_SERVICE_IMAGE = re.compile(r"(?m)^\s+image:\s*[\"']?([a-z0-9][\w./:-]*)")
# Not eligible, or no attempt was verified: either way nothing is offered.
_NOTHING_OFFERED = ("left", "failed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one application: sizes in bytes, `after` only of a rewrite that was built."""

    name: str
    expected: str
    result: str  # verified, unproved, failed, left or broken
    before: int = 0
    after: int | None = None
    reason: str = ""
    seconds: float = 0.0

    @property
    def reduction(self) -> float:
        """Return the share of the image that the rewrite saves, in percent."""
        return 100 - 100 * (self.after or 0) / self.before if self.before else 0.0

    @property
    def is_right(self) -> bool:
        """Return whether the result is the expected one; without an expectation most are."""
        return self.result in {"rewrite": ("verified",), "leave": _NOTHING_OFFERED}.get(
            self.expected, ("verified", "left", "unproved")
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """The environment of an engine, the network of its builds, and a folder for the reports."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    network: str = "default"
    keep: Path | None = None


def main(arguments: Sequence[str]) -> int:
    """Print a row for each application and the sums; return 1 if a result is wrong."""
    options = _options(arguments)
    apps = [x.parent for x in sorted(options.folder.glob("*/Dockerfile"))]
    chosen = [x for x in apps if not options.names or x.name.startswith(tuple(options.names))]
    if not chosen:
        print(f"{options.folder} has no folder with a Dockerfile in it", file=sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    settings = open_setting(options, chosen, options.keep)
    with settings as setting, ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda folder: tried(folder, setting), chosen):
            print(_row(outcome), flush=True)
            outcomes.append(outcome)
    print()
    for line in summary(outcomes):
        print(line)
    return 0 if all(x.is_right for x in outcomes) else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.rewrites", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_options(parser)
    parser.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    parser.add_argument("--keep", type=Path, help="a folder for the JSON reports")
    return parser.parse_args(arguments)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose applications and an engine."""
    parser.add_argument("folder", nargs="?", type=Path, default=COLLECTION)
    parser.add_argument(
        "--names", nargs="*", default=[], help="beginnings of names; none means all"
    )
    parser.add_argument(
        "--use-existing", action="store_true", help="the engine that answers; no stand-ins"
    )
    parser.add_argument("--build-network", default="default", help="of builds in that engine")


@contextmanager
def open_setting(
    options: argparse.Namespace, folders: Sequence[Path], keep: Path | None = None
) -> Iterator[Setting]:
    """Yield the existing engine, or start a private one."""
    if options.use_existing:
        yield Setting(network=options.build_network, keep=keep)
        return
    with PrivateEngine(purpose="rewrites") as engine:
        engine.ensure("all", *base_images(folders))
        environment = {**os.environ, **engine.environment}
        yield Setting(environment, engine.build_network, keep)


def base_images(folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the images that applications name, each once, if there are stand-ins.

    These are base images, their slim variants, and those of the services of compose files.
    """
    names: dict[str, None] = {}
    for folder in folders:
        for name in _named((folder / "Dockerfile").read_bytes()):
            names |= dict.fromkeys([name, *list_slim_variants(name)])
        for path in sorted(folder.glob("*compose*.y*ml")):
            names |= dict.fromkeys(_SERVICE_IMAGE.findall(path.read_text(errors="replace")))
    return tuple(name for name in names if has_stand_in(name))


def _named(text: bytes) -> tuple[str, ...]:
    """Return the external images of a Dockerfile; none if it cannot be parsed."""
    try:
        return BuildPlan(DockerfileReader().parse(text)).external_images
    except ValueError:
        return ()


def has_stand_in(name: str) -> bool:
    """Return True if there is a stand-in for an image, or one that is similar."""
    try:
        return bool(find_recipe(name))
    except EngineUnavailable as problem:
        print(problem, file=sys.stderr)
        return False


def tried(folder: Path, setting: Setting) -> Outcome:
    """Run the program on one application, as its users start it."""
    facts = read_facts(folder)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder_for_reports:
        output = (setting.keep or Path(folder_for_reports)).absolute() / f"{folder.name}.json"
        output.parent.mkdir(parents=True, exist_ok=True)
        output.unlink(missing_ok=True)
        ended = subprocess.run(
            [*_command(folder, facts, setting.network), "--output", str(output)],
            env=dict(setting.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.monotonic() - began
        if not output.exists():
            return Outcome(folder.name, facts["expect"], "broken", reason=ended.stderr[-300:])
        image = json.loads(output.read_text("utf-8"))["images"][0]
    return judged(folder.name, facts["expect"], image, took)


def judged(name: str, expected: str, image: Mapping[str, Any], seconds: float) -> Outcome:
    """Judge the report on one application."""
    if image["head"] is None:
        return Outcome(name, expected, "broken", reason=str(image["reason"]), seconds=seconds)
    before = int(image["head"]["unpacked_bytes"])
    rewrites = [x for x in image["suggestions"] if x["rule"] == RULE]
    if any(_SLIM_NOTE in note for note in image.get("notes", ())):
        rewrites = [x for x in image["suggestions"] if x["rule"] == SLIM_RULE]
    if not rewrites:
        why = [x for x in image.get("notes", ()) if "multi-stage" in x]
        failed = any("tried and failed" in x for x in why)
        result = "failed" if failed else "left"
        return Outcome(name, expected, result, before, None, " ".join(why), seconds)
    proof = rewrites[0]["verification"] or {}
    result = "verified" if rewrites[0]["confidence"] == "verified" else "unproved"
    log = str(proof.get("log", ""))
    reason = (
        "" if result == "verified" else next((x for x in log.split("\n") if "not run" in x), log)
    )
    return Outcome(name, expected, result, before, proof.get("unpacked_bytes"), reason, seconds)


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the figures over all applications."""
    applicable = [
        outcome
        for outcome in outcomes
        if outcome.expected == "rewrite"
        or (outcome.expected == "?" and outcome.result not in ("left", "broken"))
    ]
    others = [outcome for outcome in outcomes if outcome.expected == "leave"]
    verified = [outcome for outcome in applicable if outcome.result == "verified"]
    share = 100 * len(verified) / len(applicable) if applicable else 0.0
    median = statistics.median(outcome.reduction for outcome in verified) if verified else 0.0
    yield f"applicable           {len(applicable)}"
    yield f"verified             {len(verified)} ({share:.1f} %; StageCraft 60.3 %)"
    yield f"not verified         {len(applicable) - len(verified)}"
    unchanged_count = sum(outcome.result in _NOTHING_OFFERED for outcome in others)
    yield f"left alone rightly   {unchanged_count} of {len(others)}"
    yield f"median reduction     {median:.1f} % (StageCraft 52.2 %)"


def read_facts(folder: Path) -> dict[str, Any]:
    """Return what an application's `app.json` says."""
    path = folder / "app.json"
    facts = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {"expect": "?", "smoke_test": [], **facts}


def smoke_options(facts: Mapping[str, Any]) -> list[str]:
    """Return the options for the smoke test of an application."""
    test = facts["smoke_test"]
    test = test if isinstance(test, str) else shlex.join(test)
    return ["--smoke-test", test] if test else []


def _command(folder: Path, facts: Mapping[str, Any], network: str) -> list[str]:
    options = [*smoke_options(facts), "--build-network", network, "--format", "json"]
    return [*PROGRAM, "advise", str(folder / "Dockerfile"), "--verify", *options]


def _row(outcome: Outcome) -> str:
    mark = "ok " if outcome.is_right else "NO "
    sizes = f"{outcome.before / 1e6:7.1f} MB"
    if outcome.after is not None:
        sizes += f" → {outcome.after / 1e6:6.1f} MB −{outcome.reduction:4.1f} %"
    reason = outcome.reason.replace("\n", " ")[:160]
    head = f"{mark}{outcome.name:32} {outcome.result:9} {outcome.seconds:5.0f} s"
    return f"{head} {sizes} {reason}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
