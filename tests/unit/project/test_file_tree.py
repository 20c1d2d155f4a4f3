"""The index of a tree's folders."""

from hypothesis import given
from hypothesis import strategies as st

from bot.project.file_tree import FileTree, index_tree, patch_tree, select_below

TREE = FileTree({"a/b/x": "100644 1", "a-b/x": "100644 2", "a.x": "100644 3", "m": "160000 4"})
_PATHS = st.sampled_from(["a", "b/a", "b/c", "ab", "é/b", ".gitattributes", "b/.gitattributes"])
_ENTRIES = st.sampled_from(["100644 1", "100644 2", "120000 1"])
_TREES = st.dictionaries(_PATHS, _ENTRIES)
_CHANGES = st.dictionaries(_PATHS, st.none() | _ENTRIES)


def test_a_folder_is_there_if_a_file_is_below_it() -> None:
    assert [x for x in (".", "a", "a/b", "a-b", "a.x", "a/b/x", "b") if TREE.has_folder(x)] == [
        ".",
        "a",
        "a/b",
        "a-b",
    ]


def test_paths_below_a_folder_are_not_those_of_its_neighbours() -> None:
    assert select_below(TREE.paths, "a") == ["a/b/x"]
    assert select_below(TREE.paths, ".") == ["a-b/x", "a.x", "a/b/x", "m"]
    assert select_below(TREE.paths, "x") == []


def test_changes_are_the_paths_that_differ_in_either_direction() -> None:
    entries = {**TREE, "a/b/x": "100755 1", "new": "100644 5"}
    del entries["m"]
    other = FileTree(entries)
    assert TREE.list_changes(other) == ["a/b/x", "m", "new"]
    assert other.list_changes(TREE) == ["a/b/x", "m", "new"]
    assert TREE.list_changes(TREE) == ()
    assert TREE.list_changes(FileTree(TREE)) == []


def test_an_index_is_made_once() -> None:
    assert index_tree(TREE) is TREE
    assert TREE.submodules == ["m"]
    tree = index_tree({"x/.gitattributes": "100644 1", "x/old.gitattributes": "100644 1"})
    assert tree.attribute_files == ["x/.gitattributes"]


def test_a_patched_tree_knows_what_differs() -> None:
    patched = patch_tree(TREE, {"m": None, "new": "100644 5", "a.x": "100755 3"})
    assert patched == {
        "a/b/x": "100644 1",
        "a-b/x": "100644 2",
        "a.x": "100755 3",
        "new": "100644 5",
    }
    assert patched.list_changes(TREE) == TREE.list_changes(patched) == ["a.x", "m", "new"]
    assert patched.list_changes(TREE) == FileTree(patched).list_changes(TREE)


def test_paths_are_selected_once() -> None:
    questions: list[str] = []

    def is_x(path: str) -> bool:
        questions.append(path)
        return path.endswith("x")

    tree = FileTree(TREE)
    assert tree.select(is_x, ("x",)) == tree.select(is_x, ("x",)) == ["a-b/x", "a.x", "a/b/x"]
    assert sorted(questions) == ["a-b/x", "a.x", "a/b/x"]


@given(_TREES, _CHANGES)
def test_a_patched_tree_answers_as_one_of_its_own(
    entries: dict[str, str], changes: dict[str, str | None]
) -> None:
    tree = FileTree(entries)
    patched = patch_tree(tree, changes)
    again = patch_tree(patched, dict.fromkeys(changes, "100644 9"))
    for answering in (patched, again):
        plain = FileTree(dict(answering))
        assert answering.paths == plain.paths
        assert answering.select(_has_b, ("b",)) == plain.select(_has_b, ("b",))
        assert answering.attribute_files == plain.attribute_files


def _has_b(path: str) -> bool:
    return "b" in path
