"""One COPY of a folder, or several for its parts."""

import pytest

from bot.rewrite.copy_choice import CopyChoice, CopyItem, choose_copies


def make_parts(count: int) -> CopyChoice:
    return CopyChoice(tuple(CopyItem(f"app/{n}", is_folder=True, size=1) for n in range(count)))


def choose(
    parts: int,
    removed: int = 1,
    *,
    is_source_tree: bool = False,
    holds_dependencies: bool = False,
    dropped_bytes: int | None = 1000,
) -> str:
    """Return `parts`, `removed` or `whole`."""
    paths = tuple(f"app/x{n}" for n in range(removed))
    choice = choose_copies(
        CopyChoice((CopyItem("app", is_folder=True, size=parts),), paths),
        make_parts(parts),
        is_source_tree=is_source_tree,
        holds_dependencies=holds_dependencies,
        dropped_bytes=dropped_bytes,
    )
    if choice == make_parts(parts):
        return "parts"
    return "removed" if choice.removed_paths else "whole"


def test_few_parts_say_what_is_shipped() -> None:
    assert choose(4) == "parts"
    assert choose(5) == "removed"


@pytest.mark.parametrize(
    ("files", "left_behind", "names", "removed"),
    [
        (40, "app/notes.txt", 40, ()),
        (41, "app/notes.txt", 1, ("app/notes.txt",)),
        (737, "app/.DS_Store", 1, ()),
    ],
)
def test_a_folder_of_many_files_is_copied_whole(
    files: int, left_behind: str, names: int, removed: tuple[str, ...]
) -> None:
    pictures = (CopyItem(f"app/{n}.jpg", is_folder=False, size=1) for n in range(files))
    choice = choose_copies(
        CopyChoice((CopyItem("app", is_folder=True, size=files),), (left_behind,)),
        CopyChoice(tuple(pictures)),
        is_source_tree=False,
        holds_dependencies=False,
        dropped_bytes=1000,
    )
    assert (len(choice.items), choice.removed_paths) == (names, removed)


def test_a_tree_of_sources_stays_whole() -> None:
    assert choose(1, is_source_tree=True) == "removed"
    assert choose(1, 20, is_source_tree=True) == "parts"


def test_dependencies_get_a_layer_of_their_own() -> None:
    assert choose(10, is_source_tree=True, holds_dependencies=True) == "parts"
    assert choose(11, is_source_tree=True, holds_dependencies=True) == "removed"


def test_residue_comes_along_where_dozens_of_lines_would_say_so() -> None:
    assert choose(30, 20) == "whole"
    assert choose(30, 20, dropped_bytes=1_000_000) == "parts"
    assert choose(30, 20, dropped_bytes=None) == "parts"


def test_files_that_every_repository_has_are_not_worth_a_command() -> None:
    whole = CopyChoice(
        (CopyItem("app", is_folder=True, size=1),),
        ("app/Dockerfile", "app/README.md", "app/.dockerignore", "app/docker-compose.yml"),
    )
    assert whole.is_trivial(9_000)
    assert not whole.is_trivial(90_000)
    assert not CopyChoice(whole.items, (*whole.removed_paths, "app/tests")).is_trivial(9_000)
    for dropped_bytes, removed in ((9_000, 0), (90_000, 4), (None, 4)):
        choice = choose_copies(
            whole,
            make_parts(1),
            is_source_tree=True,
            holds_dependencies=False,
            dropped_bytes=dropped_bytes,
        )
        assert len(choice.removed_paths) == removed


def test_lines_of_files_and_folders() -> None:
    files = [CopyItem(x, is_folder=False, size=1) for x in ("app/a", "app/b", "srv/c")]
    assert CopyChoice(tuple(files)).line_count == 2
    assert make_parts(3).line_count == 3
