"""The public Dockerfiles of bench/findings.py, what it reads of one, and the page with the verdicts."""

import re
from collections import Counter
from pathlib import Path

from bench.findings import (
    SAMPLE,
    Case,
    PublicFile,
    draw_sample,
    get_list,
    is_refused,
    read_files,
    read_list,
)
from bot.advise.rules import RULES
from tests.support.command import ROOT
from tests.support.rule_inputs import run_rule

PAGE = (ROOT / "docs/findings.md").read_text("utf-8")
JUDGED = [
    line.split("\t")
    for line in (ROOT / "bench/judged_findings.tsv").read_text("utf-8").splitlines()[1:]
]
VERDICTS = ("true", "false", "arguable")
PROSE = " ".join(PAGE.split())  # however its lines are broken
ROW = re.compile(r"^\| \[([\w-]+)\]\([^)]+\) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


# The samples of each table, by the title of its section: no repository is in two.
COLUMNS = {
    "The fifth to the eleventh sample": range(5, 12),
    "The twelfth to the twenty-fifth sample": range(12, 26),
}
LAST_TITLE = tuple(COLUMNS)[-1]
LISTS = tuple(get_list(sample) for samples in COLUMNS.values() for sample in samples)


def test_the_lists_have_the_files_that_the_page_counts() -> None:
    files, further = read_list(get_list(1)), read_list(get_list(4))
    assert f"{len(further)} further files" in PROSE
    assert not set(files) & set(further)
    repositories = {file.repository for file in files}
    assert f"{len(files):,} Dockerfiles of {len(repositories)} public repositories" in PROSE
    assert len(set(files)) == len(files)
    assert all(re.fullmatch(r"[0-9a-f]{40}", file.commit) for file in files)
    earlier = {file.repository for file in (*files, *further)}
    for path in LISTS:
        sample = read_list(path)
        repositories = {file.repository for file in sample}
        assert f"{len(sample)} Dockerfiles of {len(repositories)} repositories" in PROSE
        assert f"(../bench/dockerfiles/{path.name})" in PAGE
        assert not repositories & earlier
        assert len(set(sample)) == len(sample)
        earlier |= repositories


def test_the_tables_have_the_verdicts() -> None:
    others = set[PublicFile]().union(*map(read_list, LISTS))
    listed = {*read_list(get_list(1)), *read_list(get_list(4)), *others}
    assert {PublicFile(*row[1:4]) for row in JUDGED} <= listed
    assert {row[5] for row in JUDGED} <= set(VERDICTS)
    assert all(row[6] for row in JUDGED if row[5] != "true")
    first_part = PAGE.partition("\n## The fifth to the eleventh sample")[0]
    check_table(first_part, [row for row in JUDGED if get_file(row) not in others])
    for title, samples in COLUMNS.items():
        text = PAGE.partition(f"\n## {title}")[2].partition("\n## ")[0]
        check_columns(text, [set(read_list(get_list(sample))) for sample in samples])


def test_the_counts_of_arguable_findings() -> None:
    text = PAGE.partition(f"\n## {LAST_TITLE}")[2].partition("\n## ")[0]
    counts = dict(re.findall(r"dockerfiles/(\d+)\.tsv\) \| [^|]+ \| (\d+) \|", text))
    for sample in COLUMNS[LAST_TITLE]:
        files = set(read_list(get_list(sample)))
        judged = [row for row in JUDGED if get_file(row) in files]
        assert counts[f"{sample:02}"] == str(sum(row[5] == "arguable" for row in judged))


def test_the_sum_of_the_last_samples() -> None:
    files = set[PublicFile]().union(*map(read_list, map(get_list, COLUMNS[LAST_TITLE])))
    judged = [row for row in JUDGED if get_file(row) in files]
    false = sum(row[5] == "false" for row in judged)
    share = 100 * false / len(judged)
    assert f"had {false} false ones among {len(judged):,} ({share:.1f} %)" in PROSE


def check_columns(text: str, samples: list[set[PublicFile]]) -> None:
    """Check the table with a column for each sample: the false findings of those judged."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| [")]
    names = [row[0].partition("]")[0].removeprefix("[") for row in rows]
    totals = []
    for number, files in enumerate(samples, 1):
        judged = [row for row in JUDGED if get_file(row) in files]
        counts = Counter(row[0] for row in judged)
        false = Counter(row[0] for row in judged if row[5] == "false")
        assert set(counts) <= set(names)
        expected = [f"{false[name]}/{counts[name]}" if counts[name] else "–" for name in names]
        assert [row[number] for row in rows] == expected
        share = 100 * false.total() / len(judged)
        totals.append(f"{false.total()}/{len(judged)} ({share:.1f} %)")
    assert f"| all | {' | '.join(totals)} |" in text


def get_file(row: list[str]) -> PublicFile:
    return PublicFile(*row[1:4])


def check_table(text: str, judged_rows: list[list[str]]) -> None:
    counts = Counter((row[0], row[5]) for row in judged_rows)
    rows = ROW.findall(text)
    assert {row[0] for row in rows} == {row[0] for row in judged_rows}
    for rule, findings, judged, false, arguable in rows:
        assert rule in RULES
        assert int(judged) == sum(counts[rule, verdict] for verdict in VERDICTS)
        assert int(judged) == min(SAMPLE, int(findings))
        assert (int(false), int(arguable)) == (counts[rule, "false"], counts[rule, "arguable"])
    total = sum(int(row[1]) for row in rows)
    false = sum(int(row[3]) for row in rows)
    share = f"{false} ({100 * false / len(judged_rows):.1f} %)"
    arguable = sum(int(row[4]) for row in rows)
    assert f"| all | {total:,} | {len(judged_rows)} | {share} | {arguable} |" in text


def test_a_sample_has_few_of_one_repository() -> None:
    (finding,) = run_rule("stages-by-number", "FROM a\nFROM b\nCOPY --from=0 /x /x\n")
    cases = [
        Case(PublicFile(repository, "0" * 40, f"{number}/Dockerfile"), finding)
        for repository in ("a/a", "b/b")
        for number in range(5)
    ]
    sample = list(draw_sample(cases, 1, 4))
    assert Counter(case.file.repository for case in sample) == {"a/a": 2, "b/b": 2}
    assert sample == list(draw_sample(cases, 1, 4))
    assert len(list(draw_sample(cases, 1, 7))) == 7


def test_a_file_is_read_with_its_folder(tmp_path: Path) -> None:
    file = PublicFile("a/b", "0" * 40, "app/Dockerfile")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM a\nCOPY . .\nRUN pip install x\n")
    (reading,) = read_files([file], tmp_path)
    assert reading.is_changed
    assert b"--no-cache-dir" in (reading.saved or b"")
    (tmp_path / "app/Dockerfile").write_text("FROM a\n{{ x }}\n")
    (reading,) = read_files([file], tmp_path)
    assert reading.saved is None


def test_the_context_is_inferred(tmp_path: Path) -> None:
    """A Dockerfile below the folder that it copies from is read with the files of that folder."""
    files = {
        "docker/Dockerfile": "FROM node\nCOPY package.json src/ /app/\nRUN npm install\nCMD app\n",
        "package.json": '{"dependencies": {"express": "4"}}',
        "src/main.js": "",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    file = PublicFile("a/b", "0" * 40, "docker/Dockerfile")
    rule = "dev-dependencies-in-the-shipped-stage"

    def is_reported() -> bool:
        (reading,) = read_files([file], tmp_path)
        return any(finding.rule == rule for finding in reading.findings)

    assert not is_reported()
    (tmp_path / "package.json").write_text('{"devDependencies": {"jest": "29"}}')
    assert is_reported()


def test_what_the_parser_refuses() -> None:
    assert is_refused(b"FROM a\nENV X\n")
    assert not is_refused(b"FROM a\nRUN x\n")
