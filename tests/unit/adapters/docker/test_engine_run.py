"""The names of a run in an engine, and which runs are dead by them."""

import pytest

from bot.adapters.docker.engine_run import LEASE_S, OwnName, find_dead_runs, parse_own_name
from bot.adapters.temporary_folders import OtherProcesses

START = 1_760_000_000
RUN = f"{START}-0123456789ab"
OTHER = f"{START}-ffffffffffff"


@pytest.mark.parametrize(
    ("text", "sign_s"),
    [
        (f"image-size-review/build:{RUN}-0", START),
        (f"image-size-review/pin:{RUN}-0f3a", START),
        (f"image-size-review-{RUN}-00ff00ff", START),
        (f"image-size-review/lease:{RUN}-{START + 77}", START + 77),
    ],
)
def test_names_of_ours_hold_their_run_and_its_last_sign(text: str, sign_s: int) -> None:
    assert parse_own_name(text) == OwnName(text, RUN, sign_s)


@pytest.mark.parametrize(
    "text",
    [
        "image-size-review/build:latest",
        "image-size-review/app:1",
        f"example.com/image-size-review/build:{RUN}-0",
        f"image-size-review/cache:{RUN}-0",
        f"image-size-review-{RUN}",
        f"mine-image-size-review-{RUN}-00ff",
        "image-size-review-database",
    ],
)
def test_other_names_are_nobodys(text: str) -> None:
    assert parse_own_name(text) is None


def make_name(text: str) -> OwnName:
    name = parse_own_name(text)
    assert name
    return name


BUILD = make_name(f"image-size-review/build:{RUN}-0")
LEASE = make_name(f"image-size-review/lease:{RUN}-{START + LEASE_S}")
OTHER_BUILD = make_name(f"image-size-review/build:{OTHER}-0")


@pytest.mark.parametrize(
    ("names", "others", "age_s", "dead"),
    [
        ([BUILD], OtherProcesses(), LEASE_S, set()),
        ([BUILD], OtherProcesses(), LEASE_S + 1, {RUN}),
        ([BUILD, LEASE], OtherProcesses(), LEASE_S + 1, set()),
        ([LEASE, BUILD], OtherProcesses(), 2 * LEASE_S + 1, {RUN}),
        ([BUILD], OtherProcesses(dead=frozenset({RUN})), 0, {RUN}),
        ([BUILD, OTHER_BUILD], OtherProcesses(dead=frozenset({RUN})), 0, {RUN}),
        ([BUILD], OtherProcesses(dead=frozenset({OTHER})), 0, set()),
        ([BUILD], OtherProcesses(alive=frozenset({RUN})), 9 * LEASE_S, set()),
        ([BUILD], OtherProcesses(), -1000, set()),  # begun by a clock that is ahead
    ],
)
def test_runs_are_dead_by_lock_or_by_lease(
    names: list[OwnName], others: OtherProcesses, age_s: int, dead: set[str]
) -> None:
    assert set(find_dead_runs(names, others, START + age_s)) == dead
