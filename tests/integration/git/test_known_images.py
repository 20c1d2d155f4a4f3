"""What was measured before is not built again, and what differs in anything is."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.report import BaselineSource, ImageReport, ImageState, Outcome
from bot.project.history_place import parse_history
from tests.support.known_world import DOCKERFILE, SECOND, KnownWorld
from tests.support.repository import Repository


@pytest.fixture
def world(origin: Repository, tmp_path: Path) -> KnownWorld:
    return KnownWorld(origin, tmp_path / "known")


def source(image: ImageReport) -> tuple[BaselineSource | None, str]:
    baseline = image.baseline
    return (baseline.source, baseline.revision) if baseline else (None, "")


# An audit


def test_an_image_that_was_recorded_is_not_built_again(world: KnownWorld) -> None:
    (built,) = world.record().images
    later = world.commit({"README.md": "x"})
    (image,) = world.audit(later).images
    assert world.builds == []
    assert image.recorded_at is not None
    assert image.recorded_at.sha == world.first
    old, new = built.comparison.head, image.comparison.head
    assert old is not None
    assert new is not None
    assert new.unpacked_bytes == old.unpacked_bytes == 6_000
    assert [replace(layer, instruction=None) for layer in new.layers] == [
        replace(layer, instruction=None) for layer in old.layers
    ]
    assert (new.image_id, new.files) == (old.image_id, old.files)
    assert world.first[:12] in image.notes[0]


def test_nothing_that_is_known_is_built_ahead(world: KnownWorld) -> None:
    second = {"second/Dockerfile": "FROM debian\nCOPY app /\n", "second/app": "c"}
    world.first = world.commit(second)
    world.record()
    world.jobs = 2
    assert len(world.audit().images) == 2
    assert world.builds == []
    world.move_base()
    report = world.review_all(world.commit({"app": "changed", "second/app": "changed"}))
    assert [source(image)[0] for image in report.images] == [BaselineSource.HISTORY] * 2
    assert all("(head)" in label for label in world.builds)


@pytest.mark.parametrize(("has_moved", "builds"), [(False, 1), (True, 2)])
def test_an_image_that_others_are_built_on_is_built_again_only_on_older_images(
    world: KnownWorld, has_moved: bool, builds: int
) -> None:
    """A new image is built on images of today; what is compared with a record may be on older ones."""
    provides = "discover: true\nimages: [{dockerfile: Dockerfile, provides: [example.com/app]}]\n"
    world.first = world.commit({".github/image-size.yml": provides})
    world.record()
    if has_moved:
        world.move_base()
    new = {"second/Dockerfile": "FROM example.com/app\nCOPY x /\n", "second/x": "b"}
    report = world.review_all(world.commit({"app": "b" * 3_000, **new}), world.first)
    old, second = sorted(report.images, key=lambda image: image.spec.dockerfile)
    assert (source(old)[0], second.state) == (BaselineSource.HISTORY, ImageState.NEW)
    labels = [label for label in world.builds if label.startswith("Dockerfile (head)")]
    assert len(labels) == builds


def test_what_was_recorded_is_judged_by_the_rules_of_today(world: KnownWorld) -> None:
    world.record()
    later = world.commit({".github/image-size.yml": "discover: true\nbudget: {max-size: 5kB}\n"})
    (image,) = world.audit(later).images
    assert (world.builds, image.verdict) == ([], Outcome.FAIL)


@pytest.mark.parametrize(
    "files",
    [
        {"app": "changed"},
        {"new": "a file that nothing copies"},
        {"Dockerfile": f"{DOCKERFILE}# more\n"},
        {".dockerignore": ""},
        {".gitattributes": "app text\n"},
        {".github/image-size.yml": "images: [{dockerfile: Dockerfile, build-args: {A: b}}]\n"},
        {".github/image-size.yml": "images: [{dockerfile: Dockerfile, network: none}]\n"},
        {".github/image-size.yml": "images: [{dockerfile: Dockerfile, secret-envs: {a: B}}]\n"},
        {
            ".github/image-size.yml": "images: [{dockerfile: Dockerfile, build-contexts: {a: .github}}]\n"
        },
    ],
)
def test_an_image_with_other_inputs_is_built(
    world: KnownWorld, files: dict[str, str | None]
) -> None:
    world.record()
    (image,) = world.audit(world.commit(files)).images
    assert (len(world.builds), image.recorded_at) == (1, None)


def test_an_image_on_a_base_that_moved_is_built(world: KnownWorld) -> None:
    world.record()
    world.move_base()
    (image,) = world.audit().images
    head = image.comparison.head
    assert head is not None
    assert (len(world.builds), head.unpacked_bytes) == (1, 6_500)


def test_an_image_on_a_base_that_nobody_can_name_is_built(world: KnownWorld) -> None:
    world.builder.published.clear()
    world.record()
    world.audit()
    assert len(world.builds) == 1


def test_without_a_history_every_image_is_built(world: KnownWorld) -> None:
    world.record()
    world.overrides = replace(world.overrides, history=parse_history("none"))
    world.audit()
    assert len(world.builds) == 1


def test_what_was_not_built_again_is_not_recorded_again(world: KnownWorld) -> None:
    world.record()
    before = sorted(world.records.rglob("*.json"))
    world.record(world.commit({"README.md": "x"}))
    assert sorted(world.records.rglob("*.json")) == before


# A review


def test_a_base_that_was_recorded_is_not_built(world: KnownWorld) -> None:
    world.record()
    image = world.review(world.commit({"app": "a" * 3_700}))
    assert world.builds == ["Dockerfile (head)"]
    assert (image.state, image.verdict) == (ImageState.CHANGED, Outcome.PASS)
    assert source(image) == (BaselineSource.HISTORY, world.first)
    assert image.comparison.delta is not None
    assert image.comparison.delta.unpacked_bytes == 700
    (row,) = image.comparison.attribution
    assert (row.text, row.delta_bytes) == ("COPY app /", 700)
    assert image.notes[0].startswith("Base was not built again")


def test_a_record_of_an_older_commit_counts_while_nothing_differs(world: KnownWorld) -> None:
    world.record()
    base = world.commit({"README.md": "x"})
    image = world.review(world.commit({"app": "b" * 3_000}), base)
    assert (len(world.builds), source(image)) == (1, (BaselineSource.HISTORY, world.first))


def test_a_growth_that_fails_is_judged_by_a_build_of_base(world: KnownWorld) -> None:
    world.limit("max-growth: 500")
    world.record()
    image = world.review(world.commit({"app": "a" * 9_000}))
    assert world.builds == ["Dockerfile (head)", "Dockerfile (base)"]
    assert image.verdict is Outcome.FAIL
    assert source(image) == (BaselineSource.BUILT, world.first)


def test_a_size_that_only_warns_is_judged_by_a_build_of_base(world: KnownWorld) -> None:
    world.limit("warn-size: 6100")
    world.record()
    image = world.review(world.commit({"app": "a" * 3_200}))
    assert (len(world.builds), image.verdict) == (2, Outcome.WARN)


@pytest.mark.parametrize("size", [4_500, 0])
def test_much_that_was_only_rebuilt_is_judged_by_a_build_of_base(
    world: KnownWorld, size: int
) -> None:
    world.limit("ignore-below: 1kB")
    world.record()
    world.builder.commands["install"] = b"x" * size
    image = world.review(world.commit({"app": "a" * 3_100}))
    assert (len(world.builds), source(image)[0]) == (2, BaselineSource.BUILT)
    assert image.comparison.delta is not None
    assert image.comparison.delta.unpacked_bytes == 100


def test_little_that_was_only_rebuilt_is_shown_and_counts(world: KnownWorld) -> None:
    world.record()
    world.builder.commands["install"] = b"x" * 2_100
    image = world.review(world.commit({"app": "a" * 3_100}))
    assert source(image)[0] is BaselineSource.HISTORY
    assert "100 B of the difference" in image.notes[0]
    rows = {row.text: row.delta_bytes for row in image.comparison.attribution}
    assert rows == {"COPY app /": 100, "RUN install": 100}


def test_head_is_built_on_the_base_image_that_was_recorded(world: KnownWorld) -> None:
    world.record()
    world.move_base()
    image = world.review(world.commit({"app": "a" * 3_100}))
    assert (len(world.builds), source(image)[0]) == (1, BaselineSource.HISTORY)
    assert [row.text for row in image.comparison.attribution] == ["COPY app /"]


def test_a_base_image_that_is_gone_is_judged_by_a_build_of_base(world: KnownWorld) -> None:
    world.limit("ignore-below: 100")
    world.record()
    world.builder.contents = {SECOND: world.builder.contents[SECOND]}
    world.move_base()
    image = world.review(world.commit({"app": "a" * 3_050}))
    assert (len(world.builds), source(image)[0]) == (2, BaselineSource.BUILT)
    assert [row.text for row in image.comparison.attribution] == ["COPY app /"]


def test_a_base_image_that_is_gone_and_differs_little_stays_apart(world: KnownWorld) -> None:
    world.record()
    world.builder.contents = {SECOND: world.builder.contents[SECOND]}
    world.move_base()
    image = world.review(world.commit({"app": "a" * 3_050}))
    assert source(image)[0] is BaselineSource.HISTORY
    rows = {row.text: row.delta_bytes for row in image.comparison.attribution}
    assert rows == {"COPY app /": 50, "FROM debian": 500}


def test_a_push_compares_with_the_base_image_of_today(world: KnownWorld) -> None:
    world.record()
    world.move_base()
    image = world.review(world.commit({"app": "b" * 3_000}), is_accepted=True)
    assert (len(world.builds), source(image)[0]) == (2, BaselineSource.BUILT)
    assert image.build_key is not None
    assert image.build_key.digests == {"debian": SECOND}


def test_a_command_that_head_replaces_counts_in_full_where_a_limit_could_fail(
    world: KnownWorld,
) -> None:
    # Today the command of base might make much less than it made when base was recorded.
    world.limit("max-growth: 1500, ignore-below: 0")
    world.record()
    world.builder.commands = {"install": b"i" * 100, "other": b"o" * 2_000}
    image = world.review(world.commit({"Dockerfile": DOCKERFILE.replace("install", "other")}))
    assert (len(world.builds), image.verdict) == (2, Outcome.FAIL)


def test_a_command_that_head_replaces_needs_no_build_where_no_limit_could_fail(
    world: KnownWorld,
) -> None:
    world.limit("max-growth: 5kB")
    world.record()
    world.builder.commands["other"] = b"o" * 2_100
    image = world.review(world.commit({"Dockerfile": DOCKERFILE.replace("install", "other")}))
    assert (len(world.builds), image.verdict) == (1, Outcome.PASS)


def test_a_head_that_does_not_build_is_judged_by_a_build_of_base(world: KnownWorld) -> None:
    world.record()
    image = world.review(world.commit({"Dockerfile": f"{DOCKERFILE}RUN false\n"}))
    assert world.builds == ["Dockerfile (head)", "Dockerfile (base)"]
    assert image.state is ImageState.HEAD_BUILD_FAILED
