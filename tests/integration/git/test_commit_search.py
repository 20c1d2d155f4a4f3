"""Which commits changed the sizes: real commits, builds that are counted, records in a folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.cache.measurements import FolderMeasurements
from bot.errors import EngineUnavailableError
from bot.model.report import Outcome
from bot.model.since import RangeReason, SinceFacts
from bot.model.spec import BuildNeeds, Preparation
from bot.report.document.report_document import from_document, render_json
from bot.report.formats.file_formats import render_file
from bot.report.formats.text import render_text
from tests.support.commit_search import CommitSearchWorld
from tests.support.repository import Repository

DOCKERFILE = "FROM scratch\nCOPY app /\n"
BIG = 300_000
FILES = {"Dockerfile": DOCKERFILE, "app": "000000"}


@pytest.fixture
def world(origin: Repository, tmp_path: Path) -> CommitSearchWorld:
    return CommitSearchWorld(origin, tmp_path / "world")


def content(number: int, size: int = 0) -> str:
    return f"{number:06}" + "x" * size


def changes(since: SinceFacts) -> dict[str, int]:
    return {change.commit.sha: change.bytes for change in since.changes}


def make_branch(world: CommitSearchWorld, sizes: list[int]) -> list[str]:
    """Commit a file of each size, always with another content; each second one is of others."""
    shas = [world.commit({"Dockerfile": DOCKERFILE, "app": content(0, sizes[0])}, "start")]
    for number, size in enumerate(sizes[1:], 1):
        shas.append(world.commit({"app": content(number, size)}, f"Change {number} (#{number})"))
    return shas


def test_one_bloating_commit_among_60_takes_at_most_8_builds(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [BIG if number >= 37 else 0 for number in range(61)])
    since = world.search(shas[0])
    (change,) = since.changes
    assert (change.commit.sha, change.bytes, change.commit.pull_request) == (shas[37], BIG, 37)
    assert (change.commit.author, change.line_start, change.text) == ("Ann", 2, "COPY app /")
    assert (since.builds, len(world.builder.labels)) == (8, 8)
    assert [(x.commits, x.bytes) for x in since.unexamined] == [(36, 0), (22, 0)]


def test_with_a_history_nothing_is_built(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [BIG if number >= 3 else 0 for number in range(6)])
    world.record(*shas)
    since = world.search(shas[0])
    assert changes(since) == {shas[3]: BIG}
    assert (since.builds, since.recorded, world.builder.labels) == (0, 6, [])
    assert (since.changes[0].line_start, since.changes[0].owner) == (2, "/")


def test_a_gap_in_the_history_is_built(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [BIG if number >= 3 else 0 for number in range(6)])
    world.record(shas[0], shas[1], shas[5])
    since = world.search(shas[0])
    assert changes(since) == {shas[3]: BIG}
    assert since.builds > 0


def test_commits_that_are_of_no_image_are_not_measured(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [0])
    world.commit({".dockerignore": "docs\n"})
    for number in range(10):
        world.commit({f"docs/{number}": "text"})
    shas.append(world.commit({"app": content(1, BIG)}))
    shas += [world.commit({f"docs/more{number}": "text"}) for number in range(5)]
    since = world.search(shas[0], covers_all=True)
    assert changes(since) == {shas[1]: BIG}
    assert since.builds == 3  # the start, the ignore file, the change


def test_commits_of_other_images_are_not_planned(world: CommitSearchWorld) -> None:
    files = {f"{name}/{file}": text for name in "ab" for file, text in FILES.items()}
    start = world.commit(files)
    for number in range(5):
        world.commit({"b/app": content(number)})
    big = world.commit({"a/app": content(1, BIG)})
    world.commit({"b/app": content(9)})
    since = world.search(start, covers_all=True, images=["a"])
    assert changes(since) == {big: BIG}
    assert since.builds == 2


def test_a_revert_is_not_built_again(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [0, BIG])
    shas.append(world.commit({"app": content(0, 0)}))
    since = world.search(shas[0], covers_all=True)
    assert changes(since) == {shas[1]: BIG, shas[2]: -BIG}
    assert since.builds == 2
    assert since.unexamined == ()


def test_an_image_that_was_renamed_is_followed(world: CommitSearchWorld) -> None:
    world.commit({"old/Dockerfile": "FROM scratch\nCOPY app /\n# one\n# two\n", "old/app": "1"})
    start = world.repository.git("rev-parse", "HEAD")
    big = world.commit({"old/app": content(1, BIG)})
    world.repository.git("mv", "old", "new")
    world.commit({"new/app": content(2, BIG)})
    since = world.search(start)
    assert changes(since) == {big: BIG + 5}
    assert since.images[0].added_by is None


def test_an_image_that_is_new_starts_with_its_commit(world: CommitSearchWorld) -> None:
    start = world.commit({"README": "text"})
    world.commit({"README": "other"})
    first = world.commit({"Dockerfile": DOCKERFILE, "app": content(0)})
    big = world.commit({"app": content(1, BIG)})
    since = world.search(start)
    (image,) = since.images
    assert image.added_by is not None
    assert (image.added_by.sha, image.oldest_bytes, image.change_bytes) == (first, 6, BIG)
    assert changes(since) == {big: BIG}


def test_commits_that_do_not_build_are_a_range(world: CommitSearchWorld) -> None:
    shas = [world.commit({"Dockerfile": DOCKERFILE, "app": content(0)})]
    broken = "FROM scratch\nRUN false\nCOPY app /\n"
    shas.append(world.commit({"Dockerfile": broken}))
    shas.append(world.commit({"app": content(1, BIG)}))
    shas.append(world.commit({"Dockerfile": DOCKERFILE}))
    report = world.report(shas[0])
    assert report.since is not None
    (part,) = report.since.unexamined
    assert (part.older.sha, part.newer.sha, part.commits) == (shas[0], shas[3], 3)
    assert (part.reason, part.bytes) == (RangeReason.DOES_NOT_BUILD, BIG)
    assert "exit code: 1" in part.problem
    assert report.verdict is Outcome.WARN


def test_if_nothing_builds_that_is_an_error(world: CommitSearchWorld) -> None:
    start = world.commit({"Dockerfile": "FROM scratch\nRUN false\n"})
    world.commit({"Dockerfile": "FROM scratch\nRUN false\n# other\n"})
    report = world.report(start)
    assert report.verdict is Outcome.ERROR
    assert "exit code: 1" in render_text(report)


def test_a_search_that_is_interrupted_says_what_is_known_and_goes_on(
    world: CommitSearchWorld, tmp_path: Path
) -> None:
    world.measurements = FolderMeasurements(tmp_path / "cache")
    shas = make_branch(world, [BIG if number >= 7 else 0 for number in range(17)])
    world.builder.most_builds = 3
    since = world.search(shas[0])
    assert since.is_interrupted
    (part,) = [x for x in since.unexamined if x.bytes]
    assert (part.older.sha, part.newer.sha, part.bytes) == (shas[0], shas[8], BIG)
    world.builder.most_builds = None
    again = world.search(shas[0])
    assert changes(again) == {shas[7]: BIG}
    assert (again.builds, again.reused) == (3, 3)
    assert world.search(shas[0]).builds == 0


@pytest.mark.parametrize(
    "needs",
    [
        BuildNeeds(network="none"),
        BuildNeeds(add_hosts=("a=192.0.2.1",)),
        BuildNeeds(preparation=Preparation("busybox", ("make",))),
    ],
)
def test_what_was_measured_with_other_options_is_measured_again(
    world: CommitSearchWorld, tmp_path: Path, needs: BuildNeeds
) -> None:
    world.measurements = FolderMeasurements(tmp_path / "cache")
    shas = make_branch(world, [0, BIG])
    assert world.search(shas[0]).builds == 2
    world.needs = needs
    again = world.search(shas[0])
    assert (again.builds, again.reused) == (2, 0)


def test_an_engine_that_is_gone_ends_the_search_and_not_the_report(
    world: CommitSearchWorld,
) -> None:
    shas = make_branch(world, [0, 0, 0, BIG])
    world.record(shas[0], shas[3])
    world.builder.most_builds, world.builder.interruption = 0, EngineUnavailableError
    report = world.report(shas[0])
    assert report.since is not None
    assert report.since.problem == "the build was interrupted"
    assert [(x.commits, x.bytes) for x in report.since.unexamined] == [(3, BIG)]
    assert report.verdict is Outcome.ERROR
    assert "were not examined one by one" in render_text(report)


def test_without_any_size_an_engine_that_is_gone_is_an_error(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [0, BIG])
    world.builder.most_builds, world.builder.interruption = 0, EngineUnavailableError
    with pytest.raises(EngineUnavailableError):
        world.report(shas[0])


def test_the_lines_of_progress_have_a_count_and_a_clock(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [0, 0, 0, BIG])
    world.search(shas[0])
    first, *_, last = (line for line in world.progress.lines if line.startswith("app at"))
    assert "0 builds so far, about 4 to go; 0:0" in first
    assert "2 builds so far" in last


def test_a_lock_file_is_a_cause_as_well(world: CommitSearchWorld) -> None:
    dockerfile = "FROM scratch\nCOPY main /\nCOPY poetry.lock /\n"
    start = world.commit({"Dockerfile": dockerfile, "main": "1", "poetry.lock": "a"})
    lock = world.commit({"poetry.lock": "a" * BIG}, "Update dependencies (#3)")
    world.commit({"main": "2"})
    (change,) = world.search(start).changes
    assert (change.commit.sha, change.line_start) == (lock, 3)


def test_a_configuration_that_changes_the_build_is_a_cause(world: CommitSearchWorld) -> None:
    config = ".github/image-size.yml"
    entry = "images: [{{name: api, dockerfile: Dockerfile, context: {}}}]\n"
    files = {"Dockerfile": DOCKERFILE, "small/app": "1", "large/app": content(0, BIG)}
    start = world.commit({**files, config: entry.format("small")})
    changed = world.commit({config: entry.format("large")})
    world.commit({"README": "text"})
    since = world.search(start)
    assert changes(since) == {changed: BIG + 5}
    assert since.images[0].image.name == "api"


def test_a_broken_configuration_on_the_way_is_a_note(world: CommitSearchWorld) -> None:
    start = world.commit({"Dockerfile": DOCKERFILE, "app": content(0)})
    broken = world.commit({".github/image-size.yml": "images: 5\n"})
    fixed = world.commit({".github/image-size.yml": "{}\n", "app": content(1, BIG)})
    report = world.report(start)
    assert report.since is not None
    assert changes(report.since) == {fixed: BIG}
    assert any(broken[:12] in note for note in report.notes)


def test_only_the_images_that_are_asked_for_are_measured(world: CommitSearchWorld) -> None:
    files = {f"{name}/{file}": text for name in "ab" for file, text in FILES.items()}
    start = world.commit(files)
    world.commit({"a/app": content(1, BIG), "b/app": content(1, BIG)})
    since = world.search(start, images=["b"])
    assert [image.image.name for image in since.images] == ["b/Dockerfile"]
    assert since.builds == 2


@pytest.mark.parametrize("render", ["text", "markdown", "html", "csv", "junit", "sarif"])
def test_every_format_can_be_written(world: CommitSearchWorld, render: str) -> None:
    shas = make_branch(world, [0, 0, BIG, BIG])
    report = world.report(shas[0])
    page = render_text(report) if render == "text" else render_file(report, render)
    expected = {"csv": (f'"{shas[2]}"', ",300000,"), "junit": (), "sarif": ()}
    for text in expected.get(render, ("grew by 300 kB", "#2", "Change 2")):
        assert text in page


def test_the_json_report_can_be_read_again(world: CommitSearchWorld) -> None:
    shas = make_branch(world, [0, 0, BIG, BIG])
    report = world.report(shas[0])
    document = json.loads(render_json(report))
    assert from_document(document).since == report.since
    (commit,) = document["since"]["commits"]
    assert {key: commit[key] for key in ("sha", "author", "pull_request", "delta_bytes")} == {
        "sha": shas[2],
        "author": "Ann",
        "pull_request": 2,
        "delta_bytes": BIG,
    }
    assert (commit["image"], commit["line"], commit["owner"]) == ("Dockerfile", 2, "/")


@pytest.mark.parametrize(
    "change",
    [
        lambda since: since["commits"][0].update(delta_bytes=1),
        lambda since: since["unexamined"].clear() or since["images"][0].update(newest_bytes=9),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(
    world: CommitSearchWorld, change: Callable[[dict[str, object]], None]
) -> None:
    shas = make_branch(world, [0, 0, BIG, BIG])
    document = json.loads(render_json(world.report(shas[0])))
    change(document["since"])
    with pytest.raises(ValueError, match="contradicts itself"):
        from_document(document)
