"""Reviews of images of which no build has all contents: what differs there is never green."""

from pathlib import Path

import pytest

from bot.audit.totals import count_totals
from bot.model.check_names import LFS_CHECK, SUBMODULES_CHECK
from bot.model.report import ImageReport, ImageState, Outcome
from bot.project.overrides import Overrides
from tests.support.known_world import KnownWorld
from tests.support.lfs_clone import make_pointer
from tests.support.repository import Repository

CONFIG = ".github/image-size.yml"


@pytest.fixture
def world(origin: Repository, tmp_path: Path) -> KnownWorld:
    return KnownWorld(origin, tmp_path / "known", names_history=False)


def list_warnings(image: ImageReport) -> list[str]:
    return [check.name for check in image.checks if check.result is Outcome.WARN]


def move(repository: Repository, path: str, sha: str) -> str:
    """Commit another commit of a submodule, which is nowhere."""
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{sha},{path}")
    repository.git("commit", "--quiet", "-m", "move")
    return repository.git("rev-parse", "HEAD")


def test_a_pointer_in_the_context_of_an_image_below_is_a_warning(world: KnownWorld) -> None:
    """The image below is built for the one that is asked for, and has no report of its own."""
    world.first = world.commit(
        {
            ".gitattributes": "*.bin filter=lfs\n",
            CONFIG: "images: [{dockerfile: lib/Dockerfile, provides: [example.com/lib]}]\n",
            "lib/Dockerfile": "FROM scratch\nCOPY a.bin /\n",
            "lib/a.bin": make_pointer(b"small"),
            "web/Dockerfile": "FROM example.com/lib\nCOPY app /\n",
            "web/app": "a",
        }
    )
    world.overrides = Overrides(dockerfile="web/Dockerfile")
    middle = world.commit({"lib/a.bin": make_pointer(b"large" * 1_000_000)})
    image = world.review(middle)
    assert [use.image.dockerfile for use in image.based_on] == ["lib/Dockerfile"]
    assert (list_warnings(image), image.verdict) == ([LFS_CHECK], Outcome.WARN)
    assert list_warnings(world.review(world.commit({"web/app": "b"}), middle)) == []


def test_a_pointer_in_the_context_of_a_new_image_is_a_warning(world: KnownWorld) -> None:
    """Its size is not known, and a limit on it would hold for a file of a hundred bytes."""
    world.first = world.commit({".gitattributes": "*.bin filter=lfs\n"})
    files = {"web/Dockerfile": "FROM debian\nCOPY a.bin /\n", "web/a.bin": make_pointer(b"large")}
    images = world.review_all(world.commit(dict(files)), world.first).images
    (image,) = [image for image in images if image.state is ImageState.NEW]
    assert (list_warnings(image), image.verdict) == ([LFS_CHECK], Outcome.WARN)


@pytest.mark.parametrize("folder", ["vendor/lib", "vendor/lib/src"])
@pytest.mark.parametrize("keys", ["build-contexts: {shared: %s}", "context: %s"])
def test_a_context_in_a_submodule_that_moves_is_a_warning(
    world: KnownWorld, keys: str, folder: str
) -> None:
    world.commit(
        {
            ".gitmodules": '[submodule "lib"]\npath = vendor/lib\nurl = https://invalid/lib\n',
            "web/Dockerfile": "FROM debian\n",
            CONFIG: f"images: [{{dockerfile: web/Dockerfile, {keys % folder}}}]\n",
        }
    )
    world.first = move(world.repository, "vendor/lib", "1" * 40)
    image, _ = world.review_all(move(world.repository, "vendor/lib", "2" * 40), world.first).images
    assert (image.state, image.verdict) == (ImageState.UNCHANGED, Outcome.WARN)
    assert list_warnings(image) == [SUBMODULES_CHECK]
    sides = [label.partition(",")[0] for label in world.builds if label.startswith("web")]
    assert sides == ["web (base)", "web (head)"]


def test_an_audit_says_of_which_images_it_lacked_contents(world: KnownWorld) -> None:
    world.commit(
        {
            ".gitattributes": "*.bin filter=lfs\n",
            ".gitmodules": '[submodule "lib"]\npath = api/lib\nurl = https://invalid/lib\n',
            "web/Dockerfile": "FROM debian\nCOPY app /\n",
            **dict.fromkeys(("web/app", "job/app", "api/app"), "a"),
            "web/a.bin": make_pointer(b"large"),
            "job/Dockerfile": "FROM debian\nCOPY app /\n",
            "job/a.bin": make_pointer(b"large"),
            "job/.dockerignore": "*.bin\n",
            "api/Dockerfile": "FROM debian\nCOPY app /\n",
        }
    )
    report = world.audit(move(world.repository, "api/lib", "1" * 40))
    warnings = {image.spec.dockerfile: list_warnings(image) for image in report.images}
    assert warnings == {
        "web/Dockerfile": [LFS_CHECK],
        "job/Dockerfile": [],  # its context leaves the file out
        "api/Dockerfile": [SUBMODULES_CHECK],
        "Dockerfile": [LFS_CHECK, SUBMODULES_CHECK],  # its context is the whole repository
    }
    assert report.verdict is Outcome.WARN
    assert count_totals(report.images).images_lacking_contents == 3
