"""Set rewrites beside conversions by people: `python -m bench.side_by_side FOLDER`.

Each entry of side_by_side.toml is a Dockerfile that people converted to several stages. The commits
before and after become FOLDER/NAME/before and FOLDER/NAME/after. Both are built, the first is
rewritten and verified, and the sizes are compared. Where there is no rewrite, the file that
`advise --verify --write` saves is built in its place ("edits"). `--rounds 3` also times rebuilds
after a change of one source line: of the old file, the rewrite and the conversion in turns. A
private engine with stand-ins for the base images is started unless `--use-existing` is given.
`# syntax` lines are removed, because the stand-ins have no frontends.
docs/rewrites-compared.md has the results.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from bench.public_applications import GITHUB, check_out
from bench.rebuild import Builds
from bench.rewrites import PROGRAM, RULE, SLIM_RULE, Setting, judged, open_setting

LIST = Path(__file__).with_name("side_by_side.toml")
HEAD = (
    "| application | before, MB | rewrite, MB | conversion, MB | lines | rebuild, s | ratios |",
    "| --- | --: | --: | --: | --: | --: | --: |",
)
_SYNTAX = re.compile(r"(?i)\A((?:#.*\n)*?)#\s*syntax\s*=.*\n")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A Dockerfile before and after people converted it.

    The build context is the folder of the Dockerfile unless `context`, or `context_after` for the
    conversion, says another one. `bases` replaces base images that have no stand-in.
    """

    name: str
    repository: str
    before: str
    after: str
    dockerfile: str = "Dockerfile"
    context: str = ""
    context_after: str = ""
    source: str = ""  # which file a rebuild changes; the largest source of the context
    bases: Mapping[str, str] = field(default_factory=dict)

    def find_context(self, side: str) -> PurePosixPath:
        """Return the build context of a side, `before` or `after`, within the repository."""
        named = self.context_after if side == "after" else ""
        return PurePosixPath(named or self.context or PurePosixPath(self.dockerfile).parent)


@dataclass(frozen=True, slots=True)
class Side:
    """One form of an image: its bytes, the lines of its Dockerfile, the seconds of rebuilds."""

    size: int | None
    lines: int
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three forms of one image: the old one, the rewrite, the conversion by people."""

    name: str
    result: str
    old: Side
    rewrite: Side
    conversion: Side
    offer: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print a row for each conversion; return 2 if a repository cannot be had."""
    options = _parse(arguments)
    chosen = [
        entry
        for entry in read_conversions(LIST)
        if not options.names or entry.name.startswith(tuple(options.names))
    ]
    try:
        for entry in chosen:
            fetch_conversion(entry, options.folder / entry.name, options.source)
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd[-1]}: {error.stderr.strip()}", file=sys.stderr)
        return 2
    if options.fetch_only:
        return 0
    print("\n".join(HEAD))
    folders = [
        path
        for entry in chosen
        for path in list_dockerfile_folders(entry, options.folder / entry.name)
    ]
    with open_setting(options, folders, options.keep) as setting:
        for entry in chosen:
            result = compare(entry, options.folder / entry.name, setting, options.rounds)
            row = f"{entry.name}: {result}" if isinstance(result, str) else format_row(result)
            print(row, file=sys.stderr if isinstance(result, str) else sys.stdout, flush=True)
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.side_by_side", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="a folder for the repositories")
    parser.add_argument("--names", nargs="*", default=[], help="beginnings of names")
    parser.add_argument("--source", default=GITHUB, help="another address with {repository} in it")
    parser.add_argument("--fetch-only", action="store_true", help="build nothing")
    parser.add_argument("--rounds", type=int, default=0, help="of rebuilds; 0 times none")
    parser.add_argument("--keep", type=Path, help="a folder for the JSON reports")
    parser.add_argument(
        "--use-existing", action="store_true", help="the engine that answers; no stand-ins"
    )
    parser.add_argument("--build-network", default="default", help="of builds in that engine")
    return parser.parse_args(arguments)


def read_conversions(path: Path) -> list[Conversion]:
    """Return the conversions of a list, in its order."""
    return [Conversion(**row) for row in tomllib.loads(path.read_text())["conversion"]]


def fetch_conversion(entry: Conversion, folder: Path, source: str = GITHUB) -> None:
    """Bring both commits of a conversion to a folder, unless they are there."""
    for side, commit in (("before", entry.before), ("after", entry.after)):
        target = folder / side
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as checkout:
            check_out(source.format(repository=entry.repository), commit, checkout)
            shutil.rmtree(Path(checkout) / ".git")
            prepare_dockerfile(Path(checkout) / entry.dockerfile, entry.bases)
            shutil.copytree(checkout, target, symlinks=True)


def prepare_dockerfile(path: Path, bases: Mapping[str, str]) -> None:
    """Remove `# syntax`, replace base images, and give a Dockerfile the name of that."""
    text = _SYNTAX.sub(r"\1", path.read_text("utf-8"))
    for name, other in bases.items():
        text = re.sub(rf"(?m)^(FROM\s+){re.escape(name)}\b", rf"\g<1>{other}", text)
    path.write_text(text, "utf-8", newline="")
    if path.name != "Dockerfile":
        path.with_name("Dockerfile").write_text(text, "utf-8", newline="")


def list_dockerfile_folders(entry: Conversion, folder: Path) -> tuple[Path, Path]:
    """Return the folders that hold the Dockerfile before and after."""
    inner = PurePosixPath(entry.dockerfile).parent
    return folder / "before" / inner, folder / "after" / inner


