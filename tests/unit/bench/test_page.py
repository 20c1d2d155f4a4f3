"""docs/performance.md has the benchmark's tables, and its numbers agree with each other."""

import re
from math import log

import pytest

from bench import audits, builds, html_page, plan
from bench.__main__ import GROWTH_HEAD, HEAD
from bench.images import BASE, BIG, ENTRIES, SMALL, TOOLCHAIN
from bench.page import NEWER_STORES, PAGE, STORES, name_section, put, section
from bench.rivals import RIVALS
from tests.support.command import ROOT

README = ROOT / "README.md"
TEXT = PAGE.read_text("utf-8")
GZIPPED = f"archive of `{BASE}`, gzipped"
PAIR = ("`diff` of the pair", "the same again, nothing changed")
MEASURED = tuple(f"`measure {image}`" for image in (SMALL, BASE, BIG, TOOLCHAIN) for _ in RIVALS)
ROWS = {
    "overlay2": (
        *MEASURED,
        *(
            f"archive of `{image}`{options}"
            for image in (BASE, TOOLCHAIN)
            for options in ("", ", `--skip-digest-check`", ", the same")
        ),
        GZIPPED,
        GZIPPED,
        *PAIR,
    ),
    **dict.fromkeys(("containerd", *NEWER_STORES), (*MEASURED, *PAIR)),
}


# The goals of the page, with the row that has the measured number, and its column.
Row = tuple[str, str, str, int]
GOALS: dict[str, Row] = {
    "`measure` of *base* on overlay2, against `docker save`": ("overlay2", BASE, "docker save", 0),
    "`measure` of *big* on overlay2, against `docker save`": ("overlay2", BIG, "docker save", 0),
    "`measure` of *base* in the containerd store, against `docker save`": (
        *("containerd", BASE, "docker save", 0),
    ),
    "`measure` of *big* in the containerd store, against `docker save`": (
        *("containerd", BIG, "docker save", 0),
    ),
    "`measure` of *toolchain* on overlay2, against `docker save`": (
        *("overlay2", TOOLCHAIN, "docker save", 0),
    ),
    "`measure` of *toolchain* on overlay2, against `dive`": ("overlay2", TOOLCHAIN, "dive", 0),
    "archive of *base*, against `tarfile`": ("overlay2", f"archive of `{BASE}`", "tarfile", 0),
    "archive of *toolchain* without the check of digests, against a `tarfile` that skips contents": (
        *("overlay2", f"archive of `{TOOLCHAIN}`, the same", "tarfile", 0),
    ),
    "gzipped archive of *base*, against `igzip`": ("overlay2", GZIPPED, "igzip", 0),
    "`diff` of the pair on overlay2, against `measure` of the larger image": (
        *("overlay2", PAIR[0], "measure", 0),
    ),
    "nothing changed on overlay2, in seconds": ("overlay2", PAIR[1], "", 1),
}
GOAL_HEAD = ("| what | goal, at most | measured | |", "|---|--:|--:|---|")
MEMORY_GOAL = "peak memory for 300,000 entries on overlay2, in MB"


def rows_below(head: tuple[str, ...], lines: list[str]) -> list[list[str]]:
    start = lines.index(head[0])
    assert lines[start + 1] == head[1]
    body = lines[start + 2 :]
    rows = [cells(line) for line in body[: (*body, "").index("")]]
    assert rows
    return rows


def read_rows(store: str) -> list[tuple[str, str, list[float]]]:
    """Return the name, the rival and the numbers of each row; the ratio is 0 where there is none."""
    return [
        (name, rival, [float(re.sub(r"[*MB ,]", "", cell) or 0) for cell in numbers])
        for name, rival, *numbers in rows_below(HEAD, section(TEXT, store))
        if any(numbers)
    ]


def find_numbers(
    rows: list[tuple[str, str, list[float]]], what: str, rival: str = ""
) -> list[float]:
    """Return the numbers of the first row of a name, and of a rival that has a word in its name."""
    return next(numbers for name, other, numbers in rows if name == what and rival in other)


def read_growth(store: str) -> dict[int, list[float]]:
    """Return seconds, processor time and megabytes by the number of entries."""
    rows = rows_below(GROWTH_HEAD, section(TEXT, store))
    return {
        int(count.replace(",", "")): [float(cell.removesuffix(" MB")) for cell in numbers]
        for count, *numbers in rows
    }


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.mark.parametrize("store", ROWS)
def test_each_store_has_the_rows_that_the_benchmark_writes(store: str) -> None:
    rows = rows_below(HEAD, section(TEXT, store))
    assert tuple(row[0] for row in rows) == ROWS[store]
    assert {len(row) for row in rows} == {len(cells(HEAD[0]))}
    for row in rows:
        if row[1].endswith("cannot read this image"):
            assert not any(row[2:])
            continue
        assert re.fullmatch(r"\*\*\d+\.\d\d\*\*|", row[2])
        assert re.fullmatch(r"\d+ MB", row[-1])


