"""The static gate on conversions by people: `python -m bench.conversions`.

conversions.tsv lists commits after which a Dockerfile of one stage has several: repository, commit
before, commit after, path, and a verdict by reading: `build` if tools or sources of a build were
shipped that nothing needs at run time, `other` if it was converted for another reason. The rule
`single-stage-build` is applied to the file before and after, and should report the former of
`build` alone. Needs Git and the network; with `--checkouts FOLDER` no network, if FOLDER/COMMIT has
each of the commits.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.findings import PublicFile, check_out, read_files

LIST = Path(__file__).with_name("conversions.tsv")
RULE = "single-stage-build"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A Dockerfile with one stage in a commit, and with several in the next one."""

    repository: str
    before: str
    after: str
    path: str
    verdict: str  # build or other
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A conversion, and whether the rule reports its file before and after."""

    conversion: Conversion
    is_reported_before: bool
    is_reported_after: bool


def main(arguments: Sequence[str]) -> int:
    """Print the counts, and each conversion that is missed or reported without a reason."""
    parser = argparse.ArgumentParser(prog="python -m bench.conversions", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--list", type=Path, default=LIST)
    parser.add_argument("--checkouts", type=Path, help="a folder with a checkout of each commit")
    options = parser.parse_args(arguments)
    outcomes = [judge(conversion, options.checkouts) for conversion in read_list(options.list)]
    print("\n".join(summarize(outcomes)))
    return 0


def read_list(path: Path) -> list[Conversion]:
    """Return the conversions of a list, below its header, between tabulators."""
    lines = path.read_text("utf-8").splitlines()[1:]
    return [Conversion(*line.split("\t")) for line in lines]


def judge(conversion: Conversion, checkouts: Path | None) -> Outcome:
    """Apply the rule to both files of a conversion."""
    print(conversion.repository, conversion.path, file=sys.stderr)
    before, after = (
        _is_reported(PublicFile(conversion.repository, commit, conversion.path), checkouts)
        for commit in (conversion.before, conversion.after)
    )
    return Outcome(conversion, before, after)


def summarize(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the counts, then a line for each outcome that is not as it should be."""
    build = [x for x in outcomes if x.conversion.verdict == "build"]
    others = [x for x in outcomes if x.conversion.verdict != "build"]
    repositories = len({x.conversion.repository for x in outcomes})
    yield f"{len(outcomes)} conversions of {repositories} repositories. {RULE} reports:"
    yield f"{_count([x.is_reported_before for x in build])} that call for a build stage"
    yield f"{_count([x.is_reported_before for x in others])} that were converted otherwise"
    yield f"{_count([x.is_reported_after for x in outcomes])} after the conversion"
    yield from (_row("missed", x) for x in build if not x.is_reported_before)
    yield from (_row("false", x) for x in others if x.is_reported_before)
    yield from (_row("after", x) for x in outcomes if x.is_reported_after)


def _count(answers: Sequence[bool]) -> str:
    share = 100 * sum(answers) / len(answers) if answers else 0
    return f"  {sum(answers)} of {len(answers)} ({share:.0f} %)"


def _row(label: str, outcome: Outcome) -> str:
    conversion = outcome.conversion
    names = (label, conversion.repository, conversion.before, conversion.path, conversion.note)
    return "\t".join(names)


def _is_reported(file: PublicFile, checkouts: Path | None) -> bool:
    if checkouts is not None:
        return _has_finding(file, checkouts / file.commit)
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        check_out(file.repository, file.commit, Path(folder))
        return _has_finding(file, Path(folder))


def _has_finding(file: PublicFile, root: Path) -> bool:
    (reading,) = read_files([file], root)
    return any(finding.rule == RULE for finding in reading.findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
