"""The rules on public Dockerfiles: `python -m bench.findings`.

Fetches each repository of bench/dockerfiles/01.tsv at its commit, applies every rule to each
of its Dockerfiles with the build context that `review` infers, and prints the findings of each
rule, then a sample of them to be judged by reading (docs/findings.md). `--written FOLDER` saves
each file as `advise --write` would. Needs Git and the network, no engine; with `--checkouts FOLDER`
no network either, if FOLDER/OWNER/NAME has each repository at its commit.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import dockerfile

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding
from bot.advise.rules import RULES
from bot.advise.run_rules import apply_findings, run_rules, select_safe_findings
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.copied_paths import list_copied_paths
from bot.dockerfile.frontends import has_known_frontend
from bot.dockerfile.refusals import find_refusal
from bot.project.context_inference import infer_context
from bot.project.git_tree import SUBMODULE_MODE_PREFIX, SYMLINK_MODE_PREFIX
from bot.project.path_search import PathSearch

# Each list has the number of its sample; the first three samples are of the first list, and the
# fourth is of further files of the same repositories. No repository is in two others.
_LISTS = Path(__file__).with_name("dockerfiles")
SEED, SAMPLE = 15, 15
# Of one repository, whose authors repeat themselves, at most so many are judged for a rule.
_OF_REPOSITORY = 2


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A Dockerfile of a public repository."""

    repository: str
    commit: str
    path: str


@dataclass(frozen=True, slots=True)
class Case:
    """A finding, the file that it is about, and the text that it would write."""

    file: PublicFile
    finding: Finding

    @property
    def row(self) -> str:
        """Return a line of the sample."""
        file, finding = self.file, self.finding
        line = str(finding.instruction.line_start)
        return "\t".join((finding.rule, file.repository, file.commit, file.path, line))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file, and the file as `--write` saves it; None if it cannot be parsed."""

    file: PublicFile
    original: bytes
    findings: tuple[Finding, ...] = ()
    saved: bytes | None = None
    context: str = ""  # the folder, below the repository's

    @property
    def is_changed(self) -> bool:
        """Return True if `--write` saves another text."""
        return self.saved not in (None, self.original)


def main() -> None:
    """Print the counts and the sample."""
    options = _read_options()
    files = read_list(options.list)
    readings = list(_read_all(files, options.checkouts))
    cases = [Case(reading.file, item) for reading in readings for item in reading.findings]
    print("\n".join(_report(readings, cases)))
    print("\n".join(case.row for case in draw_sample(cases, options.seed, options.sample)))
    for number, reading in enumerate(readings):
        if options.written and reading.is_changed:
            _save(options.written, number, reading)


def get_list(sample: int) -> Path:
    """Return the path of the list of a sample."""
    return _LISTS / f"{sample:02}.tsv"


def read_list(path: Path) -> list[PublicFile]:
    """Return the files of a list: repository, commit and path in a line, between tabulators."""
    lines = path.read_text("utf-8").splitlines()
    files = [PublicFile(*line.split("\t")) for line in lines]
    return sorted(files, key=attrgetter("repository", "path"))


def draw_sample(cases: Iterable[Case], seed: int, size: int) -> Iterator[Case]:
    """Yield that many findings of each rule, few of a repository before more of it."""
    by_rule = defaultdict[str, list[Case]](list)
    for case in cases:
        by_rule[case.finding.rule].append(case)
    for rule in sorted(by_rule):
        shuffled = by_rule[rule]
        random.Random(f"{seed} {rule}").shuffle(shuffled)
        yield from sorted(_spread(shuffled)[:size], key=lambda case: case.row)


def is_refused(text: bytes) -> bool:
    """Return True if BuildKit's parser does not take a text."""
    try:
        dockerfile.parse_string(text.decode("utf-8", "replace"))
    except (dockerfile.GoParseError, ValueError):
        return True
    return False


def _spread(cases: Iterable[Case]) -> list[Case]:
    counts = Counter[str]()
    first, later = list[Case](), list[Case]()
    for case in cases:
        counts[case.file.repository] += 1
        (first if counts[case.file.repository] <= _OF_REPOSITORY else later).append(case)
    return first + later


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.findings", description=__doc__)
    parser.add_argument("--list", type=Path, default=get_list(1))
    parser.add_argument("--checkouts", type=Path, help="a folder of the repositories, checked out")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="findings of each rule")
    parser.add_argument("--written", type=Path, help="a folder for the files that --write saves")
    return parser.parse_args()


