"""The oldest cases: the three examples of the text it all began with, built unchanged and reviewed."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository
from tests.support.saved_layers import read_layer_files
from tests.support.seeds import BUILDER_PATTERN, FRONT_END, IMAGES, MULTI_STAGE

CONFIG = "discover: false\nimages: [{{name: href-counter, dockerfile: {0}, context: .}}]\n"


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure(*IMAGES)
    return overlay2_engine


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "href-counter")


def tar_sum(engine: PrivateEngine, image: str, folder: Path) -> int:
    """Sum the sizes of regular files in an image's layers with the standard library."""
    return sum(size for layer in read_layer_files(engine, image, folder) for size in layer.values())


def test_the_builder_pattern_is_built_by_its_own_script(
    engine: PrivateEngine, repository: Repository, tmp_path: Path
) -> None:
    """(a) Two Dockerfiles and a script: what the script built is compared, to the byte."""
    repository.commit(dict(BUILDER_PATTERN))
    environment = {**os.environ, **engine.environment}
    subprocess.run(["sh", "build.sh"], cwd=repository.path, env=environment, check=True)
    old, new = "alexellis2/href-counter:build", "alexellis2/href-counter:latest"
    ended = start("diff", old, new, "--format", "json", environment=engine.environment)
    assert ended.status == 0, ended.stderr
    expected = tar_sum(engine, new, tmp_path) - tar_sum(engine, old, tmp_path)
    (image,) = ended.report["images"]
    assert image["delta"]["unpacked_bytes"] == expected < -100_000_000
    assert sum(row["delta_bytes"] for row in image["attribution"]) == expected


def test_a_dockerfile_that_needs_the_script_fails_with_a_reason(
    engine: PrivateEngine, repository: Repository
) -> None:
    """(a) in a review: the builder's image is measured, the other lacks what the script copies."""
    repository.commit({})
    repository.commit(dict(BUILDER_PATTERN))
    environment = engine.environment
    ended = start(
        "review",
        "--repo",
        repository.path,
        "--base",
        "HEAD~1",
        "--format",
        "json",
        environment=environment,
    )
    assert ended.status == 2
    assert ended.images["Dockerfile.build"]["state"] == "new"
    final = ended.images["Dockerfile"]
    assert final["state"] == "head-build-failed"
    assert "app is not in the build context" in final["reason"]
    advised = advice(final)["builder-in-another-dockerfile"]
    assert "FROM golang:1.16 AS build\n" in advised["edits"][0]["replacement"]


def test_from_the_builder_pattern_to_multi_stage(
    engine: PrivateEngine, repository: Repository, tmp_path: Path
) -> None:
    """(a)'s golang image against (b): the fall in size that the sums over the tars give."""
    settings = ".github/image-size.yml"
    base = repository.commit({**BUILDER_PATTERN, settings: CONFIG.format("Dockerfile.build")})
    head = repository.commit(
        {
            **MULTI_STAGE,
            "Dockerfile.build": None,
            "build.sh": None,
            settings: CONFIG.format("Dockerfile"),
        }
    )
    arguments = [
        "review",
        "--repo",
        repository.path,
        "--base",
        base,
        "--head",
        head,
        "--format",
        "json",
    ]
    ended = start(*arguments, environment=engine.environment)
    assert ended.status == 0, ended.stderr
    (image,) = ended.report["images"]
    sums = [tar_sum(engine, build_again(engine, repository, *how), tmp_path) for how in SIDES]
    assert [image[side]["unpacked_bytes"] for side in ("base", "head")] == sums
    assert image["delta"]["unpacked_bytes"] == sums[1] - sums[0] < -100_000_000
    assert image["attribution"][0]["cause"] == "base-image"
    copied = next(row for row in image["attribution"] if row["text"].startswith("COPY --from=0"))
    assert (copied["line_start"], copied["line_end"]) == (11, 11)
    renamed = [edit["replacement"] for edit in advice(image)["stages-by-number"]["edits"]]
    assert renamed[0] == "FROM golang:1.16 AS build\n"
    assert renamed[1].startswith("COPY --from=build ")


def advice(image: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the suggestions on an image, by rule."""
    return {each["rule"]: each for each in image["suggestions"]}


SIDES = (("HEAD~1", "Dockerfile.build"), ("HEAD", "Dockerfile"))


def build_again(
    engine: PrivateEngine, repository: Repository, revision: str, dockerfile: str
) -> str:
    """Build the same image again with the docker command alone."""
    repository.git("checkout", "--quiet", revision)
    tag = f"seed-{dockerfile.lower()}"
    engine.docker(
        "buildx",
        "build",
        "--provenance=false",
        "-t",
        tag,
        "-f",
        dockerfile,
        ".",
        folder=repository.path,
    )
    repository.git("checkout", "--quiet", "main")
    return tag


def test_a_front_end_copied_whole_into_nginx(engine: PrivateEngine, repository: Repository) -> None:
    """(c) The node modules are shipped too, and the report names the line that copies them."""
    repository.commit({})
    repository.commit(dict(FRONT_END))
    arguments = ["review", "--repo", repository.path, "--base", "HEAD~1", "--format", "json"]
    ended = start(*arguments, environment=engine.environment)
    assert ended.status == 0, ended.stderr
    layers = ended.images["Dockerfile"]["head"]["layers"]
    own = {layer["line_start"]: layer for layer in layers if not layer["from_base_image"]}
    assert sorted(own) == [8, 9, 10, 11]
    assert own[8]["unpacked_bytes"] > own[10]["unpacked_bytes"] == own[11]["unpacked_bytes"]
    advised = advice(ended.images["Dockerfile"])
    served = len(FRONT_END["web-nautilus/index.html"])
    assert advised["whole-stage-copied"]["saving_bytes"] == own[8]["unpacked_bytes"] - served
    (narrowed,) = advised["whole-stage-copied"]["edits"]
    assert narrowed["replacement"] == "COPY --from=builder /app/dist /var/www/html/.\n"
    assert advised["changed-in-a-later-layer"]["saving_bytes"] == own[11]["unpacked_bytes"]
    copied, _ = advised["changed-in-a-later-layer"]["edits"]
    assert copied["replacement"].startswith("COPY --chmod=755 ./command.sh ")
