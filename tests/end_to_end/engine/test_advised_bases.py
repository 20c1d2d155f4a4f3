"""`advise --verify` of a Dockerfile that is built on another image of its repository."""

from pathlib import Path

import pytest

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

FILES = {
    "base/Dockerfile": "FROM debian:bookworm-slim\nRUN echo base > /made-here\n",
    "api/Dockerfile": (
        "FROM advised.example/base:1\n"
        "RUN head -c 500000 /dev/urandom > /tmp/x && cat /made-here\n"
        "RUN rm /tmp/x\n"
        'CMD ["cat", "/made-here"]\n'
    ),
    "compose.yaml": """
        services:
          base: {image: "advised.example/base:1", build: base}
          api: {build: api}
        """,
}


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("debian:bookworm-slim")
    return overlay2_engine


def test_the_base_image_of_the_repository_is_built_first(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    repository = Repository(tmp_path)
    repository.commit(dict(FILES))
    # What is not committed yet counts as well.
    repository.write(
        {"base/Dockerfile": FILES["base/Dockerfile"] + "RUN echo 1 > /not-committed\n"}
    )
    dockerfile = repository.path / "api/Dockerfile"
    run = start(
        *("advise", dockerfile, "--verify", "--format", "json"), environment=engine.environment
    )
    assert run.status == 0, run.stderr
    (image,) = run.report["images"]
    commands = [layer["created_by"] for layer in image["head"]["layers"]]
    assert any("/not-committed" in command for command in commands)
    (suggestion,) = [x for x in image["suggestions"] if x["rule"] == "removed-in-a-later-layer"]
    assert suggestion["saving_bytes"] == 500_000
    assert not engine.docker("image", "ls", "--quiet", "advised.example/base").strip()


def test_a_base_image_that_nobody_builds_is_named(engine: PrivateEngine, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"api/Dockerfile": FILES["api/Dockerfile"]})
    dockerfile = repository.path / "api/Dockerfile"
    run = start(
        *("advise", dockerfile, "--verify", "--format", "json"), environment=engine.environment
    )
    (image,) = run.report["images"]
    assert image["head"] is None
    assert "set `provides` of its image in the configuration" in " ".join(image["notes"])
