"""The open image that the rewriter and the verifier share."""

import pytest

from bot.image.open_image import DEFAULT_SEARCH_PATH, OpenImage
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry, EntryKind
from bot.model.image import InstructionRef
from tests.support.open_image_world import ImageWorld

COPY = InstructionRef("COPY", "COPY . .", 2, 2)


def open_image(paths: dict[str, int], **config: object) -> OpenImage:
    """Return an image of copied files with their modes; a path with an arrow is a link."""
    world = ImageWorld([None, COPY])
    for text, mode in paths.items():
        path, _, target = text.partition(" -> ")
        kind = EntryKind.SYMLINK if target else EntryKind.FILE
        world.entries.append((Entry(path, kind, 1, mode, link=target), 1))
    return world.open(ContainerConfig(**config), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("folder", DEFAULT_SEARCH_PATH.split(":"))
def test_without_a_path_the_engine_looks_in_six_folders(folder: str) -> None:
    path = f"{folder[1:]}/tool"
    assert open_image({path: 0o755}).which("tool") == path
    assert open_image({path: 0o755}, env={"PATH": ""}).find_program("tool") == path


def test_a_path_of_the_image_replaces_the_default() -> None:
    built = open_image({"usr/bin/tool": 0o755, "opt/other": 0o755}, env={"PATH": "/opt"})
    assert built.which("tool") is None
    assert built.which("other") == "opt/other"


def test_an_empty_folder_of_the_path_is_the_working_folder() -> None:
    files = {"work/tool": 0o755}
    built = open_image(files, env={"PATH": "/usr/bin:"}, workdir="/work")
    assert built.which("tool") == built.find_program("tool") == "work/tool"


def test_a_file_that_may_not_be_executed_is_no_program() -> None:
    built = open_image({"usr/local/bin/tool": 0o644, "usr/bin/tool": 0o755})
    assert built.which("tool") == "usr/bin/tool"
    assert open_image({"usr/bin/tool": 0o644}).which("/usr/bin/tool") is None


def test_which_keeps_a_link_that_find_program_follows() -> None:
    built = open_image({"usr/bin/tool -> /opt/run": 0o777, "opt/run": 0o755})
    assert built.which("tool") == "usr/bin/tool"
    assert built.find_program("tool") == "opt/run"


def test_empty_directories_are_there_for_both() -> None:
    world = ImageWorld([None, COPY])
    world.entries.append((Entry("data", EntryKind.DIRECTORY, 0, 0o755), 1))
    built = world.open(ContainerConfig(), None)
    assert built.paths.is_directory("data")
    assert built.is_added_by_dockerfile("data")


def test_long_texts_are_read_completely() -> None:
    world = ImageWorld([None, COPY])
    world.entries.append((Entry("a.json", EntryKind.FILE, 300_000), 1))
    world.contents["a.json"] = b"x" * 300_000
    assert len(world.open(ContainerConfig(), None).read_text("a.json")) == 300_000


def test_dpkg_owns_files() -> None:
    world = ImageWorld([None, COPY])
    world.entries.append((Entry("usr/bin/git", EntryKind.FILE, 1, 0o755), 0))
    world.add_dpkg_database({"git": ["usr/bin/git"]})
    assert world.open(ContainerConfig(), None).packaged_files["usr/bin/git"] == "git"
