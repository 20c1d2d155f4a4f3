"""What went from one line to another is no cause of a growth."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compare.moved_packages import drop_moved_packages
from bot.model.comparison import Attribution, GrowthCause, Owner
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, review

_OWNERS = st.builds(
    Owner,
    st.sampled_from(["deb", "npm", "directory"]),
    st.sampled_from(["a", "b", "c"]),
    st.integers(-99, 99),
)


@st.composite
def rows(draw: st.DrawFn) -> Attribution:
    owners = tuple(
        draw(st.lists(_OWNERS, max_size=4, unique_by=lambda owner: (owner.kind, owner.name)))
    )
    delta = sum(owner.delta_bytes for owner in owners)
    return Attribution(GrowthCause.INSTRUCTION, draw(st.sampled_from("xyz")), delta, owners)


@given(st.lists(rows(), max_size=5))
def test_the_sums_stay_and_no_package_is_both_added_and_saved(before: list[Attribution]) -> None:
    after = drop_moved_packages(before)
    assert [row.text for row in after] == [row.text for row in before]
    assert sum(x.delta_bytes for x in after) == sum(x.delta_bytes for x in before)
    signs = defaultdict(set)
    for old, new in zip(before, after, strict=True):
        assert sum(x.delta_bytes for x in new.owners) == new.delta_bytes
        changes = {(x.kind, x.name): x.delta_bytes for x in old.owners}
        for owner in new.owners:
            change = changes[owner.kind, owner.name]
            assert abs(owner.delta_bytes) <= abs(change)
            assert owner.delta_bytes * change >= 0
            assert owner.kind != "directory" or owner.delta_bytes == change
            if owner.delta_bytes and owner.kind != "directory":
                signs[owner.kind, owner.name].add(owner.delta_bytes > 0)
    assert all(len(directions) == 1 for directions in signs.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RUN npm ci", "RUN --mount=type=cache,target=/root/.npm npm ci"),
        ("RUN npm ci", "RUN npm ci && npm install @angular/cli@17"),
        ("RUN yarn", "RUN pnpm install"),
        ("RUN apt-get install -y curl", "RUN set -eux; apt-get update; apt-get -y upgrade"),
    ],
)
def test_only_what_is_new_in_a_line_is_named(old: str, new: str) -> None:
    why = explain(
        f"FROM debian 124MB / {old} 160MB (npm a 1 160MB)",
        f"FROM debian 124MB / {new} 185MB (npm a 1 160MB, npm polars 1 25MB)",
    )
    assert f"{new}, adds 25.0 MB, all of it polars. The line had 160 MB before;" in why


def test_a_line_that_took_over_another_one() -> None:
    why = explain(
        "FROM debian 124MB / RUN apt-get update 20MB (/var/lib/apt/lists 20MB)"
        " / RUN apt-get install -y curl 40MB (deb curl 7 40MB)",
        "FROM debian 124MB / RUN apt-get update && apt-get install -y curl git 110MB"
        " (deb curl 7 40MB, deb git 2 50MB, /var/lib/apt/lists 20MB)",
    )
    assert "adds 50.0 MB, all of it git. The line had 20.0 MB before" in why
    assert "before, and other lines 40.0 MB of what it holds now;" in why


def explain(before: str, after: str) -> str:
    page = make_page(review(compared(before, after, budget(max_growth="10MB"))))
    return to_plain_text(page.why)
