"""Images that are built on others of their repository, with real builds."""

from pathlib import Path

import pytest

from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.engine.fixtures import each_engine
from tests.support.repository import Repository

__all__ = ["each_engine"]

CONFIG = ".github/image-size.yml"
IMAGES = """\
images:
- {name: base, dockerfile: base/Dockerfile, provides: ["acme.example/base:1"]}
- {name: api, dockerfile: api/Dockerfile}
- {name: auth, dockerfile: auth/Dockerfile}
- {name: tool, dockerfile: tool/Dockerfile}
"""
FILES: dict[str, str | None] = {
    CONFIG: IMAGES,
    "base/Dockerfile": "FROM scratch\nCOPY big /big\n",
    "base/big": "a" * 1_000_000,
    "api/Dockerfile": "FROM acme.example/base:1\nCOPY own /own\n",
    "api/own": "api",
    "auth/Dockerfile": "FROM scratch\nCOPY --from=acme.example/base:1 /big /copy\n",
    "tool/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
}
UNDECLARED = {name: text for name, text in FILES.items() if name not in (CONFIG, "auth/Dockerfile")}
GROWN: dict[str, str | None] = {"base/big": "b" * 3_000_000}


def review(
    engine: PrivateEngine, folder: Path, changes: dict[str, str | None], *options: str
) -> FinishedRun:
    repository = Repository(folder)
    repository.commit(FILES)
    repository.commit(changes)
    options = ("--base", "HEAD~1", "--head", "HEAD", "--format", "json", *options)
    return start("review", "--repo", folder, *options, environment=engine.environment)


def list_growth(ended: FinishedRun) -> dict[str, int | None]:
    return {
        name: image["delta"] and image["delta"]["unpacked_bytes"]
        for name, image in ended.images.items()
    }


def test_a_base_that_grows_shows_in_all_images_on_it(
    each_engine: PrivateEngine, tmp_path: Path
) -> None:
    before = set(each_engine.list_run_names())  # tests of killed runs leave some
    ended = review(each_engine, tmp_path, GROWN, "--max-growth", "1MB")
    assert ended.status == 1, ended.stderr
    grown = {"base": 2_000_000, "api": 2_000_000, "auth": 2_000_000, "tool": None}
    assert list_growth(ended) == grown
    api, base = ended.images["api"], ended.images["base"]
    # The same COPY a second later makes another layer, of the same size.
    rows = [row for row in api["attribution"] if row["delta_bytes"]]
    assert [row["cause"] for row in rows] == ["base-image"]
    assert [(x["name"], x["reference"], x["is_from"]) for x in api["based_on"]] == [
        ("base", "acme.example/base:1", True)
    ]
    assert [x["is_from"] for x in ended.images["auth"]["based_on"]] == [False]
    assert [x["name"] for x in base["base_of"]] == ["api", "auth"]
    assert {x["result"] for x in api["checks"]} == {"fail"}
    built = [
        line
        for line in ended.stderr.splitlines()
        if line.startswith("build base (head), ") and line.endswith("…")
    ]
    assert len(built) == 1, ended.stderr
    assert set(each_engine.list_run_names()) <= before


def test_only_the_image_that_is_asked_for_is_reviewed(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    ended = review(overlay2_engine, tmp_path, GROWN, "--image", "api")
    assert list_growth(ended) == {"api": 2_000_000}, ended.stderr


def test_an_image_on_a_base_that_does_not_build_names_it(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    broken: dict[str, str | None] = {"base/Dockerfile": "FROM scratch\nCOPY missing /\n"}
    ended = review(overlay2_engine, tmp_path, broken)
    api = ended.images["api"]
    assert (ended.status, api["state"]) == (2, "head-build-failed")
    words = "its base image acme.example/base:1, built from base/Dockerfile, does not build: "
    assert api["reason"].startswith(words)
    assert api["failure"]["kind"] == "missing-file"


def test_images_in_a_circle_are_errors_and_others_are_reviewed(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    circle = IMAGES.replace("api/Dockerfile", "api/Dockerfile, provides: [acme.example/api]")
    changes: dict[str, str | None] = {
        CONFIG: circle,
        "base/Dockerfile": "FROM acme.example/api\nCOPY big /big\n",
        "tool/Dockerfile": "FROM scratch\nCOPY Dockerfile /d\n",
    }
    ended = review(overlay2_engine, tmp_path, changes)
    states = {name: image["state"] for name, image in ended.images.items()}
    failed = dict.fromkeys(("base", "api", "auth"), "head-build-failed")
    assert states == {**failed, "tool": "changed"}
    assert "built on each other: " in ended.images["api"]["reason"]


def test_a_base_that_nobody_has_is_taken_from_its_folder_with_a_warning(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    dockerfile = "FROM no.example/base\nCOPY own /own\n"
    repository = Repository(tmp_path)
    repository.commit({**UNDECLARED, "api/Dockerfile": dockerfile})
    repository.commit(GROWN)
    ended = start(
        *("review", "--repo", tmp_path, "--base", "HEAD~1", "--head", "HEAD", "--format", "json"),
        environment=overlay2_engine.environment,
    )
    (api,) = (x for x in ended.report["images"] if x["dockerfile"] == "api/Dockerfile")
    assert (ended.status, api["verdict"]) == (0, "warn"), ended.stderr
    assert api["delta"]["unpacked_bytes"] == 2_000_000
    assert [check["name"] for check in api["checks"]] == ["base-image"]
    assert "base/Dockerfile was taken for no.example/base" in api["checks"][0]["reason"]


def test_a_named_context_can_be_another_image(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    """Also one with the name of a stage, in the place of which it is put, as by BuildKit itself."""
    api = "{name: api, dockerfile: api/Dockerfile, build-contexts: {lib: 'target:base'}}"
    files: dict[str, str | None] = {
        CONFIG: f"images: [{{name: base, dockerfile: base/Dockerfile}}, {api}]",
        "api/Dockerfile": "FROM scratch AS lib\nFROM lib\nCOPY own /own\n",
    }
    repository = Repository(tmp_path)
    repository.commit({**UNDECLARED, **files})
    repository.commit(GROWN)
    ended = start(
        *("review", "--repo", tmp_path, "--base", "HEAD~1", "--head", "HEAD", "--format", "json"),
        environment=overlay2_engine.environment,
    )
    assert list_growth(ended)["api"] == 2_000_000, ended.stderr


@pytest.mark.parametrize("name", ["base", "docker.io/library/base:latest"])
def test_a_base_with_the_name_of_a_stage_is_an_error_and_not_another_image(
    overlay2_engine: PrivateEngine, tmp_path: Path, name: str
) -> None:
    changes: dict[str, str | None] = {
        CONFIG: IMAGES.replace('"acme.example/base:1"', name),
        "api/Dockerfile": f"FROM {name} AS base\nCOPY own /own\n",
        "auth/Dockerfile": None,
    }
    ended = review(overlay2_engine, tmp_path, changes, "--image", "api")
    assert "rename the stage" in ended.images["api"]["reason"]
