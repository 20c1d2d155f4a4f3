"""A listing of git is searched as it is, and answers as a dictionary of it does."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.project.file_tree import FileTree, patch_tree, select_below
from bot.project.sorted_listing import SortedListing, make_listing

_ID = "0123456789abcdef0123456789abcdef01234567"
# In the order of their bytes: the last but one is no text, and behind the last in characters.
_LISTING = b"".join(
    record.replace(b"ID", _ID.encode()) + b"\0"
    for record in (
        b"100644 blob ID\t.gitattributes",
        b"100644 blob ID\ta\tb/x\ny",
        b"100755 blob ID\ta-b",
        b"100644 blob ID\ta/b",
        b"120000 blob ID\ta/link",
        b"160000 commit ID\tm",
        "100644 blob ID\tz/\ue000".encode(),
        b"100644 blob ID\tz/\xff",
    )
)
_PATHS = {
    ".gitattributes": "100644",
    "a\tb/x\ny": "100644",
    "a-b": "100755",
    "a/b": "100644",
    "a/link": "120000",
    "m": "160000",
    "z/\ue000": "100644",
    "z/\udcff": "100644",
}
_ENTRIES = {path: f"{mode} {_ID}" for path, mode in _PATHS.items()}
_NAMES = st.text(st.sampled_from("ab-0/é\ue000\udcff\t\n"), min_size=1, max_size=6)
_TREES = st.dictionaries(_NAMES, st.sampled_from(["100644 1", "120000 2", "160000 3"]))


def test_what_git_prints_is_read() -> None:
    listing = SortedListing(_LISTING, is_from_git=True)
    assert listing.read_all() == _ENTRIES
    assert listing.list_paths() == sorted(_ENTRIES)
    assert len(listing) == len(_ENTRIES)
    assert {path: listing.find(path) for path in _ENTRIES} == _ENTRIES
    without = SortedListing(_LISTING.replace(b"160000 commit", b"100644 blob"), is_from_git=True)
    assert without.read_all() == {**_ENTRIES, "m": f"100644 {_ID}"}
    assert without.list_paths() == sorted(_ENTRIES)


def test_a_path_that_is_not_listed_is_not_found() -> None:
    listing = SortedListing(_LISTING, is_from_git=True)
    # No file of git can have the last two names.
    missing = ["", ".", "a", "a/", "a/b/c", "b", "zz", _ID, "100644", "a\0", "\ud800"]
    assert [listing.find(path) for path in missing] == [None] * len(missing)
    assert [list(listing.list_below(path)) for path in ("b", "a/b", "\ud800", "")] == [[]] * 4
    assert list(listing.list_below("z")) == ["z/\ue000", "z/\udcff"]


def test_a_tree_lists_its_links_and_submodules() -> None:
    tree = FileTree(SortedListing(_LISTING, is_from_git=True))
    assert (set(tree.links), list(tree.submodules)) == ({"a/link"}, ["m"])
    patched = patch_tree(tree, {"a/link": None, "m": "120000 1", "new": "160000 2"})
    assert (set(patched.links), list(patched.submodules)) == ({"m"}, ["new"])


def test_a_folder_is_gone_with_its_last_file() -> None:
    tree = FileTree({"a/b": "100644 1", "a/c": "100644 1", "d/e": "100644 1"})
    changes = {"a/b": None, "d/e": None, "new/f": "100644 1"}
    patched = patch_tree(tree, changes)
    assert [x for x in ("a", "d", "new") if patched.has_folder(x)] == ["a", "new"]
    assert [x for x in ("a", "d", "new") if tree.has_folder(x)] == ["a", "d"]


@given(_TREES, st.lists(_NAMES))
@example({"a": "100644 1", "a/b": "100644 1", "a-b": "100644 1"}, ["a"])
def test_a_listing_answers_as_a_dictionary(entries: dict[str, str], others: list[str]) -> None:
    listing, tree = make_listing(entries), FileTree(entries)
    assert tree == listing.read_all() == entries
    assert (len(tree), tree.paths, list(tree)) == (
        len(entries),
        sorted(entries),
        list(listing.read_all()),
    )
    for path in {*entries, *others}:
        assert listing.find(path) == tree.get(path) == entries.get(path)
        assert sorted(listing.list_below(path)) == select_below(sorted(entries), path)
    for word in ("a", "0", "é"):
        expected = {path for path in entries if word in path}
        assert expected <= set(listing.search(word)) <= entries.keys()


@given(_TREES, st.dictionaries(_NAMES, st.none() | st.just("120000 4")))
def test_a_patched_tree_has_the_folders_and_links_of_its_own(
    entries: dict[str, str], changes: dict[str, str | None]
) -> None:
    patched = patch_tree(FileTree(entries), changes)
    plain = FileTree(dict(patched))
    assert (patched.links, patched.submodules) == (plain.links, plain.submodules)
    assert len(patched) == len(plain)
    for path in {*entries, *changes}:
        assert patched.has_folder(path) is plain.has_folder(path)
        assert (patched.get(path), path in patched) == (plain.get(path), path in plain)
