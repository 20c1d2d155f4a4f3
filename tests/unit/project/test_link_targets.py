"""What symbolic links of a git tree lead to."""

import pytest

from bot.project.file_tree import FileTree
from bot.project.link_targets import UnclearLinkError, add_link_targets


def reach(links: dict[str, str], *files: str, submodules: tuple[str, ...] = ()) -> frozenset[str]:
    """Return what is reached of a tree from `app`, of which all files are there."""
    entries = dict.fromkeys(files, "100644 1")
    entries.update(dict.fromkeys(links, "120000 2"))
    entries.update(dict.fromkeys(submodules, "160000 3"))
    tree = FileTree(entries)
    paths = [path for path in tree if path.startswith("app/")]
    return add_link_targets(tree, paths, lambda path: links[path])


def test_files_stay_and_nothing_else_is_reached() -> None:
    assert reach({}, "app/a", "lib/b") == {"app/a"}


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("a", set[str]()),
        ("../lib/b", {"lib/b"}),
        ("./..//lib/./b/", {"lib/b"}),
        ("../lib", {"lib/b", "lib/deep/c"}),
        ("../app/../lib/deep", {"lib/deep/c"}),
        ("../nowhere", set[str]()),
        ("/lib/b", set[str]()),
    ],
)
def test_the_target_of_a_link(target: str, reached: set[str]) -> None:
    files = ("app/a", "lib/b", "lib/deep/c", "other/d")
    assert reach({"app/link": target}, *files) == {"app/a", "app/link", *reached}


def test_links_behind_links_are_followed_and_circles_end() -> None:
    links = {"app/link": "../lib", "lib/next": "../other/d", "lib/back": "../app"}
    reached = {"app/link", "lib/next", "lib/back", "other/d"}
    assert reach(links, "other/d", "other/e") == reached


@pytest.mark.parametrize("target", ["..", "../.", "../../x", "../../app/../lib/b", "../way/b"])
def test_a_link_that_may_lead_anywhere_is_refused(target: str) -> None:
    with pytest.raises(UnclearLinkError):
        reach({"app/link": target, "way": "lib"}, "lib/b")


def test_a_path_into_a_submodule_is_refused_for_it_may_have_links() -> None:
    assert reach({"app/link": "../part"}, submodules=("part",)) == {"app/link", "part"}
    with pytest.raises(UnclearLinkError):
        reach({"app/link": "../part/x"}, submodules=("part",))
