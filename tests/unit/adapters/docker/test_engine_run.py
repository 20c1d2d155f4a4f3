"""The names of a run in an engine, and which runs are dead by them."""

import pytest

from bot.adapters.docker.engine_run import LEASE_S, OwnName, find_dead_runs, parse_own_name

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
    ("names", "ended", "alive", "age_s", "dead"),
    [
        ([BUILD], [], [], LEASE_S, set()),
        ([BUILD], [], [], LEASE_S + 1, {RUN}),
        ([BUILD, LEASE], [], [], LEASE_S + 1, set()),
        ([LEASE, BUILD], [], [], 2 * LEASE_S + 1, {RUN}),
        ([BUILD], [RUN], [], 0, {RUN}),
        ([BUILD, OTHER_BUILD], [RUN], [], 0, {RUN}),
        ([BUILD], [OTHER], [], 0, set()),
        ([BUILD], [], [RUN], 9 * LEASE_S, set()),
        ([BUILD], [], [], -1000, set()),  # begun by a clock that is ahead
    ],
)
def test_runs_are_dead_by_lock_or_by_lease(
    names: list[OwnName], ended: list[str], alive: list[str], age_s: int, dead: set[str]
) -> None:
    assert set(find_dead_runs(names, ended, alive, START + age_s)) == dead
