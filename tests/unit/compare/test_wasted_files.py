"""What is shipped in vain or twice, and by which lines."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import add_waste_and_duplicates
from bot.compare.duplicates import find_duplicates
from bot.compare.wasted_files import group_wasted_files
from bot.model.changes import DuplicateGroup, WasteGroup
from bot.model.files import Entry, EntryKind, WasteCause, WastedFile
from bot.model.image import Image

EMPTY = Image("x", "id", "linux/amd64", (), True, 0, 1)


def test_waste_is_told_by_cause_and_directory() -> None:
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
def test_no_wasted_byte_is_left_out(wastes: list[WastedFile]) -> None:
    looked = add_waste_and_duplicates(replace(EMPTY, wasted_files=tuple(wastes)))
    assert sum(group.bytes for group in looked.waste_groups) == sum(waste.size for waste in wastes)


def _tree(*entries: Entry) -> Image:
    return replace(EMPTY, tree={entry.path: entry for entry in entries})


def test_duplicates_count_all_copies_but_one() -> None:
    twin = Entry("a/x", EntryKind.FILE, 5_000, content_hash="c")
    image = _tree(
        twin,
        *(twin._replace(path=f"b/{number}") for number in range(7)),
        twin._replace(path="link", kind=EntryKind.HARDLINK, size=0),
        Entry("small", EntryKind.FILE, 3_999, content_hash="s"),
        Entry("small-too", EntryKind.FILE, 3_999, content_hash="s"),
        Entry("other", EntryKind.FILE, 5_000, content_hash="d"),
    )
    origins = {path: 1 if path == "a/x" else 2 for path in image.tree}
    found = find_duplicates(replace(image, layer_by_path=origins))
    paths = ("/a/x", "/b/0", "/b/1", "/b/2", "/b/3")
    assert found.largest == (DuplicateGroup(1, 5_000, 8, paths, (1, 2)),)
    assert (found.contents, found.bytes) == (1, 35_000)


def test_the_largest_duplicates_come_first() -> None:
    sizes = {
        f"{name}{number}": size for name, size in (("a", 4_000), ("b", 9_000)) for number in "12"
    }
    image = _tree(
        *(Entry(name, EntryKind.FILE, size, content_hash=f"{size}") for name, size in sizes.items())
    )
    assert [group.size for group in find_duplicates(image).largest] == [9_000, 4_000]


def test_a_directory_that_is_there_twice_is_one_group() -> None:
    files = [
        Entry(f"app/lib/{n}/f", EntryKind.FILE, 4_000 + n, content_hash=f"{n}") for n in range(3)
    ]
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
    entries = [
        Entry(path, EntryKind.FILE, 5_000 * n, content_hash=f"{n}") for path, n in tree.items()
    ]
    found = find_duplicates(_tree(*entries))
    once = sum(5_000 * n for n in set(tree.values()))
    assert found.bytes == sum(entry.size for entry in entries) - once
    assert sum(group.files for group in found.largest) == found.contents
