"""Empty folders that an image lost."""

import pytest

from bot.verify.empty_folders import check_empty_folders
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair


def list_lost(folder: str, source: str = "x = 1", files: dict[str, str] | None = None) -> list[str]:
    """Return the folders that are missed, of one that a RUN made and that is gone."""
    copied = {"app/main.py": source, **(files or {})}
    command = ("python", "main.py")
    old = make_image(SHELL, {f"{folder}/": ""}, copied, workdir="/app", command=command)
    new = make_image(SHELL, copy=copied, workdir="/app", command=command)
    return list_subjects(check_empty_folders(make_image_pair(old, new)))


@pytest.mark.parametrize("folder", ["app/uploads", "app/data/cache", "srv/spool", "app/out"])
def test_a_folder_to_write_to_is_missed(folder: str) -> None:
    assert list_lost(folder) == [folder]


@pytest.mark.parametrize(
    "folder", ["app/build", "app/x/obj", "app/target/generated-test-sources/test-annotations"]
)
def test_a_folder_of_a_build_is_not(folder: str) -> None:
    assert list_lost(folder) == []


def test_a_folder_that_a_source_names_is_missed() -> None:
    assert list_lost("app/build", 'open("build/x", "w")') == ["app/build"]
    assert list_lost("app/build", "rebuild = build(1)") == []


def test_a_submodule_that_was_not_checked_out() -> None:
    modules = {"app/.gitmodules": '[submodule "imgui"]\n\tpath = libs/imgui\n'}
    assert list_lost("app/libs/imgui", files=modules) == []
    assert list_lost("app/libs/other", files=modules) == ["app/libs/other"]


@pytest.mark.parametrize(
    ("ran", "missed"),
    [
        ("RUN apt-get install -y git", []),
        ("RUN apt-get install -y git && mkdir -p /var/lib/git", ["var/lib/git"]),
        ("RUN mkdir -p /var/lib/git", ["var/lib/git"]),
    ],
)
def test_a_folder_of_a_package_is_not_missed(ran: str, missed: list[str]) -> None:
    old = make_image(SHELL, {"var/lib/git/": ""}, {"app/a.py": ""}, ran=ran, workdir="/app")
    new = make_image(SHELL, copy={"app/a.py": ""}, workdir="/app")
    assert list_subjects(check_empty_folders(make_image_pair(old, new))) == missed


@pytest.mark.parametrize(
    ("folder", "source", "missed"),
    [
        ("tmp/uploads", "INBOX = '/tmp/uploads'", ["tmp/uploads"]),
        ("tmp/uploads", "INBOX = '/tmp/uploads-2'", []),
        ("var/log/shop", "open('/var/log/shop/audit.log', 'a')", ["var/log/shop"]),
        ("var/log/shop", "x = 1", []),
        ("root/.cache/shop", "x = 1", []),
    ],
)
def test_a_folder_among_those_of_tools_is_missed_if_it_is_named(
    folder: str, source: str, missed: list[str]
) -> None:
    assert list_lost(folder, source) == missed
