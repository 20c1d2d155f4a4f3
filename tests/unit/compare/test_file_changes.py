"""File changes between two images: every kind, and sums equal to the file system's."""

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import compare_images
from bot.compare.file_changes import FileChange, find_changed_files
from bot.model.changes import FileChangeKind, FileChanges, FileGroup, Tally
from bot.model.files import Entry, EntryKind, HashAlgorithm
from bot.model.image import Image


def file(path: str, size: int, content: str = "", uid: int = 0) -> Entry:
    return Entry(path, EntryKind.FILE, size, uid=uid, content_hash=content or f"{path}{size}")


def image(*entries: Entry, hash_algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> Image:
    tree = {entry.path: entry for entry in entries}
    total = sum(entry.size for entry in entries)
    return Image(
        "x", repr(tree), "linux/amd64", (), True, total, 1, tree=tree, hash_algorithm=hash_algorithm
    )


def files(base: Image, head: Image) -> FileChanges:
    changes = compare_images(base, head).file_changes
    assert changes is not None
    return changes


def tallies(base: Image, head: Image) -> dict[FileChangeKind, Tally]:
    return {kind: tally for kind, tally in files(base, head).tallies.items() if tally.files}


def test_kinds_of_file_changes() -> None:
    unchanged, link = file("kept", 1), Entry("link", EntryKind.SYMLINK, 0, link="kept")
    base = image(
        unchanged, link, file("gone", 2), file("more", 3), file("less", 9), file("old", 7, "seven"),
        file("edited", 5, "before"), file("owned", 4),
    )  # fmt: skip
    head = image(
        unchanged, file("new", 2), file("more", 5), file("less", 8), file("other", 7, "seven"),
        file("edited", 5, "after"), file("owned", 4, uid=1), link._replace(link="elsewhere"),
    )  # fmt: skip
    assert sorted(find_changed_files(base, head)) == [
        FileChange(FileChangeKind.ADDED, "new", 2),
        FileChange(FileChangeKind.GROWN, "more", 2),
        FileChange(FileChangeKind.MOVED, "other", 7, "old"),
        FileChange(FileChangeKind.PERMISSIONS, "owned", 4),
        FileChange(FileChangeKind.REMOVED, "gone", 2),
        FileChange(FileChangeKind.REWRITTEN, "edited", 5),
        FileChange(FileChangeKind.SHRUNK, "less", 1),
    ]


def test_a_file_in_place_of_a_link_is_new() -> None:
    link = Entry("a", EntryKind.SYMLINK, 0, link="b")
    assert tallies(image(link), image(file("a", 3))) == {FileChangeKind.ADDED: Tally(1, 3)}
    assert tallies(image(file("a", 3)), image(link)) == {FileChangeKind.REMOVED: Tally(1, 3)}


def test_a_hard_link_that_a_layer_copied_apart_did_not_grow() -> None:
    """Count `chown -R` of a hard link as unlinked, since each name gets its own bytes."""
    apart = image(file("a", 3, "x", uid=1), file("b", 3, "x", uid=1))
    link = Entry("b", EntryKind.HARDLINK, 0, link="a", content_hash="x")
    joined = image(file("a", 3, "x", uid=1), link)
    assert tallies(joined, apart) == {FileChangeKind.UNLINKED: Tally(1, 3)}
    assert tallies(apart, joined) == {FileChangeKind.LINKED: Tally(1, 3)}


def test_moves_are_one_to_one_and_prefer_the_same_name() -> None:
    base = image(file("a/x", 5, "c"), file("a/y", 5, "c"))
    head = image(file("b/y", 5, "c"), file("b/x", 5, "c"), file("b/z", 5, "c"))
    assert {(c.source, c.path) for c in find_changed_files(base, head)} == {
        ("a/x", "b/x"),
        ("a/y", "b/y"),
        ("", "b/z"),
    }


def test_an_empty_file_is_never_moved() -> None:
    empty = Entry("a", EntryKind.FILE, 0)
    assert FileChangeKind.MOVED not in tallies(image(empty), image(empty._replace(path="b")))


def test_a_moved_directory_is_one_group() -> None:
    base = image(*(file(f"srv/app/{n}/f", 5, n) for n in "abc"))
    head = image(*(file(f"opt/app/{n}/f", 5, n) for n in "abc"))
    assert files(base, head).largest == (FileGroup(FileChangeKind.MOVED, "/opt", 3, 15, "/srv"),)


def test_contents_of_different_hash_algorithms_are_not_compared() -> None:
    base = image(file("a", 5, "x"), file("b", 5, "y"), hash_algorithm=HashAlgorithm.CRC64)
    head = image(file("a", 5, "z"), file("c", 5, "y"))
    assert tallies(base, head) == {
        FileChangeKind.ADDED: Tally(1, 5),
        FileChangeKind.REMOVED: Tally(1, 5),
    }


def test_without_a_file_tree_there_are_no_changes() -> None:
    blind = Image("x", "id", "linux/amd64", (), True, 5, 1)
    assert compare_images(blind, image(file("a", 1))).file_changes is None


_ENTRIES = st.lists(
    st.builds(
        Entry,
        path=st.sampled_from(["a", "b", "c/d", "c/e", "c/f/g", "tmp/h"]),
        kind=st.sampled_from([EntryKind.FILE, EntryKind.FILE, EntryKind.SYMLINK]),
        size=st.integers(0, 3),
        uid=st.integers(0, 1),
        content_hash=st.sampled_from("xy"),
    ).map(lambda entry: entry if entry.kind is EntryKind.FILE else entry._replace(size=0)),
    unique_by=lambda entry: entry.path,
)


@given(_ENTRIES, _ENTRIES)
def test_the_kinds_add_up_to_the_file_system(before: list[Entry], after: list[Entry]) -> None:
    base, head = image(*before), image(*after)
    comparison = compare_images(base, head)
    assert comparison.delta
    if comparison.file_changes:
        sum_of_tallies = sum(
            kind.sign * tally.bytes for kind, tally in comparison.file_changes.tallies.items()
        )
        assert sum_of_tallies == comparison.delta.filesystem_bytes
        sum_of_groups = sum(
            group.kind.sign * group.bytes for group in comparison.file_changes.largest
        )
        assert sum_of_groups == sum_of_tallies
    assert find_changed_files(base, base) == []