@pytest.mark.parametrize("store", STORES)
def test_the_cost_of_an_entry_and_its_exponent(store: str) -> None:
    growth = read_growth(store)
    assert list(growth) == list(ENTRIES)
    sentence = re.fullmatch(
        r"From 100,000 to 300,000 entries the time grows as their number to the power of (\d\.\d\d)\.",
        section(TEXT, store)[-1],
    )
    assert sentence
    exponent = log(growth[300_000][0] / growth[100_000][0]) / log(3)
    assert abs(exponent - float(sentence[1])) <= 0.01


@pytest.mark.parametrize("store", ROWS)
def test_a_ratio_is_near_the_quotient_of_its_seconds(store: str) -> None:
    """Ratios are medians of three rounds, so they need not be equal to it."""
    rows = [numbers for _, rival, numbers in read_rows(store) if rival]
    assert len(rows) >= 3
    for ratio, seconds, rival_seconds, *_ in rows:
        assert abs(ratio / (seconds / rival_seconds) - 1) < 0.33


@pytest.mark.parametrize("store", STORES)
def test_memory_grows_with_the_entries(store: str) -> None:
    memory = [numbers[-1] for numbers in read_growth(store).values()]
    assert memory == sorted(memory)
    assert all(number > 0 for numbers in read_growth(store).values() for number in numbers)


def test_each_goal_is_met_or_missed_as_the_page_says() -> None:
    rows = rows_below(GOAL_HEAD, TEXT.splitlines())
    measured = {name: read_measured(*row) for name, row in GOALS.items()}
    measured[MEMORY_GOAL] = read_growth("overlay2")[300_000][-1]
    assert {name: float(number) for name, _, number, _ in rows} == measured
    for name, goal, number, result in rows:
        assert result == ("met" if float(number) <= float(goal) else "missed"), name


def read_measured(store: str, what: str, rival: str, column: int) -> float:
    names = (what, f"`measure {what}`")
    rows = read_rows(store)
    name = next(name for name, *_ in rows if name in names)
    return find_numbers(rows, name, rival)[column]


def test_the_goals_of_the_page_for_browsers_are_met() -> None:
    ((_, seconds, processor, memory, size),) = rows_below(html_page.HEAD, section(TEXT, "html"))
    assert float(processor) <= float(seconds) < 3
    assert int(memory.removesuffix(" MB")) < 300
    assert int(size.removesuffix(" kB")) < 1000


def test_the_goal_of_an_audit_of_unchanged_images_is_met() -> None:
    rows = rows_below(audits.HEAD, section(TEXT, audits.SECTION))
    assert [int(row[1]) for row in rows] == [0, audits.IMAGES]
    assert float(rows[0][2]) < 5
    promise = re.search(r"audit of 30 images takes (\d+) seconds", README.read_text("utf-8"))
    assert promise
    assert round(float(rows[0][2])) <= int(promise[1])


def test_the_goals_of_the_plan_are_met() -> None:
    shares = [float(row[3].strip("*") or 0) for row in rows_below(plan.HEAD, section(TEXT, "plan"))]
    assert len(shares) == 4
    assert all(0 < share < 1 for share in shares[2:])


def test_the_goals_of_reviews_against_their_builds_are_met() -> None:
    rows = rows_below(builds.HEAD, section(TEXT, builds.SECTION))
    numbers = [[float(cell.strip("*")) for cell in row[2:6]] for row in rows]
    assert len(numbers) == 4
    for ratio, goal, seconds, rival_seconds in numbers[:3]:
        assert 0 < ratio <= goal
        assert abs(ratio / (seconds / rival_seconds) - 1) < 0.1
    ratio, goal, seconds, rival_seconds = numbers[3]  # times as fast
    assert ratio >= goal
    assert abs(ratio / (rival_seconds / seconds) - 1) < 0.1


@pytest.mark.parametrize("store", ROWS)
def test_a_store_names_its_machine(store: str) -> None:
    machine = r"\d+ processors \(.+\), Python [\d.]+, Docker Engine [\d.]+\S*; load average .+: [\d., ]+\."
    assert re.fullmatch(machine, section(TEXT, store)[0])


def test_another_release_of_the_engine_has_its_own_section() -> None:
    assert name_section("overlay2", "26.1.5+dfsg1") == "overlay2"
    assert name_section("containerd", "28.5.2+dfsg3") in NEWER_STORES


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = put(TEXT, "overlay2", ["new"])
    assert section(page, "overlay2") == ["new"]
    assert put(page, "overlay2", section(TEXT, "overlay2")) == TEXT


def test_the_readme_and_make_lead_to_the_benchmark() -> None:
    assert "(docs/performance.md)" in README.read_text("utf-8")
    assert "`make bench`" in TEXT
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^bench:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    assert "for release in 26 28; do for store in overlay2 containerd" in recipe[1]
    assert "-m bench ||" in recipe[1]
    assert "-m bench.plan\n" in recipe[1]
    assert "-m bench.builds\n" in recipe[1]
    assert "-m bench.audits\n" in recipe[1]
