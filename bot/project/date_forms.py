"""Dates as git takes them, told from misspelt names of revisions.

git itself takes every text for a date: of what it does not know it makes the present time.
"""

import calendar
import re

# The words of git's approxidate (date.c).
_WORDS = frozenset(
    (
        "ago",
        "last",
        "yesterday",
        "noon",
        "midnight",
        "tea",
        "am",
        "pm",
        "at",
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
    )
)
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
# git recognises a month and a day of the week by three letters (date.c: match_string).
_SHORTEST_NAME = 3
# 2026-11-26, perhaps with a time (`T` or a blank before it) and a zone: Z, UTC, GMT or an offset.
_ISO = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?P<time>[T ]\d{1,2}:\d{2}(:\d{2})?)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
# Seconds since 1970: git wants an `@` before them (git-commit, "Date formats"), to know them from
# other forms such as YYYYMMDD.
_EPOCH = re.compile(r"@\d{9,10}( [+-]\d{4})?", re.ASCII)
# A number or a year, an ordinal, a time of the day, or an hour with am or pm.
_NUMBER = re.compile(
    r"\d{1,4}|\d{1,2}(st|nd|rd|th)|\d{1,2}(:\d{2}){1,2}(am|pm)?|\d{1,2}(am|pm)", re.ASCII
)
_SEPARATORS = re.compile(r"[\s,./_-]+")


def normalize_date(text: str) -> str | None:
    """Return a date in words that git reads as people mean it; None for what is no date.

    A day without a time is its beginning: git takes the present time of that day.
    """
    stripped = text.strip()
    if match := _ISO.fullmatch(stripped):
        if not _is_day(match[1]):
            return None
        return stripped if match["time"] else f"{match[1]} 00:00:00 {match[4] or ''}".strip()
    if _EPOCH.fullmatch(stripped):
        return stripped
    words = [word for word in _SEPARATORS.split(stripped.lower()) if word]
    # Of numbers alone, such as `12 05`, git makes some date or other.
    has_word = any(not word[:1].isdigit() for word in words)
    return stripped if has_word and all(map(_is_part, words)) else None


def _is_day(text: str) -> bool:
    year, month, day = map(int, text.split("-"))
    return year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _is_part(word: str) -> bool:
    if word in _WORDS or _NUMBER.fullmatch(word):
        return True
    if word.removesuffix("s") in _UNITS:
        return True
    names = (*_DAYS, *_MONTHS)
    return len(word) >= _SHORTEST_NAME and any(name.startswith(word) for name in names)
