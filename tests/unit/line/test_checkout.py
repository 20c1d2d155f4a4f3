"""The Dockerfiles that a checkout reads, and those that it leaves to BuildKit."""

from pathlib import Path

import pytest

from bot.adapters.checkout_files import read_regular_file
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.checkout import Checkout
from bot.line.ports import PreparedCheckout, Worktree
from bot.model.spec import ImageSpec
from bot.project.image_chains import ChainedImage


def list_read_texts(root: Path, dockerfile: str) -> list[bytes]:
    """Return the texts of a Dockerfile that are handed to the parser."""
    texts: list[bytes] = []

    def parse(spec: ImageSpec, text: bytes) -> BuildPlan | None:
        texts.append(text)
        return None

    worktree = Worktree(root, read_regular_file)
    checkout = Checkout(
        "head", "1" * 40, worktree, lambda *_: PreparedCheckout(root, 0), lambda _: ""
    )
    checkout.make_input(ChainedImage(ImageSpec("app", dockerfile, ".")), parse)
    return texts


def test_a_dockerfile_is_read_also_through_a_link_within_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "link").symlink_to("Dockerfile")
    assert list_read_texts(tmp_path, "Dockerfile") == [b"FROM scratch\n"]
    assert list_read_texts(tmp_path, "link") == [b"FROM scratch\n"]


@pytest.mark.parametrize("path", ["none", "out", "circle", "folder", "large", "x" * 300])
def test_what_is_no_file_of_the_checkout_is_not_read(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("FROM scratch\n")
    (root / "out").symlink_to("../secret")
    (root / "circle").symlink_to("circle")
    (root / "large").write_bytes(b"#" * (MAX_DOCKERFILE_BYTES + 1))
    assert list_read_texts(root, path) == []
