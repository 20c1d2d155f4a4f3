"""The checks of an image by base's rules and by head's: the worse result of each limit counts.

A change must not be able to loosen the limits that it is judged by.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.comparison import BaseOrHead
from bot.model.report import Check, Outcome

_SOURCE_TEXT = {
    BaseOrHead.BASE: "by the rules before this change",
    BaseOrHead.HEAD: "by the rules of this change",
}


def merge_checks(by_head: Sequence[Check], by_base: Sequence[Check]) -> tuple[Check, ...]:
    """Return the worse check of each limit and metric, with the side that it comes from.

    Limits of different metrics are different limits, and both count. So are a number and a limit
    that follows recorded sizes, since an approval lifts that one alone.
    """
    # A limit that only one side has counts, too: to delete it does not end it before the merge.
    head = {(check.name, check.metric, check.is_auto): check for check in by_head}
    base = {(check.name, check.metric, check.is_auto): check for check in by_base}
    return tuple(_choose_worse(head.get(key), base.get(key)) for key in {**head, **base})


def _choose_worse(head: Check | None, base: Check | None) -> Check:
    """Return the worse of two checks; where they are equal, neither side is named."""
    if head is not None and base is not None and head == base:
        return head
    if base is None or (head is not None and _severity(head) > _severity(base)):
        assert head is not None, "a limit is of one side at least"  # noqa: S101
        return _name_source(head, BaseOrHead.HEAD)
    return _name_source(base, BaseOrHead.BASE)


def _severity(check: Check) -> tuple[int, float]:
    """Return the order of checks: the worse result first, then the lower limit."""
    # Of equal results the lower limit is named, so that what is fixed by it satisfies both. Outcome
    # lists the mildest first; no limit is none that could be exceeded.
    limit = float("inf") if check.limit is None else check.limit
    return list(Outcome).index(check.result), -limit


def _name_source(check: Check, source: BaseOrHead) -> Check:
    # A report that is held to more rules was merged before: its checks say already where from.
    if check.source is not None:
        return check
    reason = f"{check.reason}, {_SOURCE_TEXT[source]}" if check.reason else _SOURCE_TEXT[source]
    return replace(check, source=source, reason=reason)
