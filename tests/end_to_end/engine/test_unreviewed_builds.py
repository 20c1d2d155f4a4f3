"""Builds of compose files that no review looks at: a limit that they would escape warns.

They need an engine's client, since buildx reads the files; nothing is built.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

FILES: dict[str, str | None] = {"app/Dockerfile": "FROM scratch\nCOPY x /x\n", "app/x": "1\n"}
SERVICE = "services: {app: {build: {context: app}}}"
INLINE = "services: {app: {build: {context: app, dockerfile_inline: FROM scratch}}}"
REMOTE = "services: {app: {build: {context: 'https://github.com/octo/app.git'}}}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def review(engine: PrivateEngine, repository: Repository, *options: str) -> dict[str, Any]:
    arguments = ["review", "--repo", repository.path, "--base", "HEAD", "--format", "json"]
    ended = start(*arguments, *options, environment=engine.environment)
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def list_subjects(document: dict[str, Any]) -> list[str]:
    return [change["subject"] for change in document["gate_changes"]]


@pytest.mark.parametrize("service", [INLINE, REMOTE])
def test_a_service_that_is_built_where_nobody_looks_is_a_warning(
    service: str, overlay2_engine: PrivateEngine, repository: Repository
) -> None:
    repository.commit({**FILES, "compose.yaml": SERVICE})
    repository.write({"compose.yaml": service, "app/Dockerfile": None})
    document = review(overlay2_engine, repository, "--max-growth", "1kB")
    assert (list_subjects(document), document["verdict"]) == (
        ["the build app of compose.yaml"],
        "warn",
    )
    # Without a limit there is nothing to escape.
    assert list_subjects(review(overlay2_engine, repository)) == []


def test_a_new_build_that_is_not_reviewed_is_a_warning_under_a_limit(
    overlay2_engine: PrivateEngine, repository: Repository
) -> None:
    repository.commit(FILES)
    repository.write({"compose.yaml": INLINE})
    document = review(overlay2_engine, repository, "--max-size", "1kB")
    assert list_subjects(document) == ["the build app of compose.yaml"]
