"""The search for the commits that changed a size: how few builds it takes, and that it is right."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.since.findings import FindingKind, SizeFinding, list_findings
from bot.since.samples import BasePart, Sample
from bot.since.search import IGNORED_BYTES, choose_ignored_bytes, choose_next
from bot.since.track import Track
from tests.support.since_world import History

MB = 1_000_000


def find_changes(history: History, track: Track) -> dict[int, int]:
    findings = list_findings(track, history)
    return {x.end: x.bytes or 0 for x in findings if x.kind is FindingKind.COMMIT}


@pytest.mark.parametrize("position", [1, 2, 17, 30, 31, 45, 59, 60])
def test_one_bloating_commit_among_60_takes_at_most_8_builds(position: int) -> None:
    history = History([100 * MB + x * 10 + (50 * MB if x >= position else 0) for x in range(61)])
    assert find_changes(history, history.search())[position] == 50 * MB + 10
    assert len(history.builds) <= 8


def test_with_a_history_nothing_is_built_and_only_what_jumps_is_planned() -> None:
    sizes = [100 * MB + x + (50 * MB if x >= 700 else 0) for x in range(1001)]
    history = History(sizes)
    track = history.search(range(1001))
    assert history.builds == []
    assert history.planned == {700}
    assert find_changes(history, track) == {700: 50 * MB + 1}


def test_several_jumps_are_all_found_and_those_that_cancel_out_are_left_open() -> None:
    jumps = {10: 50 * MB, 20: 30 * MB, 41: -20 * MB, 50: 4 * MB}
    sizes = [100 * MB + sum(size for x, size in jumps.items() if x <= n) for n in range(61)]
    history = History(sizes, [True] * 61)
    changes = find_changes(history, history.search())
    assert {10: 50 * MB, 20: 30 * MB}.items() <= changes.items()


def test_a_size_that_went_up_and_down_again_is_a_range_that_was_not_looked_into() -> None:
    history = History([100 * MB + (50 * MB if 20 <= x < 25 else 0) for x in range(61)], [True] * 61)
    findings = list_findings(history.search(), history)
    assert [(x.kind, x.start, x.end, x.bytes) for x in findings] == [(FindingKind.OPEN, 0, 60, 0)]


def test_all_looks_at_every_commit_that_can_matter() -> None:
    history = History([100 * MB + (50 * MB if 20 <= x < 25 else 0) for x in range(61)])
    track = history.search(covers_all=True)
    assert find_changes(history, track) == {20: 50 * MB, 25: -50 * MB}
    assert len(history.builds) == 3  # the others are built of the same as one of these


def test_commits_that_do_not_build_are_a_range() -> None:
    sizes = [100 * MB + (50 * MB if x >= 20 else 0) for x in range(61)]
    history = History(sizes, [True] * 61, broken=frozenset(range(15, 25)))
    findings = list_findings(history.search(), history)
    (jump,) = [x for x in findings if x.bytes]
    assert (jump.kind, jump.start, jump.end, jump.bytes) == (FindingKind.BROKEN, 14, 25, 50 * MB)


def test_where_the_newest_commits_do_not_build_the_one_before_is_the_end() -> None:
    sizes = [100 * MB + (50 * MB if x >= 20 else 0) for x in range(61)]
    history = History(sizes, [True] * 61, broken=frozenset(range(55, 61)))
    track = history.search()
    assert find_changes(history, track) == {20: 50 * MB}
    (end,) = [x for x in list_findings(track, history) if x.bytes is None]
    assert (end.kind, end.end) == (FindingKind.BROKEN, 60)
    assert len(history.builds) <= 14


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [([], 1_000), ([-5], 1_000), ([50_000, 3], 5_000), ([0, -9 * MB], 100_000)],
)
def test_where_nothing_has_changed_much_less_is_looked_into(
    changes: list[int], ignored: int
) -> None:
    assert choose_ignored_bytes(changes) == ignored


def test_if_nothing_builds_few_commits_are_tried() -> None:
    history = History([100 * MB] * 200, [True] * 200, broken=frozenset(range(200)))
    track = history.search()
    assert len(history.builds) <= 12
    assert [x.bytes for x in list_findings(track, history)] == [None]


def test_a_base_image_that_moved_between_a_record_and_today_is_of_no_commit() -> None:
    history = History([100 * MB] * 61, [True] * 61, moved=50 * MB)
    findings = list_findings(history.search([0]), history)
    assert [(x.kind, x.bytes) for x in findings if x.bytes] == [(FindingKind.MOVED, 50 * MB)]
    assert set(history.builds) == {0, 60}


def test_the_same_inputs_recorded_twice_with_two_sizes_are_of_no_commit() -> None:
    track = Track(0, 9)
    track.recorded |= {0: Sample(100 * MB), 9: Sample(150 * MB)}
    history = History([1] * 10)
    assert choose_next(track, history) is None
    findings = list_findings(track, history)
    assert [(x.kind, x.start, x.end, x.bytes) for x in findings] == [
        (FindingKind.MOVED, 0, 9, 50 * MB)
    ]


def test_of_a_change_the_part_of_a_base_image_that_moved_is_not_the_commits() -> None:
    old = Sample(100 * MB, BasePart("FROM debian", "a", 80 * MB))
    new = Sample(133 * MB, BasePart("FROM debian", "b", 110 * MB))
    track = Track(0, 1, {0: old, 1: new})
    history = History([1, 2])
    assert choose_next(track, history) is None
    findings = list_findings(track, history)
    assert {x.kind: x.bytes for x in findings} == {
        FindingKind.COMMIT: 3 * MB,
        FindingKind.MOVED: 30 * MB,
    }


def test_a_size_of_today_that_equals_a_recorded_one_leaves_the_commits_between_them_open() -> None:
    history = History([100 * MB, 100 * MB, 100 * MB + 1, 100 * MB, 101 * MB])
    findings = list_findings(history.search([0, 4]), history)
    assert [(x.kind, x.start, x.end, x.bytes) for x in findings] == [
        (FindingKind.OTHER_TIMES, 0, 3, 0),
        (FindingKind.COMMIT, 3, 4, MB),
    ]


steps = st.one_of(st.just(0), st.integers(-3, 3), st.integers(-80, 80).map(MB.__mul__))


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, list[int]]:
    changes = draw(st.lists(steps, min_size=1, max_size=40))
    sizes = [10_000 * MB]
    for change in changes:
        sizes.append(sizes[-1] + change)
    positions = st.sets(st.integers(0, len(changes)))
    touches = draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    broken = frozenset(draw(st.one_of(st.just(set[int]()), positions)))
    recorded = sorted(draw(st.one_of(st.just(set[int]()), positions)))
    moved = draw(st.sampled_from([0, 0, 7 * MB]))
    return History(sizes, touches, broken, moved), recorded


def check_parts(findings: tuple[SizeFinding, ...], track: Track) -> None:
    total = sum(finding.bytes or 0 for finding in findings)
    if track.oldest and track.newest:
        assert total == track.newest.bytes - track.oldest.bytes


@given(histories(), st.booleans())
def test_what_is_claimed_of_a_commit_is_true_and_the_rest_is_listed(
    world: tuple[History, list[int]], covers_all: bool
) -> None:
    history, recorded = world
    track = history.search(recorded, covers_all=covers_all)
    findings = list_findings(track, history)
    check_parts(findings, track)
    claimed = {x.end: x.bytes for x in findings if x.kind is FindingKind.COMMIT}
    for position, size in claimed.items():
        assert size == history.sizes[position] - history.sizes[position - 1]
    ranges = [x for x in findings if x.kind not in (FindingKind.COMMIT, FindingKind.MOVED)]
    for position in range(1, len(history.sizes)):
        change = history.sizes[position] - history.sizes[position - 1]
        is_listed = any(x.start < position <= x.end for x in ranges)
        assert not change or claimed.get(position) == change or is_listed


@given(histories())
def test_no_range_that_was_left_open_has_more_than_is_ignored(
    world: tuple[History, list[int]],
) -> None:
    history, recorded = world
    findings = list_findings(history.search(recorded), history)
    largest = max((abs(x.bytes or 0) for x in findings if x.kind is FindingKind.COMMIT), default=0)
    least = max(IGNORED_BYTES, largest // 10)
    assert all(abs(x.bytes or 0) < least for x in findings if x.kind is FindingKind.OPEN)


@given(st.lists(st.integers(0, 40).map(MB.__mul__), min_size=1, max_size=40))
def test_of_sizes_that_only_grow_the_largest_growth_is_found(changes: list[int]) -> None:
    sizes = [sum(changes[:count]) for count in range(len(changes) + 1)]
    history = History(sizes)
    changed = find_changes(history, history.search())
    assert max(changed.values(), default=0) == max(changes)
    jumps = sum(change > 0 for change in changes)
    assert len(history.builds) <= 2 + jumps * math.ceil(math.log2(max(jumps, 2)))