def compare(entry: Conversion, folder: Path, setting: Setting, rounds: int) -> Comparison | str:
    """Build and measure all three forms of an image, or say why one of them cannot be built."""
    before, after = (path / "Dockerfile" for path in list_dockerfile_folders(entry, folder))
    contexts = [folder / side / entry.find_context(side) for side in ("before", "after")]
    try:
        size = measure_build(entry.name, after, contexts[1], setting)
        written = folder / "rewrite.Dockerfile"
        image = advise(entry.name, before, contexts[0], setting, written)
        outcome = judged(entry.name, "?", image, 0.0)
        if rewrite := find_rewrite(image):
            written.write_text(rewrite, "utf-8", newline="")
        elif written.read_bytes() != before.read_bytes():
            rewrite = written.read_text("utf-8")
            size_of_edits = measure_build(entry.name, written, contexts[0], setting)
            outcome = replace(outcome, after=size_of_edits, result="edits")
        texts = before.read_text("utf-8"), rewrite, after.read_text("utf-8")
        sizes = outcome.before, outcome.after, size
        sides = [Side(x, count_lines(text)) for x, text in zip(sizes, texts, strict=True)]
        if rewrite and rounds:
            seconds = time_rebuilds(entry, folder, setting, rounds)
            sides = [replace(x, seconds=y) for x, y in zip(sides, seconds, strict=True)]
    except OSError as problem:
        return str(problem)
    old, new, conversion = sides
    offer = describe_offer(image)
    return Comparison(entry.name, outcome.result, old, new, conversion, offer)


def measure_build(name: str, dockerfile: Path, context: Path, setting: Setting) -> int:
    """Build a Dockerfile and return the unpacked bytes of its image."""
    builds = Builds(f"{name}-conversion", context, setting)
    builds.build(dockerfile)
    report = builds.run([*PROGRAM, "measure", builds.tag, "--format", "json"])
    builds.remove()
    return int(json.loads(report)["images"][0]["head"]["unpacked_bytes"])


def advise(
    name: str, dockerfile: Path, context: Path, setting: Setting, written: Path
) -> Mapping[str, Any]:
    """Rewrite and verify an image, save the result; return its part of the JSON report."""
    options = ["--verify", "--build-network", setting.network, "--format", "json"]
    options += ["--write", str(written)]
    command = [*PROGRAM, "advise", str(dockerfile), "--context", str(context), *options]
    report = Builds(name, context, setting).run(command)
    if setting.keep is not None:
        setting.keep.mkdir(parents=True, exist_ok=True)
        (setting.keep / f"{name}.json").write_text(report, "utf-8")
    image: Mapping[str, Any] = json.loads(report)["images"][0]
    if image["head"] is None:
        raise OSError(image["reason"])
    return image


def find_rewrite(image: Mapping[str, Any]) -> str:
    """Return the text of the rewrite, or of the Dockerfile on a slim base image; "" for none."""
    texts = {x["rule"]: x.get("dockerfile") or "" for x in reversed(image["suggestions"])}
    return texts.get(RULE) or texts.get(SLIM_RULE) or ""


def describe_offer(image: Mapping[str, Any]) -> str:
    """Return the base image and the size of a second offer, "" if there is none."""
    for offer in (x["second_offer"] for x in image["suggestions"] if x.get("second_offer")):
        result = "" if offer["started"] == "same" else ", not started"
        return f"{offer['unpacked_bytes'] / 1e6:.1f} on {offer['base_image']}{result}"
    return ""


def time_rebuilds(
    entry: Conversion, folder: Path, setting: Setting, rounds: int
) -> list[tuple[float, ...]]:
    """Return the seconds of rebuilds of the old file, the rewrite and the conversion, in turns."""
    with tempfile.TemporaryDirectory(prefix="image-size-side-by-side-") as temporary:
        shutil.copytree(folder, temporary, symlinks=True, dirs_exist_ok=True)
        copy = Path(temporary)
        old, new = list_dockerfile_folders(entry, copy)
        builds = [
            Builds(entry.name, copy / side / entry.find_context(side), setting, entry.source)
            for side in ("before", "after")
        ]
        forms = (
            (builds[0], old / "Dockerfile"),
            (builds[0], copy / "rewrite.Dockerfile"),
            (builds[1], new / "Dockerfile"),
        )
        # The first round fills the caches of the builder.
        seconds = [[x.rebuild(path) for x, path in forms] for _ in range(rounds + 1)][1:]
        builds[0].remove()
    return list(zip(*seconds, strict=True))


def count_lines(dockerfile: str) -> int:
    """Return the lines of a Dockerfile that are neither blank nor comments."""
    lines = (line.strip() for line in dockerfile.splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


def format_row(comparison: Comparison) -> str:
    """Return the row of a comparison; ratios are to the old file, the rewrite first."""
    sides = comparison.old, comparison.rewrite, comparison.conversion
    note = f"{comparison.result}; {comparison.offer}" if comparison.offer else comparison.result
    old, rewrite, conversion = map(format_size, sides)
    cells = [comparison.name, old, f"{rewrite} ({note})", conversion]
    cells.append(" / ".join(str(x.lines) for x in sides))
    seconds = (f"{statistics.median(x.seconds):.1f}" for x in sides if x.seconds)
    ratios = (f"{x:.2f}" for x in list_ratios(comparison))
    return f"| {' | '.join([*cells, ' / '.join(seconds), ' / '.join(ratios)])} |"


def format_size(side: Side) -> str:
    """Return the size in MB, `-` without an image."""
    return f"{side.size / 1e6:,.1f}" if side.size is not None else "-"


def list_ratios(comparison: Comparison) -> Iterator[float]:
    """Yield the median ratio of the rebuilds to those of the old file, the rewrite first."""
    for side in (comparison.rewrite, comparison.conversion):
        if side.seconds and comparison.old.seconds:
            pairs = zip(side.seconds, comparison.old.seconds, strict=True)
            yield statistics.median(new / old for new, old in pairs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
