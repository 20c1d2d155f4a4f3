"""What is shipped in vain or twice, and by which lines."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import look_into
from bot.compare.duplicates import find_duplicates
from bot.compare.wasted_files import group_waste
from bot.model.changes import DuplicateGroup, WasteGroup
from bot.model.files import Entry, Hidden, Kind, Waste
from bot.model.image import Image

EMPTY = Image("x", "id", "linux/amd64", (), True, 0, 1)


def test_waste_is_told_by_cause_and_directory() -> None:
    wastes = [
        *(Waste(f"srv/app/{n}/f", 10, 2, 4, Hidden.COPIED) for n in range(30)),
        Waste("var/lib/apt/lists/x", 21, 1, 3, Hidden.REMOVED),
        Waste("empty", 0, 1, 3, Hidden.REMOVED),
        Waste("etc/a", 1, 0, 3, Hidden.OVERWRITTEN),
        Waste("etc/b", 1, 0, 3, Hidden.OVERWRITTEN),
    ]
    assert group_waste(wastes) == (
        WasteGroup(2, 4, Hidden.COPIED, "/srv/app", 30, 300),
        WasteGroup(1, 3, Hidden.REMOVED, "/var/lib/apt/lists/x", 1, 21),
        WasteGroup(0, 3, Hidden.OVERWRITTEN, "/etc/a", 1, 1),
        WasteGroup(0, 3, Hidden.OVERWRITTEN, "/etc/b", 1, 1),
    )


_WASTES = st.lists(
    st.builds(
        Waste,
        st.sampled_from(["a/b", "a/c/d", "tmp/e", "f"]),
        st.integers(0, 99),
        st.integers(0, 2),
        st.integers(0, 3),
        st.sampled_from(Hidden),
    )
)


@given(_WASTES)
def test_no_wasted_byte_is_left_out(wastes: list[Waste]) -> None:
    looked = look_into(replace(EMPTY, wastes=tuple(wastes)))
    assert sum(group.bytes for group in looked.wasted) == sum(waste.size for waste in wastes)


def _tree(*entries: Entry) -> Image:
    return replace(EMPTY, tree={entry.path: entry for entry in entries})


def test_duplicates_count_all_copies_but_one() -> None:
    twin = Entry("a/x", Kind.FILE, 5_000, content="c")
    image = _tree(
        twin,
        *(twin._replace(path=f"b/{number}") for number in range(7)),
        twin._replace(path="link", kind=Kind.HARDLINK, size=0),
        Entry("small", Kind.FILE, 3_999, content="s"),
        Entry("small-too", Kind.FILE, 3_999, content="s"),
        Entry("other", Kind.FILE, 5_000, content="d"),
    )
    origins = {path: 1 if path == "a/x" else 2 for path in image.tree}
    found = find_duplicates(replace(image, origins=origins))
    paths = ("/a/x", "/b/0", "/b/1", "/b/2", "/b/3")
    assert found.largest == (DuplicateGroup(1, 5_000, 8, paths, (1, 2)),)
    assert (found.contents, found.bytes) == (1, 35_000)


def test_the_largest_duplicates_come_first() -> None:
    sizes = {
        f"{name}{number}": size for name, size in (("a", 4_000), ("b", 9_000)) for number in "12"
    }
    image = _tree(
        *(Entry(name, Kind.FILE, size, content=f"{size}") for name, size in sizes.items())
    )
    assert [group.size for group in find_duplicates(image).largest] == [9_000, 4_000]


def test_a_directory_that_is_there_twice_is_one_group() -> None:
    files = [Entry(f"app/lib/{n}/f", Kind.FILE, 4_000 + n, content=f"{n}") for n in range(3)]
    again = [file._replace(path=file.path.replace("app/", "src/")) for file in files]
    found = find_duplicates(_tree(*files, *again))
    assert found.largest == (DuplicateGroup(3, 12_003, 2, ("/app", "/src"), ()),)
    assert (found.contents, found.bytes) == (3, 12_003)


_TREES = st.dictionaries(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join),
    st.integers(1, 3),
    max_size=20,
)


@given(_TREES)
def test_every_copy_but_one_is_counted(tree: dict[str, int]) -> None:
    entries = [Entry(path, Kind.FILE, 5_000 * n, content=f"{n}") for path, n in tree.items()]
    found = find_duplicates(_tree(*entries))
    once = sum(5_000 * n for n in set(tree.values()))
    assert found.bytes == sum(entry.size for entry in entries) - once
    assert sum(group.files for group in found.largest) == found.contents
