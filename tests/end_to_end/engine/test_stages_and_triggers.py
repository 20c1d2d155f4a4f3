"""Stages that are named like images, and instructions that run in the build on another image."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.registry.debian import DebianRegistry
from tests.support.repository import Repository


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    return overlay2_engine


def review_growth(
    engine: PrivateEngine, folder: Path, dockerfile: str, name: str, *options: str
) -> FinishedRun:
    """Review a change that adds 2 MB to a file of the context."""
    repository = Repository(folder)
    repository.commit({"Dockerfile": dockerfile, name: "a" * 1_000_000})
    repository.commit({name: "b" * 3_000_000})
    options = ("--base", "HEAD~1", "--head", "HEAD", "--format", "json", *options)
    return start("review", "--repo", folder, *options, environment=engine.environment)


def get_rows(ended: FinishedRun) -> list[tuple[str, int | None, int]]:
    """Return cause, line and size of each row of the only image that has grown."""
    (image,) = ended.report["images"]
    rows: list[dict[str, Any]] = image["attribution"]
    return [
        (row["cause"], row["line_start"], row["delta_bytes"]) for row in rows if row["delta_bytes"]
    ]


@pytest.mark.parametrize(
    ("dockerfile", "line"),
    [
        ("FROM busybox AS busybox\nCOPY big /big\nFROM busybox\nCOPY Dockerfile /\n", 2),
        ("FROM busybox:latest AS busybox\nCOPY big /big\nFROM busybox\n", 2),
        ("FROM docker.io/library/busybox AS BusyBox\nCOPY big /big\nFROM busybox\n", 2),
        ("FROM busybox AS busybox\nCOPY big /o/b\nFROM scratch\nCOPY --from=busybox /o /\n", 4),
        (
            "FROM scratch AS busybox\nCOPY big /big\nFROM busybox\n"
            "COPY --from=busybox:latest /bin/busybox /bin/\n",
            2,
        ),
    ],
)
def test_a_pin_does_not_replace_a_stage(
    engine: PrivateEngine, tmp_path: Path, dockerfile: str, line: int
) -> None:
    ended = review_growth(engine, tmp_path, dockerfile, "big", "--max-growth", "1MB")
    assert ended.status == 1, ended.stderr
    assert get_rows(ended) == [("instruction", line, 2_000_000)]
    (image,) = ended.report["images"]
    assert any("a stage has the same name" in note for note in image["notes"])


def test_triggers_of_an_earlier_stage(engine: PrivateEngine, tmp_path: Path) -> None:
    dockerfile = "FROM busybox AS a\nONBUILD COPY big /big\nRUN echo > /b\nFROM a\nRUN echo > /c\n"
    network = ("--build-network", engine.build_network)
    ended = review_growth(engine, tmp_path, dockerfile, "big", *network)
    assert get_rows(ended) == [("instruction", 2, 2_000_000)]


@pytest.mark.parametrize("origin", ["store", "registry"])
def test_triggers_of_the_base_image(engine: PrivateEngine, tmp_path: Path, origin: str) -> None:
    for folder in ("base", "registry"):
        (tmp_path / folder).mkdir()
    (tmp_path / "base" / "Dockerfile").write_text("FROM busybox\nONBUILD COPY big /big\n")
    dockerfile = "# a comment\nFROM {}\nCOPY Dockerfile /\nONBUILD COPY . /app\n"
    with DebianRegistry(tmp_path / "registry") as registry:
        name = f"{registry.host}/triggers:1"
        engine.docker("build", "--provenance=false", "-t", name, str(tmp_path / "base"))
        if origin == "registry":
            engine.docker("push", name)
            engine.docker("rmi", name)
        ended = review_growth(engine, tmp_path / "app", dockerfile.format(name), "big")
    assert get_rows(ended) == [("instruction", 2, 2_000_000)]
    if origin == "store":
        engine.docker("rmi", name)
