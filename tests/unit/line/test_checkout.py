"""The Dockerfiles that a checkout reads, and those that it leaves to BuildKit."""

from pathlib import Path

import pytest

from bot.adapters.checkout_files import read_regular_file
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.build_notes import add_preparation_check
from bot.line.checkout import Checkout
from bot.line.production import Production
from bot.line.worktree import PreparedCheckout, Worktree
from bot.model.build_cache import BuildCache, CacheKind
from bot.model.comparison import Comparison
from bot.model.report import ImageReport, ImageState, Outcome
from bot.model.spec import BuildNeeds, ImageSpec
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


@pytest.mark.parametrize(
    ("before", "after", "rewritten"),
    [
        ({"Dockerfile": "a"}, {"Dockerfile": "a", "made": "b"}, ()),
        ({"Dockerfile": "a"}, {"Dockerfile": "b"}, ("Dockerfile",)),
        ({"Dockerfile": "a"}, {"Dockerfile": "a", ".dockerignore": "*"}, (".dockerignore",)),
        ({"Dockerfile": "a", ".dockerignore": "*"}, {"Dockerfile": "a"}, (".dockerignore",)),
        (
            {"Dockerfile": "a"},
            {"Dockerfile": "a", "Dockerfile.dockerignore": "*"},
            ("Dockerfile.dockerignore",),
        ),
    ],
)
def test_files_that_a_preparation_rewrites(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], rewritten: tuple[str, ...]
) -> None:
    roots = tmp_path / "before", tmp_path / "after"
    for root, files in zip(roots, (before, after), strict=True):
        root.mkdir()
        for name, text in files.items():
            (root / name).write_text(text)
    checkout = Checkout(
        "head",
        "1" * 40,
        Worktree(roots[0], read_regular_file),
        lambda *_: PreparedCheckout(roots[1], 1),
        lambda _: "",
    )
    image = ChainedImage(ImageSpec("app", "Dockerfile", "."))
    source = checkout.make_input(image, lambda *_: None)
    assert source.rewritten_files == rewritten
    report = ImageReport(image.spec, ImageState.CHANGED, Outcome.PASS, Comparison(None, None))
    judged = add_preparation_check(report, None, Production(source))
    assert judged.verdict is (Outcome.WARN if rewritten else Outcome.PASS)
    assert all(name in judged.checks[0].reason for name in rewritten)


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


@pytest.mark.parametrize(("side", "count"), [("head", 1), ("base", 0), ("1234567", 0)])
def test_only_the_newer_side_writes_caches(tmp_path: Path, side: str, count: int) -> None:
    cache = BuildCache(CacheKind.GHA)
    needs = BuildNeeds(cache_from=(cache,), cache_to=(cache,))
    worktree = Worktree(tmp_path, read_regular_file)
    checkout = Checkout(
        side, "1" * 40, worktree, lambda *_: PreparedCheckout(tmp_path, 0), lambda _: ""
    )
    image = ChainedImage(ImageSpec("app", "Dockerfile", ".", needs=needs))
    built = checkout.make_input(image, lambda *_: None).spec.needs
    assert (built.cache_from, len(built.cache_to)) == ((cache,), count)
