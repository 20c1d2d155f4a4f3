"""Advice that was proved, from end to end: `advise --verify` and `review --verify` on real images."""

import os
import random
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.model.sizes import parse_size
from bot.report.document.report_document import from_document
from bot.report.formats.markdown import render_markdown
from tests.support.command import ROOT, start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository
from tests.support.saved_layers import read_layer_files
from tests.support.seeds import BUILDER_PATTERN, FRONT_END, IMAGES, MULTI_STAGE

APPS = ROOT / "tests/collection/apps"
REWRITE = "single-stage-build"
NEEDS_A_DATABASE = """\
import http.server, pathlib, sqlite3, sys
if not pathlib.Path("/data/shop.db").exists():
    sys.exit("no database")
"""
GREETING = '#include <stdio.h>\nint main(void) { puts("good morning"); return 0; }\n'
IN_A_SHELL = 'FROM debian:bookworm-slim\nCOPY . /src\nCMD ["echo", "good morning"]\n'
COMPILED = """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
COPY . /src
RUN gcc -O2 -o /usr/local/bin/greet /src/greet.c
CMD ["greet"]
"""


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure(*IMAGES, "golang:1.22", "debian:bookworm-slim", "python:3.12-slim")
    return overlay2_engine


def run_advise(engine: PrivateEngine, dockerfile: Path, *options: object) -> dict[str, Any]:
    """Return the image of the report of `advise --verify` on one Dockerfile."""
    network = ("--build-network", engine.build_network)
    arguments = ("advise", dockerfile, "--verify", "--format", "json", *network, *options)
    ended = start(*arguments, environment=engine.environment)
    assert ended.status == 0, ended.stderr
    (image,) = ended.report["images"]
    return dict(image)


def by_rule(image: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["rule"]: each for each in image["suggestions"]}


def checks_of_the_page() -> set[str]:
    """Return the steps of a proof in docs/rewrites.md, under the names in a log."""
    table = (
        (ROOT / "docs/rewrites.md").read_text("utf-8").partition("| check | what must hold |\n")[2]
    )
    return {
        row.split(" | ")[0].removeprefix("| ") for row in table.partition("\n\n")[0].splitlines()
    }


@pytest.mark.long
@pytest.mark.parametrize("name", ["go-static-templates", "python-gcc-wheel"])
def test_a_rewrite_is_verified_and_saved(name: str, engine: PrivateEngine, tmp_path: Path) -> None:
    """The saving is the difference of two images that anybody can build and weigh."""
    folder = tmp_path / name
    shutil.copytree(APPS / name, folder)
    written = folder / "Dockerfile.new"
    image = run_advise(engine, folder / "Dockerfile", "--write", written)
    rewrite = by_rule(image)[REWRITE]
    proof = rewrite["verification"]
    assert rewrite["confidence"] == "verified", proof["log"]
    assert (proof["built"], proof["started"]) == (True, "same")
    assert written.read_text("utf-8") == rewrite["dockerfile"]
    sums = [
        measure_by_hand(engine, folder, file, tmp_path) for file in ("Dockerfile", "Dockerfile.new")
    ]
    assert rewrite["saving_bytes"] == image["head"]["unpacked_bytes"] - proof["unpacked_bytes"]
    assert sums == pytest.approx(
        [image["head"]["unpacked_bytes"], proof["unpacked_bytes"]], rel=1e-3
    )
    assert rewrite["saving_bytes"] > 100_000_000
    steps = [line.partition(": ")[0] for line in proof["log"].splitlines()]
    assert steps[:3] == ["build", "BuildKit's checks", "size"]
    assert {"ELF closure", "lost files", "its own command"} <= set(steps)
    assert not [step for step in steps[:12] if step not in checks_of_the_page()]


@pytest.mark.long
def test_the_readme_shows_a_verified_rewrite(engine: PrivateEngine, tmp_path: Path) -> None:
    """The Dockerfiles word for word; the sizes move with the packages of the base images."""
    folder = tmp_path / "go-static-templates"
    shutil.copytree(APPS / folder.name, folder)
    readme = (ROOT / "README.md").read_text("utf-8")
    before, after = re.findall(r"```dockerfile\n(.*?)```", readme, re.DOTALL)
    (sizes,) = re.findall(r"\*\*(\d+ MB) → ([\d.]+ MB)\*\*", readme)
    image = run_advise(engine, folder / "Dockerfile")
    rewrite = by_rule(image)[REWRITE]
    assert before == (folder / "Dockerfile").read_text("utf-8")
    assert (rewrite["confidence"], rewrite["dockerfile"]) == ("verified", after)
    measured = (image["head"]["unpacked_bytes"], rewrite["verification"]["unpacked_bytes"])
    assert measured == pytest.approx([parse_size(size) for size in sizes], rel=0.1)


def measure_by_hand(engine: PrivateEngine, folder: Path, dockerfile: str, tmp_path: Path) -> int:
    """Return the size of a Dockerfile's image, built with docker alone, its tars summed."""
    tag = "weighed"
    network = ("--network", engine.build_network)
    build = ("buildx", "build", *network, "--provenance=false", "-t", tag, "-f", dockerfile, ".")
    engine.docker(*build, folder=folder)
    return sum(size for layer in read_layer_files(engine, tag, tmp_path) for size in layer.values())


