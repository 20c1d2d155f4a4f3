"""A real image, reviewed from end to end: what a suggestion saves is what its layer ships."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository
from tests.support.saved_layers import read_layer_files

DOCKERFILE = """\
FROM debian:bookworm-slim
RUN apt-get update
COPY data /srv/data
RUN chown -R 1000 /srv/data
RUN head -c 3000000 /dev/urandom > /tmp/x && tar -C /tmp -czf /tmp/x.tar.gz x \\
    && tar -xzf /tmp/x.tar.gz -C /opt
RUN rm /tmp/x
"""


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("debian:bookworm-slim")
    return overlay2_engine


def test_each_saving_equals_the_bytes_in_the_layers(engine: PrivateEngine, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": DOCKERFILE, "data/a": "a" * 70_000, "data/b/c": "c" * 9_000})
    network = ("--network", engine.build_network)
    build = ("buildx", "build", *network, "--provenance=false", "-t", "advised", ".")
    engine.docker(*build, folder=repository.path)
    advised = start(
        "advise",
        repository.path / "Dockerfile",
        *("--image", "advised", "--format", "json", "--write", tmp_path / "Dockerfile.new"),
        environment=engine.environment,
    )
    audited = start(
        *("audit", "--repo", repository.path, "--format", "json"),
        *("--build-network", engine.build_network),
        environment=engine.environment,
    )
    lists, copied, _, archive, _ = read_layer_files(engine, "advised", tmp_path)[1:]
    expected = {
        "apt-lists-left-behind": _sum(lists, "var/lib/apt/lists/"),
        "changed-in-a-later-layer": sum(copied.values()),
        "archive-kept-after-unpacking": archive["tmp/x.tar.gz"],
        "removed-in-a-later-layer": 3_000_000,
    }
    assert advised.status == audited.status == 0, advised.stderr + audited.stderr
    assert _savings(advised.report["images"][0]) == expected
    assert set(_savings(audited.images["Dockerfile"])) == set(expected)
    saved = (tmp_path / "Dockerfile.new").read_text("utf-8")
    assert "apt-get update \\\n    && rm -rf /var/lib/apt/lists/*\n" in saved
    assert "-C /opt && rm /tmp/x.tar.gz \\\n    && rm /tmp/x\n" in saved


def _savings(image: Mapping[str, object]) -> dict[str, int]:
    suggestions = image["suggestions"]
    assert isinstance(suggestions, list)
    assert {each["confidence"] for each in suggestions} == {"measured"}
    return {each["rule"]: each["saving_bytes"] for each in suggestions}


def _sum(files: Mapping[str, int], folder: str) -> int:
    return sum(size for path, size in files.items() if path.startswith(folder))
