"""docs/performance.md holds what the benchmark writes, in the form in which it writes it."""

import re

import pytest

from bench.__main__ import GROWTH_HEAD, HEAD
from bench.images import BASE, BIG, ENTRIES
from bench.page import PAGE, STORES, put, section
from tests.support.command import ROOT

TEXT = PAGE.read_text("utf-8")
ROWS = {
    "overlay2": (
        f"`measure {BASE}`",
        f"`measure {BIG}`",
        "`measure docker-archive:`",
        "the same, gzipped",
        "the same, gzipped",
        "`diff` of the pair",
        "the same again, nothing changed",
    ),
    "containerd": (
        f"`measure {BASE}`",
        f"`measure {BIG}`",
        "`diff` of the pair",
        "the same again, nothing changed",
    ),
}


def rows_below(head: tuple[str, ...], lines: list[str]) -> list[list[str]]:
    start = lines.index(head[0])
    assert lines[start + 1] == head[1]
    body = lines[start + 2 :]
    return [cells(line) for line in body[: (*body, "").index("")]]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.mark.parametrize("store", STORES)
def test_each_store_has_the_rows_that_the_benchmark_writes(store: str) -> None:
    rows = rows_below(HEAD, section(TEXT, store))
    assert tuple(row[0] for row in rows) == ROWS[store]
    assert {len(row) for row in rows} == {len(cells(HEAD[0]))}
    for row in rows:
        assert re.fullmatch(r"\*\*\d+\.\d\d\*\*|", row[2])
        assert re.fullmatch(r"\d+ MB", row[-1])


@pytest.mark.parametrize("store", STORES)
def test_the_cost_of_an_entry_and_its_exponent(store: str) -> None:
    lines = section(TEXT, store)
    counts = [row[0] for row in rows_below(GROWTH_HEAD, lines)]
    assert counts == [f"{count:,}" for count in ENTRIES]
    assert re.fullmatch(
        r"From 100,000 to 300,000 entries the time grows as their number to the power of \d\.\d\d\.",
        lines[-1],
    )


@pytest.mark.parametrize("store", STORES)
def test_it_says_on_what_machine(store: str) -> None:
    about = r"\d+ processors \(.+\), Python [\d.]+, Docker Engine [\d.]+\S*; load average .+: [\d., ]+\."
    assert re.fullmatch(about, section(TEXT, store)[0])


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = put(TEXT, "overlay2", ["anew"])
    assert section(page, "overlay2") == ["anew"]
    assert put(page, "overlay2", section(TEXT, "overlay2")) == TEXT


def test_it_can_be_found_and_made_again() -> None:
    assert "(docs/performance.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "`make bench`" in TEXT
    assert "-m bench" in (ROOT / "Makefile").read_text("utf-8")