def test_the_builder_pattern_becomes_one_verified_file(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """Held against the image that the pattern's own script makes; it is worth having at its size."""
    repository = Repository(tmp_path / "href-counter")
    repository.write(dict(BUILDER_PATTERN))
    environment = {**os.environ, **engine.environment}
    subprocess.run(["sh", "build.sh"], cwd=repository.path, env=environment, check=True)
    image = run_advise(
        engine, repository.path / "Dockerfile", "--image", "alexellis2/href-counter:latest"
    )
    advice = by_rule(image)["builder-in-another-dockerfile"]
    assert advice["confidence"] == "verified", advice["verification"]
    assert advice["saving_bytes"] is None
    edits = "".join(edit["replacement"] for edit in advice["edits"])
    assert "FROM golang:1.16 AS build\n" in edits
    assert "COPY --from=build /go/src/github.com/alexellis/href-counter/app ./\n" in edits
    assert "No multi-stage rewrite is offered: no toolchain of Go is in it." in image["notes"]


def test_the_other_seeds_get_their_expected_suggestions(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """Build each fixed seed and start it beside the old one.

    A stage by number gets a name; the front end is copied without unserved files; a mode is set by
    the copy.
    """
    counter, front_end = Repository(tmp_path / "counter"), Repository(tmp_path / "front-end")
    counter.write(dict(MULTI_STAGE))
    # Nothing is built to prove less than a megabyte.
    front_end.write({**FRONT_END, "web-nautilus/page.ts": "// page\n" * 250_000})
    image = run_advise(engine, counter.path / "Dockerfile")
    named = by_rule(image)["stages-by-number"]
    assert named["edits"][1]["replacement"].startswith("COPY --from=build ")
    assert "No multi-stage rewrite is offered: it is multi-stage already." in image["notes"]
    advice = by_rule(run_advise(engine, front_end.path / "Dockerfile"))
    (narrowed,) = advice["whole-stage-copied"]["edits"]
    assert narrowed["replacement"] == "COPY --from=builder /app/dist /var/www/html/.\n"
    assert advice["whole-stage-copied"]["verification"]["built"]
    copied = advice["changed-in-a-later-layer"]["edits"][0]["replacement"]
    assert copied.startswith("COPY --chmod=755 ./command.sh ")


def test_a_review_shows_the_rewrite_of_what_grew(engine: PrivateEngine, tmp_path: Path) -> None:
    """A pull request replaces a shell script by a compiled program, and ships the compiler."""
    repository = Repository(tmp_path / "greeting")
    repository.commit({"Dockerfile": IN_A_SHELL, "greet.c": GREETING})
    repository.commit({"Dockerfile": COMPILED})
    arguments = (
        "review",
        "--repo",
        repository.path,
        "--base",
        "HEAD~1",
        "--verify",
        "--format",
        "json",
    )
    network = ("--build-network", engine.build_network)
    ended = start(*arguments, *network, environment=engine.environment)
    image = ended.images["Dockerfile"]
    rewrite = by_rule(image)[REWRITE]
    assert rewrite["confidence"] == "verified", rewrite["verification"]
    assert image["delta"]["unpacked_bytes"] > rewrite["saving_bytes"] > 90_000_000
    assert len(DockerfileReader().parse(rewrite["dockerfile"].encode()).stages) == 2
    shown = render_markdown(from_document(ended.report))
    assert "verified: builds and starts as before" in shown
    assert "COPY --from=build /usr/local/bin/greet /usr/local/bin/" in shown


def test_changes_that_were_verified_are_saved_as_one_verified_file(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text('print(len(open("data/a.bin", "rb").read()))\n')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.bin").write_bytes(random.Random(7).randbytes(3_000_000))
    lines = "WORKDIR /app\nCOPY app.py ./\nCOPY {}data data\nRUN pip check{}\n"
    start, end = "FROM python:3.12-slim\n", 'CMD ["python", "app.py"]\n'
    text = lines.format("", "").replace("RUN", "RUN chown -R 7:7 data\nRUN")
    (tmp_path / "Dockerfile").write_text(start + text + end)
    saved = tmp_path / "saved"
    image = run_advise(engine, tmp_path / "Dockerfile", "--write", saved)
    assert "has 2 changes, verified together." in image["notes"][-1], image["notes"]
    assert "2 changes of the suggestions were built and verified together" in image["notes"][0]
    deletion = " \\\n    && find /usr/local/lib -path '*/site-packages/pip/*.pyc' -delete"
    expected = lines.format("--chown=7:7 ", deletion)
    assert saved.read_text() == start + expected + end


def test_an_image_without_a_rewrite_has_a_reason(engine: PrivateEngine, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM debian:bookworm-slim\nCMD ["bash"]\n')
    image = run_advise(engine, tmp_path / "Dockerfile")
    assert image["suggestions"] == []
    assert image["notes"] == [
        "No multi-stage rewrite is offered: it starts bash: it is an image for interactive use."
    ]


def test_an_image_that_cannot_start_is_never_verified(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """It ends at once where it finds no database: it is built, measured and checked, and no more."""
    (tmp_path / "shop.py").write_text(NEEDS_A_DATABASE)
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim\n"
        "RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev\n"
        'WORKDIR /app\nCOPY shop.py ./\nCMD ["python", "shop.py"]\n'
    )
    image = run_advise(engine, tmp_path / "Dockerfile")
    rewrite = by_rule(image)[REWRITE]
    proof = rewrite["verification"]
    assert (proof["built"], proof["started"]) == (True, "not-run")
    assert rewrite["confidence"] == "estimated"
    assert (
        "start: not run, the old image does not run by itself here (exit status 1)" in proof["log"]
    )
    assert rewrite["saving_bytes"] == image["head"]["unpacked_bytes"] - proof["unpacked_bytes"]
