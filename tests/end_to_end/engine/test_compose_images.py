"""Images that compose and bake files declare, with real builds."""

from pathlib import Path

import pytest

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository

FILES: dict[str, str | None] = {
    "base/Dockerfile": "FROM scratch\nCOPY big /big\n",
    "base/big": "a" * 1_000_000,
    "api/Dockerfile": "FROM common\nCOPY libs /libs\n",
    "libs/a": "a",
}
# Buildx before 0.21 knows no `service:`; in bake a name has no dot.
COMPOSE = """
services:
  base.image: {build: ./base, env_file: .env}
  api:
    build:
      context: .
      dockerfile: api/Dockerfile
      additional_contexts: {common: "service:base.image"}
"""
BAKE = """
target "base" { context = "base" }
target "default" {
  dockerfile = "api/Dockerfile"
  contexts = { common = "target:base" }
}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("compose.yaml", COMPOSE), ("docker-bake.hcl", BAKE)],
    ids=["compose", "bake"],
)
def test_an_image_on_another_one_is_built_as_a_file_says(
    overlay2_engine: PrivateEngine, tmp_path: Path, name: str, text: str
) -> None:
    repository = Repository(tmp_path)
    repository.commit({**FILES, name: text})
    repository.commit({"base/big": "b" * 3_000_000})
    options = ("--base", "HEAD~1", "--head", "HEAD", "--format", "json")
    environment = overlay2_engine.environment
    ended = start("review", "--repo", tmp_path, *options, environment=environment)
    assert ended.status == 0, ended.stderr
    growth = {key: image["delta"]["unpacked_bytes"] for key, image in ended.images.items()}
    assert growth == {"base/Dockerfile": 2_000_000, "api/Dockerfile": 2_000_000}
    api = ended.images["api/Dockerfile"]
    assert api["context_source"] == name.removeprefix("docker-").partition(".")[0]
    assert [x["reference"] for x in api["based_on"]] == ["common"]
