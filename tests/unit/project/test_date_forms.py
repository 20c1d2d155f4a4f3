"""Dates as git takes them, told from misspelt revisions."""

import pytest

from bot.project.date_forms import normalize_date


@pytest.mark.parametrize(
    "text",
    [
        *("30 days ago", "2 weeks ago", "yesterday", "last monday", "last month", "3.weeks.ago"),
        *("Jan 5 2026", "5 january 2026", "2026-01-01 12:30", "2026-01-01T12:30:00Z", "noon"),
        *("@1767225600", "one year ago", "tuesday", "3 hours ago", "June 3rd"),
    ],
)
def test_dates(text: str) -> None:
    assert normalize_date(text) == text


@pytest.mark.parametrize(
    ("text", "date"),
    [("2026-01-01", "2026-01-01 00:00:00"), ("2026-02-28 +02:00", "2026-02-28 00:00:00 +02:00")],
)
def test_a_day_is_its_beginning(text: str, date: str) -> None:
    assert normalize_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        *(
            "main",
            "HAED~5",
            "v1.2",
            "1234567",
            "2026-13-45",
            "2026-02-30",
            "",
            " ",
            "12",
            "foo ago",
        ),
        *("release/2026-01", "-1", "30 dogs ago", "origin/main", "\u0663 days ago"),
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert normalize_date(text) is None