def _read_all(files: list[PublicFile], checkouts: Path | None) -> Iterator[Reading]:
    """Read the files, one repository after the other: only one is fetched at a time."""
    for (repository, commit), group in groupby(files, key=attrgetter("repository", "commit")):
        print(repository, file=sys.stderr)
        with open_checkout(repository, commit, checkouts) as root:
            yield from read_files(group, root)


@contextmanager
def open_checkout(repository: str, commit: str, checkouts: Path | None) -> Iterator[Path]:
    """Yield the folder of a repository at a commit: fetched, or one of those that are given."""
    if checkouts is not None:
        yield checkouts / repository
        return
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        check_out(repository, commit, Path(folder))
        yield Path(folder)


def read_files(files: Iterable[PublicFile], root: Path) -> list[Reading]:
    """Apply the rules to Dockerfiles of a checkout."""
    search = PathSearch(dict(_list_files(root)))
    return [_read_file(file, root, search) for file in files]


def _read_file(file: PublicFile, root: Path, search: PathSearch) -> Reading:
    path = root / file.path
    text = path.read_bytes()
    parser = DockerfileReader()
    try:
        plan = BuildPlan(parser.parse(text))
    except ValueError:
        return Reading(file, text)
    if find_refusal(plan.dockerfile):
        return Reading(file, text)
    folder = _find_context(file, text, plan, search)
    context = FolderContextReader(parser).read(path, root / folder, root)
    rule_input = RuleInput(plan, context=context, path=file.path)
    advice = run_rules(rule_input)
    saved = apply_findings(rule_input, select_safe_findings(advice))
    return Reading(file, text, advice.findings, saved, folder)


def _find_context(file: PublicFile, text: bytes, plan: BuildPlan, search: PathSearch) -> str:
    """Return the folder of the context, which nobody declares here: it is inferred."""
    # Another frontend may copy in words of its own.
    copied = list_copied_paths(plan) if has_known_frontend(text, {}) else ()
    return infer_context(file.path, copied, search).folder


def _list_files(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths of a checkout and their modes, as in a git tree."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            path = Path(folder, name)
            mode = SYMLINK_MODE_PREFIX if path.is_symlink() else "100644 "
            yield path.relative_to(root).as_posix(), mode
        # A checkout has no other empty folders.
        if not folders and not files and folder != str(root):
            yield Path(folder).relative_to(root).as_posix(), SUBMODULE_MODE_PREFIX


def check_out(repository: str, commit: str, folder: Path) -> None:
    """Fetch a commit of a public repository and check it out in an empty folder."""
    url = f"https://github.com/{repository}"
    for arguments in (
        ("init", "--quiet"),
        ("fetch", "--quiet", "--depth=1", url, commit),
        ("checkout", "--quiet", "FETCH_HEAD"),
    ):
        subprocess.run(["git", "-C", folder, *arguments], check=True, stdin=subprocess.DEVNULL)


def _report(readings: list[Reading], cases: list[Case]) -> Iterator[str]:
    parsed = [x for x in readings if x.saved is not None]
    changed = [x for x in parsed if x.is_changed]
    broken = [x for x in changed if is_refused(x.saved or b"") and not is_refused(x.original)]
    repositories = len({x.file.repository for x in readings})
    yield f"{len(readings)} files of {repositories} repositories."
    yield f"{len(readings) - len(parsed)} of them are refused, as BuildKit refuses them."
    yield f"--write changes {len(changed)}; BuildKit's parser refuses {len(broken)} of them."
    yield from (f"  {x.file.repository}/{x.file.path}" for x in broken)
    findings = Counter(case.finding.rule for case in cases)
    files = Counter(rule for rule, _ in {(x.finding.rule, x.file) for x in cases})
    yield from ("", "| rule | findings | files |", "| --- | --: | --: |")
    yield from (f"| {rule} | {findings[rule]} | {files[rule]} |" for rule in sorted(RULES))
    yield ""


def _save(folder: Path, number: int, reading: Reading) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.before").write_bytes(reading.original)
    (folder / f"{number}.after").write_bytes(reading.saved or b"")


if __name__ == "__main__":
    main()
