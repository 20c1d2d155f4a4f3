"""Cached reports: equal when read again, ignored when damaged."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.cache.reports import ReportCache
from bot.model.report import ImageState
from bot.report.document.report_document import to_document
from tests.support.report_cases import diff

ASKED = ("diff", ["a", "b"], ["sha256:1", "sha256:2"], None)


@pytest.fixture
def cache(tmp_path: Path) -> ReportCache:
    return ReportCache(tmp_path)


def test_a_report_is_the_same_when_it_is_read_again(cache: ReportCache) -> None:
    cache.save(ASKED, diff())
    loaded = cache.load(ASKED)
    assert loaded
    assert to_document(loaded) == to_document(diff())


@pytest.mark.parametrize("at", range(len(ASKED)))
def test_other_arguments_have_another_report(cache: ReportCache, at: int) -> None:
    cache.save(ASKED, diff())
    assert cache.load((*ASKED[:at], "another", *ASKED[at + 1 :])) is None


@pytest.mark.parametrize("at", [0, 31, 32, -1])
def test_a_damaged_report_is_ignored(cache: ReportCache, tmp_path: Path, at: int) -> None:
    cache.save(ASKED, diff())
    (path,) = (tmp_path / "reports").iterdir()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert cache.load(ASKED) is None


def test_a_failure_is_not_cached(cache: ReportCache) -> None:
    report = diff()
    failed = replace(report.images[0], state=ImageState.MEASURE_FAILED)
    cache.save(ASKED, replace(report, images=(failed,)))
    assert cache.load(ASKED) is None
