"""Builds that run side by side, and those that need other logins."""

import threading

from bot.adapters.docker.build_turns import BuildTurns

DEADLINE_S = 60


def test_builds_with_the_same_logins_run_at_once() -> None:
    turns, both = BuildTurns(), threading.Barrier(2)

    def build() -> None:
        with turns.take(lambda: False, lambda: None):
            both.wait(DEADLINE_S)

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert not any(thread.is_alive() for thread in threads)
    assert not both.broken


def test_a_build_with_other_logins_waits_for_the_end_of_the_others() -> None:
    turns, log = BuildTurns(), list[str]()
    first_runs, is_asked = threading.Event(), threading.Event()

    def must_be_alone() -> bool:
        is_asked.set()
        return True

    def build_first() -> None:
        with turns.take(lambda: True, lambda: log.append("first logins")):
            first_runs.set()
            assert is_asked.wait(DEADLINE_S)
            log.append("first ends")

    thread = threading.Thread(target=build_first)
    thread.start()
    assert first_runs.wait(DEADLINE_S)
    with turns.take(must_be_alone, lambda: log.append("second logins")):
        log.append("second runs")
    thread.join(DEADLINE_S)
    assert log == ["first logins", "first ends", "second logins", "second runs"]


def test_a_build_alone_begins_after_the_others_and_keeps_new_ones_waiting() -> None:
    turns, log = BuildTurns(), list[str]()
    first_runs, first_may_end = threading.Event(), threading.Event()

    def build_first() -> None:
        with turns.take(lambda: False, lambda: None) as turn:
            first_runs.set()
            assert first_may_end.wait(DEADLINE_S)
            log.append(f"first ends, beside others: {turn.was_beside_others}")

    def build_last() -> None:
        with turns.take(lambda: False, lambda: log.append("last begins")):
            pass

    first, last = threading.Thread(target=build_first), threading.Thread(target=build_last)
    first.start()
    assert first_runs.wait(DEADLINE_S)
    threading.Timer(0.1, first_may_end.set).start()
    with turns.take(lambda: False, lambda: log.append("alone begins"), alone=True) as turn:
        last.start()
        last.join(0.2)
        log.append(f"alone ends, beside others: {turn.was_beside_others}")
    for thread in (first, last):
        thread.join(DEADLINE_S)
    assert log == [
        "first ends, beside others: False",
        "alone begins",
        "alone ends, beside others: False",
        "last begins",
    ]


def test_both_of_two_builds_at_once_have_run_beside_another() -> None:
    turns = BuildTurns()
    with turns.take(lambda: False, lambda: None) as first:
        with turns.take(lambda: False, lambda: None) as second:
            pass
        assert (first.was_beside_others, second.was_beside_others) == (True, True)
    with turns.take(lambda: False, lambda: None) as later:
        pass
    assert not later.was_beside_others
