"""An audit of the monorepo: every file that it writes has the same numbers, which are tarfile's."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.model.sizes import format_size
from tests.end_to_end.engine.test_monorepo import FILES
from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.number_files import csv_numbers, metric_numbers, read_junit, read_sarif
from tests.support.page_tables import read_images
from tests.support.repository import Repository
from tests.support.saved_layers import read_layer_files
from tests.unit.report.rendered_page import parser

_NAMES = ("a.json", "a.csv", "a.prom", "a.xml", "a.sarif", "a.md", "a.html", "a.txt")


@pytest.fixture(scope="module")
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    overlay2_engine.docker("tag", "busybox:latest", "docker.io/library/busybox:latest")
    return overlay2_engine


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = Repository(tmp_path_factory.mktemp("audit") / "shop")
    shutil.copytree(FILES, repository.path, dirs_exist_ok=True)
    repository.commit({})
    return repository


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def audit(engine: PrivateEngine, repository: Repository, folder: Path) -> FinishedRun:
    outputs = [word for name in _NAMES for word in ("--output", folder / name)]
    return start("audit", "--repo", repository.path, *outputs, environment=engine.environment)


@pytest.fixture(scope="module")
def report(audit: FinishedRun, folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "a.json").read_text("utf-8"))
    return document


def test_what_cannot_be_built_is_an_error_at_the_end(
    audit: FinishedRun, report: dict[str, Any]
) -> None:
    assert audit.status == 2, audit.stderr
    states = [(image["title"], image["state"]) for image in report["images"]]
    assert states[-1] == ("private", "head-build-failed")
    assert {state for _, state in states[:-1]} == {"no-baseline"}
    sizes = [image["head"]["unpacked_bytes"] for image in report["images"][:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_the_totals_follow_from_the_layers(report: dict[str, Any]) -> None:
    layers = [
        layer for image in report["images"] for layer in (image["head"] or {"layers": []})["layers"]
    ]
    unique = {layer["diff_id"]: layer["unpacked_bytes"] for layer in layers}
    totals = report["totals"]
    assert totals["images"] == len(report["images"]) > 10
    assert totals["unpacked_bytes"] == sum(layer["unpacked_bytes"] for layer in layers)
    assert totals["unpacked_bytes_unique"] == sum(unique.values()) < totals["unpacked_bytes"]
    assert totals["saving_bytes"] == sum(saving["saving_bytes"] for saving in report["savings"])


def test_the_images_of_one_base_share_its_layers(report: dict[str, Any]) -> None:
    api = next(image for image in report["images"] if image["title"] == "api")
    base = next(image for image in report["images"] if image["title"] == "base")
    (shared,) = (x for x in api["shared_with"] if x["name"] == base["name"])
    assert shared["unpacked_bytes"] == base["head"]["unpacked_bytes"]
    assert "auth" in {Path(x["dockerfile"]).parent.name for x in api["shared_with"]}


def test_every_file_has_the_numbers_of_the_report(report: dict[str, Any], folder: Path) -> None:
    texts = {name: (folder / name).read_bytes().decode() for name in _NAMES}
    sizes = {
        image["name"]: image["head"]["unpacked_bytes"]
        for image in report["images"]
        if image["head"]
    }
    rows, metrics = csv_numbers(texts["a.csv"]), metric_numbers(texts["a.prom"])
    for numbers in (rows, metrics):
        own = {name: x["unpacked_bytes"] for name, x in numbers.items() if "unpacked_bytes" in x}
        assert own == sizes
    totals = metrics[""]
    assert totals["total_unpacked_bytes"] == report["totals"]["unpacked_bytes"]
    assert totals["total_unpacked_unique_bytes"] == report["totals"]["unpacked_bytes_unique"]
    junit = read_junit(texts["a.xml"])
    assert (len(list(junit)), junit.errors) == (len(report["images"]), 1)
    errors = [x for x in read_sarif(texts["a.sarif"])["results"] if x["level"] == "error"]
    assert [x["ruleId"] for x in errors] == ["head-build-failed"]
    shown = [format_size(sizes[x["name"]]) if x["head"] else "?" for x in report["images"]]
    for html in (parser().render(texts["a.md"]), texts["a.html"]):
        assert [row["size"] for row in read_images(html)] == shown
    for name in ("a.md", "a.html", "a.txt"):
        assert f"{report['totals']['images']} images" in texts[name]


def test_sizes_are_those_of_tarfile(
    engine: PrivateEngine, repository: Repository, report: dict[str, Any], tmp_path: Path
) -> None:
    """What needs neither arguments nor another image is built once more, by docker alone."""
    checked = []
    for image in report["images"]:
        name = Path(image["dockerfile"]).parent.name
        if image["head"] and not image["based_on"] and name not in ("report", "private"):
            tag = f"tarfile-sums:{name}"
            target = ("--target", image["target"]) if image["target"] else ()
            file, context = (
                repository.path / image["dockerfile"],
                repository.path / image["context"],
            )
            engine.docker("build", "--tag", tag, "--file", str(file), *target, str(context))
            layers = [sum(files.values()) for files in read_layer_files(engine, tag, tmp_path)]
            assert layers == [x["unpacked_bytes"] for x in image["head"]["layers"]], name
            checked.append(name)
    assert len(checked) > 5
