"""Wasted files, grouped by cause and directory."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import add_waste_and_duplicates
from bot.compare.wasted_files import group_wasted_files
from bot.model.changes import WasteGroup
from bot.model.files import WasteCause, WastedFile
from bot.model.image import Image

EMPTY = Image("x", "id", "linux/amd64", (), True, 0, 1)


def test_waste_is_grouped_by_cause_and_directory() -> None:
    wastes = [
        *(WastedFile(f"srv/app/{n}/f", 10, 2, 4, WasteCause.COPIED) for n in range(30)),
        WastedFile("var/lib/apt/lists/x", 21, 1, 3, WasteCause.REMOVED),
        WastedFile("empty", 0, 1, 3, WasteCause.REMOVED),
        WastedFile("etc/a", 1, 0, 3, WasteCause.OVERWRITTEN),
        WastedFile("etc/b", 1, 0, 3, WasteCause.OVERWRITTEN),
    ]
    assert group_wasted_files(wastes) == (
        WasteGroup(2, 4, WasteCause.COPIED, "/srv/app", 30, 300),
        WasteGroup(1, 3, WasteCause.REMOVED, "/var/lib/apt/lists/x", 1, 21),
        WasteGroup(0, 3, WasteCause.OVERWRITTEN, "/etc/a", 1, 1),
        WasteGroup(0, 3, WasteCause.OVERWRITTEN, "/etc/b", 1, 1),
    )


_WASTES = st.lists(
    st.builds(
        WastedFile,
        st.sampled_from(["a/b", "a/c/d", "tmp/e", "f"]),
        st.integers(0, 99),
        st.integers(0, 2),
        st.integers(0, 3),
        st.sampled_from(WasteCause),
    )
)


@given(_WASTES)
def test_groups_add_up_to_the_waste(wastes: list[WastedFile]) -> None:
    compared_image = add_waste_and_duplicates(replace(EMPTY, wasted_files=tuple(wastes)))
    assert sum(group.bytes for group in compared_image.waste_groups) == sum(
        waste.size for waste in wastes
    )
