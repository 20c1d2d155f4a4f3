"""Renamed images and broken builds on a real engine, with BuildKit's own messages."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

BASE = "FROM debian:bookworm-slim\n"


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("debian:bookworm-slim")
    return overlay2_engine


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def review(engine: PrivateEngine, repository: Repository, *options: str) -> FinishedRun:
    arguments = ("--base", "HEAD~1", "--head", "HEAD", "--format", "json", *options)
    return start("review", "--repo", repository.path, *arguments, environment=engine.environment)


def test_a_renamed_dockerfile_does_not_pass_the_growth_limit(
    engine: PrivateEngine, repository: Repository
) -> None:
    repository.commit({"Dockerfile": f"{BASE}COPY x /x\n", "x": "1"})
    repository.git("mv", "Dockerfile", "Dockerfile.prod")
    repository.commit({"Dockerfile.prod": f"{BASE}COPY x /x\nRUN head -c 3000000 /dev/zero >/y\n"})
    ended = review(engine, repository, "--max-growth", "1MB")
    (image,) = ended.report["images"]
    assert (ended.status, image["name"], image["state"]) == (1, "Dockerfile.prod", "changed")
    assert image["renamed_from"]["name"] == "Dockerfile"
    assert image["delta"]["unpacked_bytes"] == 3_000_000


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("RUN echo words >&2; exit 3", "instruction"),
        ("COPY missing /", "missing-file"),
        ("FRO debian", "syntax"),
        ("FROM a:b:c", "reference"),
    ],
)
def test_the_same_failure_on_both_sides_warns(
    engine: PrivateEngine, repository: Repository, line: str, kind: str
) -> None:
    """The instruction moves by a line, and another one is behind it."""
    image = fail(engine, repository, f"{BASE}{line}\n", f"{BASE}\n{line}\nCOPY x /x\n")
    assert (image["state"], image["verdict"]) == ("head-build-failed", "warn")
    assert (image["failure"]["kind"], image["failure"]["fails_at_base"]) == (kind, True)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("RUN --mount=type=secret,id=t,required=true true", "secret"),
        ("RUN --mount=type=secret,id=t cat /run/secrets/t", "secret"),
        ("RUN --mount=type=ssh,required=true true", "ssh"),
        ("RUN --network=host true", "engine"),
        ("COPY --from=registry.invalid/x/y:1 /a /", "network"),
        ("ADD http://127.0.0.1:1/x /", "network"),
        ("RUN echo 'curl: (6) Could not resolve host: x' >&2; exit 6", "network"),
        ("RUN echo 'tar: No space left on device' >&2; exit 2", "disk"),
        ("RUN exit 137", "memory"),
    ],
)
def test_a_failure_around_the_build_is_an_error_on_both_sides(
    engine: PrivateEngine, repository: Repository, line: str, kind: str
) -> None:
    image = fail(engine, repository, f"{BASE}{line}\n", f"{BASE}{line}\nCOPY x /x\n")
    assert (image["verdict"], image["failure"]["kind"]) == ("error", kind)


def test_a_base_that_lacks_the_network_is_an_error(
    engine: PrivateEngine, repository: Repository
) -> None:
    image = fail(engine, repository, f"{BASE}ADD http://127.0.0.1:1/x /\n", f"{BASE}COPY x /\n")
    assert (image["state"], image["verdict"]) == ("base-build-failed", "error")


def test_a_change_that_repairs_the_build_warns(
    engine: PrivateEngine, repository: Repository
) -> None:
    image = fail(engine, repository, f"{BASE}RUN false\n", f"{BASE}COPY x /\n")
    assert (image["state"], image["verdict"]) == ("base-build-failed", "warn")


def fail(engine: PrivateEngine, repository: Repository, before: str, after: str) -> dict[str, Any]:
    """Review two Dockerfiles, of which one at least does not build, and return their image."""
    repository.commit({"Dockerfile": before, "x": "1"})
    repository.commit({"Dockerfile": after})
    (image,) = review(engine, repository).report["images"]
    assert isinstance(image, dict)
    return image
