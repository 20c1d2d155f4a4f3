"""Sizes as text: `300MB` is read, `+12.4 MB` is written.

Units are decimal, as Docker prints them: 1 MB is 1,000,000 bytes.
"""

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

_UNIT_BYTES = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_SIZE_PATTERN = re.compile(r"(?P<number>\d+(?:[.,]\d+)?|[.,]\d+)\s*(?P<unit>[a-z]*)", re.IGNORECASE)
# An exabyte: no image has as much, and what has more digits is no number that anybody meant.
MAX_SIZE_BYTES = 10**18
_MAX_NUMBER_LENGTH = 40
_MAX_PERCENT = 10**9
_TRAILING_ZEROS = re.compile(r"\.0+(?= )")
_MINUS = "\N{MINUS SIGN}"


def parse_size(text: str) -> int:
    """Parse a size such as `10MB`, `1.5 GB`, `512 KiB` or `2048` to bytes.

    Raises ValueError for any other text, and for more than an exabyte.
    """
    _check_length(text, "size")
    match = _SIZE_PATTERN.fullmatch(text.strip())
    unit = _UNIT_BYTES.get(match["unit"].lower() or "b") if match else None
    if match is None or unit is None:
        raise ValueError(f"{text!r} is not a size; write for example 300MB, 1.5GB, 512KiB or 2048")
    # Decimal digits, not a float: 0.1GB is exactly 100,000,000 bytes.
    whole, _, fraction = match["number"].replace(",", ".").partition(".")
    size = int(whole + fraction) * unit // int(10 ** len(fraction))
    if size > MAX_SIZE_BYTES:
        raise ValueError(f"{text!r} is larger than any image: {MAX_SIZE_BYTES // 10**12:,}TB")
    return size


def parse_percent(text: str) -> float:
    """Parse the number in `5%` or `2.5 %`; raise ValueError for any other text."""
    _check_length(text, "percentage")
    number = text.strip().removesuffix("%").strip()
    if not text.strip().endswith("%") or not re.fullmatch(r"\d+(\.\d+)?", number):
        raise ValueError(f"{text!r} is not a percentage; write for example 5%")
    if float(number) > _MAX_PERCENT:
        raise ValueError(f"{text!r} is more than any growth: {_MAX_PERCENT:,}%")
    return float(number)


def _check_length(text: str, noun: str) -> None:
    if len(text) > _MAX_NUMBER_LENGTH:
        start = text[:_MAX_NUMBER_LENGTH]
        raise ValueError(f"a text of {len(text):,} characters is no {noun}: {start!r} …")


def format_size(size: int) -> str:
    """Format a size with three digits: `0 B`, `20.2 kB`, `1.55 GB`."""
    sign = _MINUS if size < 0 else ""
    value = float(abs(size))
    if value < 1000:
        return f"{sign}{int(value)} B"
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        digits = max(0, 3 - len(str(int(value))))
        if round(value, digits) < 1000 or unit == "TB":
            return f"{sign}{value:.{max(0, 3 - len(str(int(round(value, digits)))))}f} {unit}"
    raise AssertionError("the loop ends at TB")


def format_size_range(sizes: Collection[int]) -> str:
    """Format the smallest and the largest of some sizes: `3.00 to 3.20 MB`, or the only one."""
    least, largest = format_size(min(sizes)), format_size(max(sizes))
    if least == largest:
        return largest
    is_of_one_unit = least.partition(" ")[2] == largest.partition(" ")[2]
    return f"{least.partition(' ')[0] if is_of_one_unit else least} to {largest}"


def format_limit(limit: int) -> str:
    """Format a limit as people write it: `10 MB`, not `10.0 MB`, since it is not a measurement."""
    return _TRAILING_ZEROS.sub("", format_size(limit))


def propose_limit(size: int) -> str:
    """Return a limit for a size as it is configured: `75MB`, five to ten percent above the size."""
    number, unit = format_limit(_add_margin(size)).split(" ")
    return (number.rstrip("0") if "." in number else number) + unit


def propose_percent_limit(size: int, base: int) -> str:
    """Return a limit for a size as a percentage of a base that is not 0: `12%`."""
    hundredths = -(-size * 10_000 // base)
    return f"{format_limit_percent(_add_margin(hundredths) / 100)}%"


def _add_margin(number: int) -> int:
    """Return a number of few digits that is five to ten percent larger."""
    # Integers, since a float would lose bytes of large images.
    least = max(number + 1, -(-number * 21 // 20))
    largest_step = max(1, number // 20)
    power = int(10 ** (len(str(largest_step)) - 1))
    step = max(factor * power for factor in (1, 2, 5) if factor * power <= largest_step)
    return -(-least // step) * step


def format_limit_percent(percent: float) -> str:
    """Format a percentage as people write it, `2.5` or `1000000`: never with an exponent."""
    return f"{Decimal(f'{percent:.15g}'):f}"


def format_change(size: int) -> str:
    """Format a difference with its sign: `+12.4 MB`, `−3 B`, `±0 B`."""
    if size == 0:
        return "±0 B"
    return f"+{format_size(size)}" if size > 0 else format_size(size)


def format_percent(delta: int, base: int) -> str | None:
    """Format a difference as a percentage of the base, `+5.2 %`; None for a base of 0."""
    if base == 0:
        return None
    percent = 100 * delta / base
    sign = "+" if percent > 0 else _MINUS if percent < 0 else "±"
    digits = 0 if abs(percent) >= 100 else 1 if abs(percent) >= 0.1 or delta == 0 else 2
    return f"{sign}{abs(percent):,.{digits}f} %"


def format_count(number: int, noun: str) -> str:
    """Format a number with its noun: `1 image`, `2 images`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join_names(names: Sequence[str]) -> str:
    """Join all names: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def format_names(names: Sequence[str], most: int) -> str:
    """Join the first few names and count the others: `a, b and 3 more`."""
    others = len(names) - most
    return ", ".join(names[:most]) + (f" and {others} more" if others > 0 else "")
