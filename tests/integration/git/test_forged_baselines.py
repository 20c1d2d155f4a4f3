"""What a pull request or a record could claim of base, so that its growth passes: base is built."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.record_folder import RecordFolder
from bot.model.report import BaselineSource, ImageReport, Outcome
from bot.records.image_detail import digest_detail
from tests.support.known_world import DOCKERFILE, SECOND, KnownWorld
from tests.support.repository import Repository

LARGE = "a" * 9_000
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def world(origin: Repository, tmp_path: Path) -> KnownWorld:
    """Return a history with a limit of 1 kB on the growth, and a record of its newest commit."""
    world = KnownWorld(origin, tmp_path / "known")
    world.limit("max-growth: 1kB, ignore-below: 100")
    world.record()
    return world


def is_judged_by_a_build(image: ImageReport) -> bool:
    return image.baseline is not None and image.baseline.source is BaselineSource.BUILT


def find_record(world: KnownWorld) -> Path:
    (path,) = world.records.rglob("*.json")
    return path


def find_detail(world: KnownWorld) -> Path:
    (path,) = world.records.glob("layers/*/*")
    return path


def forge(world: KnownWorld, change: Change, detail: Change = lambda _: None) -> None:
    """Alter the record and its detail, so that their digests and places fit again."""
    path, detail_path = find_record(world), find_detail(world)
    content = json.loads(detail_path.read_bytes())
    detail(content)
    written = json.dumps(content).encode()
    document = json.loads(path.read_bytes())
    document["build"]["detail"] = digest_detail(written)
    change(document)
    path.write_bytes(json.dumps(document).encode())
    name = digest_detail(written).partition(":")[2]
    (detail_path.parent / name).write_bytes(written)


def make_larger(document: dict[str, Any]) -> None:
    """Let base's file have 9,000 bytes, in every sum."""
    for name in ("unpacked_bytes", "filesystem_bytes"):
        document[name] += 6_000
    document["layers"][2]["unpacked_bytes"] += 6_000
    document["owners"][0]["bytes"] += 6_000


def enlarge_owners(detail: dict[str, Any]) -> None:
    detail["layers"][2]["owners"][0][3] += 6_000


def test_a_record_on_the_pull_request_itself_does_not_count(world: KnownWorld) -> None:
    head = world.commit({"app": LARGE})
    world.record(head)
    image = world.review(head)
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_a_record_of_a_commit_on_another_branch_does_not_count(world: KnownWorld) -> None:
    world.repository.git("checkout", "--quiet", "-b", "other")
    other = world.commit({"README.md": "not on the default branch"})
    path = find_record(world)
    document = json.loads(path.read_bytes()) | {"commit": other}
    path.unlink()
    target = path.parent.parent / other / path.name
    target.parent.mkdir()
    target.write_bytes(json.dumps(document).encode())
    world.repository.git("checkout", "--quiet", "-")
    image = world.review(world.commit({"app": "a" * 3_050}))
    assert is_judged_by_a_build(image)


def test_a_record_with_another_key_does_not_count(world: KnownWorld) -> None:
    forge(world, lambda document: document["build"].update(inputs="sha256:" + "0" * 64))
    assert is_judged_by_a_build(world.review(world.commit({"app": "a" * 3_050})))


def test_a_detail_that_the_record_does_not_name_does_not_count(world: KnownWorld) -> None:
    path = find_detail(world)
    path.write_bytes(path.read_bytes().replace(b"3000", b"9000"))
    assert is_judged_by_a_build(world.review(world.commit({"app": "a" * 3_050})))


def test_a_detail_that_is_gone_or_a_link_does_not_count(world: KnownWorld) -> None:
    path = find_detail(world)
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))
    assert is_judged_by_a_build(world.review(world.commit({"app": "a" * 3_050})))


def test_owners_that_do_not_add_up_do_not_count(world: KnownWorld) -> None:
    forge(world, make_larger)
    assert is_judged_by_a_build(world.review(world.commit({"app": LARGE})))


def test_a_detail_of_another_image_does_not_count(world: KnownWorld) -> None:
    forge(world, lambda _: None, lambda document: document.update(image_id="sha256:" + "0" * 64))
    assert is_judged_by_a_build(world.review(world.commit({"app": "a" * 3_050})))


def test_a_record_that_was_read_in_another_way_does_not_count(world: KnownWorld) -> None:
    forge(world, lambda document: document.update(store="overlay2"))
    assert is_judged_by_a_build(world.review(world.commit({"app": "a" * 3_050})))


def test_more_that_head_ignores_ignores_nothing(world: KnownWorld) -> None:
    world.builder.commands["install"] = b"x" * 500
    loose = "discover: true\nbudget: {ignore-below: 1GB}\n"
    image = world.review(world.commit({"app": LARGE, ".github/image-size.yml": loose}))
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_another_history_of_head_is_not_read(world: KnownWorld) -> None:
    own = "discover: true\nhistory: dir:own\n"
    world.commit({"app": LARGE, ".github/image-size.yml": own})
    head = world.commit({"README.md": "x"})
    RecordFolder(world.repository.path / "own").add_files(
        {
            path.relative_to(world.records).as_posix(): path.read_bytes()
            for path in world.records.rglob("*")
            if path.is_file()
        },
        "",
    )
    world.names_history = False
    image = world.review(head)
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_a_digest_of_head_does_not_decide_what_base_is(world: KnownWorld) -> None:
    # Head names the smaller image by its digest: that is its own change, and base stays as it is.
    world.builder.published[f"debian@{SECOND}"] = SECOND
    head = world.commit({"Dockerfile": DOCKERFILE.replace("debian", f"debian@{SECOND}")})
    image = world.review(head)
    base = image.comparison.base
    assert base is not None
    assert base.unpacked_bytes == 6_000


def test_a_base_image_that_moved_hides_no_growth(world: KnownWorld) -> None:
    # The recorded one is gone, and the new one is smaller by what head adds.
    world.builder.contents = {SECOND: b"B"}
    world.move_base()
    image = world.review(world.commit({"app": "a" * 4_500}))
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_a_command_that_makes_less_today_hides_no_growth(world: KnownWorld) -> None:
    world.builder.commands["install"] = b""
    image = world.review(world.commit({"app": "a" * 5_000}))
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_a_replaced_command_hides_no_growth(world: KnownWorld) -> None:
    # What it made when it was recorded is more than what it would make today.
    world.builder.commands = {"install": b"", "other": b"o" * 2_000}
    head = world.commit({"Dockerfile": DOCKERFILE.replace("install", "other")})
    image = world.review(head)
    assert (image.verdict, is_judged_by_a_build(image)) == (Outcome.FAIL, True)


def test_a_forged_record_of_who_may_write_to_the_branch_is_what_security_says(
    world: KnownWorld,
) -> None:
    # It fits in every sum: whoever may write to the repository can forge it.
    forge(world, make_larger, enlarge_owners)
    image = world.review(world.commit({"app": LARGE}))
    assert image.baseline is not None
    assert (image.baseline.source, image.verdict) == (BaselineSource.HISTORY, Outcome.PASS)
