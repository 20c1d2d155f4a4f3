"""Links among the files of a commit, followed as BuildKit's client follows them."""

import pytest

from bot.project.followed_links import resolve_below

FILE, LINK, SUBMODULE = "100644 a", "120000 b", "160000 c"
TREE = {
    "app/.dockerignore": LINK,
    "app/ignore": FILE,
    "app/sub/ignore": FILE,
    "app/linked": LINK,
    "app/module": SUBMODULE,
    "app/[a]": FILE,
    "app/circle": LINK,
    "ignore": FILE,
}


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("ignore", "app/ignore"),
        ("./sub//ignore", "app/sub/ignore"),
        ("linked/ignore", "app/sub/ignore"),
        # The context is the root: nothing is above it.
        ("../ignore", "app/ignore"),
        ("/ignore", "app/ignore"),
        ("../../sub/ignore", "app/sub/ignore"),
        ("/etc/passwd", None),
        ("../app/ignore", None),
        ("none", None),
        ("sub", None),
        ("", None),
        ("module", None),
        ("module/ignore", None),
        ("ignore/more", None),
        ("circle", None),
        # What is no plain path is a pattern for the client.
        ("[a]", None),
        ("sub/../ignore", None),
        ("ignore ", None),
    ],
)
def test_a_link_is_followed_inside_of_its_folder(target: str, file: str | None) -> None:
    links = {"app/.dockerignore": target, "app/linked": "sub", "app/circle": "circle"}
    assert resolve_below(TREE, "app", ".dockerignore", links.__getitem__) == file


def test_a_file_is_itself() -> None:
    assert resolve_below({".dockerignore": FILE}, ".", ".dockerignore", str) == ".dockerignore"
    assert resolve_below({}, ".", ".dockerignore", str) is None
