"""Files from one image to another: every class, and sums that meet those of the file system."""

from hypothesis import given
from hypothesis import strategies as st

from bot.compare.compare import compare
from bot.compare.file_changes import Change, changed_files
from bot.model.changes import FileChanges, FileClass, FileGroup, Tally
from bot.model.files import Entry, Identity, Kind
from bot.model.image import Image


def file(path: str, size: int, content: str = "", uid: int = 0) -> Entry:
    return Entry(path, Kind.FILE, size, uid=uid, content=content or f"{path}{size}")


def image(*entries: Entry, identity: Identity = Identity.SHA256) -> Image:
    tree = {entry.path: entry for entry in entries}
    seen = sum(entry.size for entry in entries)
    return Image("x", repr(tree), "linux/amd64", (), True, seen, 1, tree=tree, identity=identity)


def files(base: Image, head: Image) -> FileChanges:
    found = compare(base, head).files
    assert found is not None
    return found


def told(base: Image, head: Image) -> dict[FileClass, Tally]:
    return {kind: tally for kind, tally in files(base, head).tallies.items() if tally.files}


def test_each_fate_has_its_class() -> None:
    kept, link = file("kept", 1), Entry("link", Kind.SYMLINK, 0, link="kept")
    base = image(
        kept, link, file("gone", 2), file("more", 3), file("less", 9), file("old", 7, "seven"),
        file("edited", 5, "before"), file("owned", 4),
    )  # fmt: skip
    head = image(
        kept, file("new", 2), file("more", 5), file("less", 8), file("other", 7, "seven"),
        file("edited", 5, "after"), file("owned", 4, uid=1), link._replace(link="elsewhere"),
    )  # fmt: skip
    assert sorted(changed_files(base, head)) == [
        Change(FileClass.ADDED, "new", 2),
        Change(FileClass.GROWN, "more", 2),
        Change(FileClass.MOVED, "other", 7, "old"),
        Change(FileClass.PERMISSIONS, "owned", 4),
        Change(FileClass.REMOVED, "gone", 2),
        Change(FileClass.REWRITTEN, "edited", 5),
        Change(FileClass.SHRUNK, "less", 1),
    ]


def test_a_file_in_place_of_a_link_is_new() -> None:
    link = Entry("a", Kind.SYMLINK, 0, link="b")
    assert told(image(link), image(file("a", 3))) == {FileClass.ADDED: Tally(1, 3)}
    assert told(image(file("a", 3)), image(link)) == {FileClass.REMOVED: Tally(1, 3)}


def test_a_hard_link_that_a_layer_copied_apart_did_not_grow() -> None:
    """`chown -R` in a later layer gives each name bytes of its own."""
    apart = image(file("a", 3, "x", uid=1), file("b", 3, "x", uid=1))
    link = Entry("b", Kind.HARDLINK, 0, link="a", content="x")
    joined = image(file("a", 3, "x", uid=1), link)
    assert told(joined, apart) == {FileClass.UNLINKED: Tally(1, 3)}
    assert told(apart, joined) == {FileClass.LINKED: Tally(1, 3)}


def test_moves_are_one_to_one_and_prefer_the_same_name() -> None:
    base = image(file("a/x", 5, "c"), file("a/y", 5, "c"))
    head = image(file("b/y", 5, "c"), file("b/x", 5, "c"), file("b/z", 5, "c"))
    assert {(c.source, c.path) for c in changed_files(base, head)} == {
        ("a/x", "b/x"),
        ("a/y", "b/y"),
        ("", "b/z"),
    }


def test_an_empty_file_is_never_moved() -> None:
    empty = Entry("a", Kind.FILE, 0)
    assert FileClass.MOVED not in told(image(empty), image(empty._replace(path="b")))


def test_a_moved_directory_is_one_group() -> None:
    base = image(*(file(f"srv/app/{n}/f", 5, n) for n in "abc"))
    head = image(*(file(f"opt/app/{n}/f", 5, n) for n in "abc"))
    assert files(base, head).largest == (FileGroup(FileClass.MOVED, "/opt", 3, 15, "/srv"),)


def test_contents_of_another_identity_are_not_compared() -> None:
    base = image(file("a", 5, "x"), file("b", 5, "y"), identity=Identity.CRC64)
    head = image(file("a", 5, "z"), file("c", 5, "y"))
    assert told(base, head) == {FileClass.ADDED: Tally(1, 5), FileClass.REMOVED: Tally(1, 5)}


def test_files_that_are_not_known_are_not_spoken_of() -> None:
    blind = Image("x", "id", "linux/amd64", (), True, 5, 1)
    assert compare(blind, image(file("a", 1))).files is None


_ENTRIES = st.lists(
    st.builds(
        Entry,
        path=st.sampled_from(["a", "b", "c/d", "c/e", "c/f/g", "tmp/h"]),
        kind=st.sampled_from([Kind.FILE, Kind.FILE, Kind.SYMLINK]),
        size=st.integers(0, 3),
        uid=st.integers(0, 1),
        content=st.sampled_from("xy"),
    ).map(lambda entry: entry if entry.kind is Kind.FILE else entry._replace(size=0)),
    unique_by=lambda entry: entry.path,
)


@given(_ENTRIES, _ENTRIES)
def test_the_classes_add_up_to_the_file_system(before: list[Entry], after: list[Entry]) -> None:
    base, head = image(*before), image(*after)
    found = compare(base, head)
    if found.files and found.delta:
        moved = sum(kind.sign * tally.bytes for kind, tally in found.files.tallies.items())
        assert moved == found.delta.filesystem_bytes
        listed = sum(group.kind.sign * group.bytes for group in found.files.largest)
        assert listed == moved
    assert changed_files(base, base) == []
