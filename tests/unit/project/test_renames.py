"""Folders that a change moves."""

import pytest

from bot.project.renames import find_moved_folders

BASE = {"lib/a": "100644 1", "lib/b": "100644 2", "other": "100644 3"}
PAIR = ("lib", "new/lib")


@pytest.mark.parametrize(
    "head",
    [
        {"new/lib/a": "100644 1", "new/lib/b": "100644 2"},
        {"new/lib/a": "100644 1", "new/lib/b": "100644 9", "new/lib/c": "100644 8"},
    ],
)
def test_a_folder_with_the_same_files_moved(head: dict[str, str]) -> None:
    assert find_moved_folders((BASE, head), [PAIR]) == {PAIR}


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (BASE, {**BASE, "new/lib/a": "100644 1", "new/lib/b": "100644 2"}),
        ({**BASE, "new/lib/x": "100644 7"}, {"new/lib/a": "100644 1", "new/lib/b": "100644 2"}),
        (BASE, {"new/lib/a": "100644 7", "new/lib/b": "100644 8"}),
        (BASE, {"new/lib/b": "100644 1", "new/lib/a": "100644 2"}),
        ({}, {"new/lib/a": "100644 1"}),
        (BASE, {}),
    ],
)
def test_another_folder_did_not_move(base: dict[str, str], head: dict[str, str]) -> None:
    assert find_moved_folders((base, head), [PAIR]) == frozenset()
