"""An engine that fails during a review: rows and exit statuses, nothing lost, nothing green."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.faulty_engine import EngineFault, FaultyEngine
from tests.support.repository import Repository

BUILD, CREATE, INFO, ARCHIVE = r"/session$", r"/containers/create", r"/info$", r"/archive\?"
IMAGE = r"/images/image-size-review/build:[^/]+/json"
DELETE = r"/images/image-size-review/build:[^/]+\?force"
GROWN = ("changed", "fail")


def make_repository(folder: Path) -> Repository:
    """Return a repository with two images; both grow by 2 MB in its last commit."""
    repository = Repository(folder)
    for size in (1_000_000, 3_000_000):
        files: dict[str, str | None] = {}
        for name in ("a", "b"):
            files |= {f"{name}/Dockerfile": "FROM scratch\nCOPY x /\n", f"{name}/x": name * size}
        repository.commit(files)
    return repository


class Strike:
    """Reviews the repository through an engine that fails at a request of one kind."""

    def __init__(self, engine: PrivateEngine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._repository = make_repository(folder / "repository")

    def run(self, pattern: str, occurrence: int, fault: EngineFault) -> FinishedRun:
        """Fail at the request whose path matches for the nth time (from 1 on)."""
        path = self._folder / "docker.sock"
        with FaultyEngine(self._engine.socket, path, occurrence, fault, pattern) as relay:
            ended = self._review(relay)
            assert relay.was_struck or not occurrence
        return ended

    def run_again(self) -> FinishedRun:
        """Review without a fault."""
        return self.run("", 0, EngineFault.BREAK)

    def _review(self, relay: FaultyEngine) -> FinishedRun:
        options = ("--base", "HEAD~1", "--head", "HEAD", "--max-growth", "1MB", "--format", "json")
        environment = {
            **self._engine.environment,
            "DOCKER_HOST": f"unix://{relay.path}",
            "TMPDIR": str(self._folder),  # other processes of the machine sweep the usual one
        }
        return start("review", "--repo", self._repository.path, *options, environment=environment)


@pytest.fixture(scope="module")
def strike(overlay2_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Strike:
    return Strike(overlay2_engine, tmp_path_factory.mktemp("strike"))


def get_outcomes(ended: FinishedRun) -> list[tuple[str, str]]:
    images: list[Mapping[str, str]] = ended.report["images"]
    return [(image["state"], image["verdict"]) for image in images]


def test_an_image_that_is_not_removed_at_first_costs_nothing(
    strike: Strike, overlay2_engine: PrivateEngine
) -> None:
    before = set(overlay2_engine.list_run_names())
    ended = strike.run(DELETE, 1, EngineFault.STATUS_409)
    assert (ended.status, get_outcomes(ended)) == (1, [GROWN, GROWN])
    assert set(overlay2_engine.list_run_names()) <= before


@pytest.mark.parametrize(("pattern", "occurrence"), [(BUILD, 1), (BUILD, 5), (CREATE, 2)])
def test_an_engine_that_ends_is_a_row_for_each_image_that_it_owes(
    strike: Strike, pattern: str, occurrence: int
) -> None:
    ended = strike.run(pattern, occurrence, EngineFault.DEATH)
    assert ended.status == 2
    assert [verdict for _, verdict in get_outcomes(ended)] == ["error", "error"]
    reasons = [image["reason"] for image in ended.report["images"]]
    assert all("Docker Engine stopped answering" in reason for reason in reasons)


def test_what_was_judged_before_the_engine_ends_is_kept(strike: Strike) -> None:
    ended = strike.run(CREATE, 5, EngineFault.DEATH)
    first, second = get_outcomes(ended)
    assert (ended.status, first, second[1]) == (2, GROWN, "error")


def test_the_next_run_removes_what_an_engine_kept_when_it_ended(
    strike: Strike, overlay2_engine: PrivateEngine
) -> None:
    before = set(overlay2_engine.list_run_names())
    ended = strike.run(CREATE, 1, EngineFault.DEATH)
    assert (ended.status, get_outcomes(ended)[0]) == (2, ("measure-failed", "error"))
    assert "stays in the engine until a later run removes it" in ended.stderr
    assert set(overlay2_engine.list_run_names()) - before
    assert strike.run_again().status == 1
    assert set(overlay2_engine.list_run_names()) <= before


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        pytest.param(IMAGE, EngineFault.EMPTY_LIST, marks=pytest.mark.long),
        (IMAGE, EngineFault.STATUS_500),
        pytest.param(INFO, EngineFault.EMPTY_LIST, marks=pytest.mark.long),
        (CREATE, EngineFault.HTML),
        (ARCHIVE, EngineFault.BREAK),
    ],
)
def test_a_wrong_answer_costs_at_most_one_image(
    strike: Strike, pattern: str, fault: EngineFault
) -> None:
    ended = strike.run(pattern, 1, fault)
    first, second = get_outcomes(ended)
    assert second == GROWN
    assert first in (GROWN, ("measure-failed", "error"))
    assert ended.status == (1 if first == GROWN else 2)
