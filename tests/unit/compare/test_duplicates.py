"""Duplicates: every copy but one is counted, whole directories as one group."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.duplicates import find_duplicates
from bot.model.changes import DuplicateGroup
from bot.model.files import Entry, EntryKind
from bot.model.image import Image

EMPTY = Image("x", "id", "linux/amd64", (), True, 0, 1)


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
    duplicates = find_duplicates(replace(image, layer_by_path=origins))
    paths = ("/a/x", "/b/0", "/b/1", "/b/2", "/b/3")
    assert duplicates.largest == (DuplicateGroup(1, 5_000, 8, paths, (1, 2)),)
    assert (duplicates.contents, duplicates.bytes) == (1, 35_000)


def test_the_largest_duplicates_come_first() -> None:
    sizes = {
        f"{name}{number}": size for name, size in (("a", 4_000), ("b", 9_000)) for number in "12"
    }
    image = _tree(
        *(Entry(name, EntryKind.FILE, size, content_hash=f"{size}") for name, size in sizes.items())
    )
    assert [group.size for group in find_duplicates(image).largest] == [9_000, 4_000]


def test_a_repeated_directory_is_one_group() -> None:
    files = [
        Entry(f"app/lib/{number}/f", EntryKind.FILE, 4_000 + number, content_hash=f"{number}")
        for number in range(3)
    ]
    copies = [file._replace(path=file.path.replace("app/", "src/")) for file in files]
    duplicates = find_duplicates(_tree(*files, *copies))
    assert duplicates.largest == (DuplicateGroup(3, 12_003, 2, ("/app", "/src"), ()),)
    assert (duplicates.contents, duplicates.bytes) == (3, 12_003)


_TREES = st.dictionaries(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join),
    st.integers(1, 3),
    max_size=20,
)


@given(_TREES)
def test_every_copy_but_one_is_counted(tree: dict[str, int]) -> None:
    entries = [
        Entry(path, EntryKind.FILE, 5_000 * size, content_hash=f"{size}")
        for path, size in tree.items()
    ]
    duplicates = find_duplicates(_tree(*entries))
    once = sum(5_000 * n for n in set(tree.values()))
    assert duplicates.bytes == sum(entry.size for entry in entries) - once
    assert sum(group.files for group in duplicates.largest) == duplicates.contents
