"""The conversions by people of bench/conversions.py: its list, its verdicts, and their page."""

import re
from collections import Counter
from pathlib import Path

from bench.conversions import LIST, Conversion, Outcome, judge, read_list, summarize
from bench.findings import get_list
from bench.findings import read_list as read_dockerfiles
from tests.support.command import ROOT

PROSE = " ".join((ROOT / "docs/findings.md").read_text("utf-8").split())
BUILD = 'FROM golang\nCOPY . .\nRUN go build -o /server .\nCMD ["/server"]\n'
STAGES = 'FROM golang AS b\nRUN go build .\nFROM debian\nCOPY --from=b /x /x\nCMD ["/x"]\n'


def test_the_list_has_the_conversions_that_the_page_counts() -> None:
    conversions = read_list(LIST)
    repositories = {x.repository for x in conversions}
    verdicts = Counter(x.verdict for x in conversions)
    assert f"{len(conversions)} commits of {len(repositories)} repositories" in PROSE
    assert f"{verdicts['build']} of the old files call for a build stage" in PROSE
    assert set(verdicts) == {"build", "other"}
    assert len({(x.repository, x.path) for x in conversions}) == len(conversions)
    assert max(Counter(x.repository for x in conversions).values()) == 2
    commits = [commit for x in conversions for commit in (x.before, x.after)]
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in commits)
    assert all(x.note for x in conversions if x.verdict == "other")


def test_the_rules_were_not_written_with_these_repositories() -> None:
    lists = map(get_list, (1, 4, 5))
    used = {x.repository for y in lists for x in read_dockerfiles(y)}
    assert not used & {x.repository for x in read_list(LIST)}


def test_the_file_before_and_after_are_judged(tmp_path: Path) -> None:
    conversion = Conversion("a/b", "1" * 40, "2" * 40, "docker/Dockerfile", "build")
    for commit, text in ((conversion.before, BUILD), (conversion.after, STAGES)):
        path = tmp_path / commit / conversion.path
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert judge(conversion, tmp_path) == Outcome(conversion, True, False)


def test_the_summary_names_what_is_missed_and_what_is_false() -> None:
    names = ("a/found", "a/missed", "a/false", "a/left")
    conversions = [
        Conversion(name, "1" * 40, "2" * 40, "Dockerfile", verdict, "why")
        for name, verdict in zip(names, ("build", "build", "other", "other"), strict=True)
    ]
    answers = (True, False, True, False)
    outcomes = [Outcome(x, y, False) for x, y in zip(conversions, answers, strict=True)]
    lines = list(summarize(outcomes))
    assert lines[0] == "4 conversions of 4 repositories. single-stage-build reports:"
    assert [line.split()[:4] for line in lines[1:4]] == [
        ["1", "of", "2", "(50"],
        ["1", "of", "2", "(50"],
        ["0", "of", "4", "(0"],
    ]
    assert [line.split("\t")[:2] for line in lines[4:]] == [
        ["missed", "a/missed"],
        ["false", "a/false"],
    ]
