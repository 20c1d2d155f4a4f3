"""`measure` and `diff` with limits, a configuration or a Dockerfile, as a user starts them."""

import re
from pathlib import Path

import pytest

from tests.support.command import FinishedRun, start
from tests.support.tar_world import Item, file, image, layer_tar, layout, unpack

RUN = "RUN /bin/sh -c apt-get update && apt-get install -y make # buildkit"
DOCKERFILE = "FROM base\nCOPY app /app\nRUN apt-get update && apt-get install -y make\n"
BASE = layer_tar(file("base", 5_000))
CONFIG = """budget: {max-growth: 1kB, ignore-below: 0}
images:
  - {name: api, dockerfile: Dockerfile, budget: {max-size: 5kB}}
"""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder with two images, `old` and `new`, which is 9 kB larger, as OCI layouts."""
    for name, size in (("old", 1_000), ("new", 10_000)):
        layers = BASE, layer_tar(Item("app", b"x" * size)), layer_tar(file("made", 100))
        texts = ("ADD rootfs.tar /", "COPY app /app # buildkit", RUN)
        history = [{"created_by": text} for text in texts]
        unpack(layout(image(*layers, history=history)), tmp_path / name)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "limits.yml").write_text(CONFIG)
    return tmp_path


def run(images: Path, *arguments: str, report_format: str = "json") -> FinishedRun:
    nowhere = {"DOCKER_HOST": f"unix://{images}/none", "DOCKER_CONFIG": str(images)}
    return start(*arguments, "--format", report_format, environment=nowhere, at=images)


def diff(images: Path, *options: str, report_format: str = "json") -> FinishedRun:
    names = "oci:old", "oci:new"
    return run(images, "diff", *names, *options, report_format=report_format)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 0),
        (("--max-growth", "10kB"), 0),
        (("--max-growth", "8kB"), 1),
        (("--max-growth", "1%"), 1),
        (("--max-growth", "10kB", "--max-size", "15kB"), 1),
        (("--max-size", "16kB"), 0),
        (("--config", "limits.yml"), 1),
        (("--config", "limits.yml", "--max-growth", "10kB"), 0),
        (("--config", "limits.yml", "--max-growth", "10kB", "--image", "api"), 1),
        (("--config", "limits.yml", "--image", "web"), 2),
        (("--config", "nowhere.yml"), 2),
        (("--image", "api"), 2),
        (("--target", "x"), 2),
    ],
)
def test_a_diff_exits_as_a_review_does(images: Path, options: tuple[str, ...], status: int) -> None:
    assert diff(images, *options).status == status


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 0),
        (("--max-size", "16kB"), 0),
        (("--max-size", "15kB"), 1),
        (("--config", "limits.yml"), 0),
        (("--config", "limits.yml", "--image", "api"), 1),
    ],
)
def test_a_measurement_exits_as_a_review_does(
    images: Path, options: tuple[str, ...], status: int
) -> None:
    ended = run(images, "measure", "oci:new", *options)
    assert ended.status == status
    assert all(check["name"] == "max-size" for check in ended.report["images"][0]["checks"])


@pytest.mark.parametrize(
    ("limit", "status"),
    [("max-layers: 3", 0), ("max-layers: 2", 1), ("max-waste: 999", 1), ("max-waste: 10%", 0)],
)
def test_limits_on_layers_hold_and_page_and_document_agree(
    images: Path, limit: str, status: int
) -> None:
    """The image has 14,000 bytes and three layers, of which the last replaces 1,000 bytes."""
    layers = BASE, layer_tar(Item("app", b"x" * 1_000)), layer_tar(Item("app", b"y" * 8_000))
    unpack(layout(image(*layers)), images / "wasteful")
    (images / "limits.yml").write_text(f"budget: {{{limit}}}")
    command = "measure", "oci:wasteful", "--config", "limits.yml"
    ended = run(images, *command)
    (check,) = ended.report["images"][0]["checks"]
    head = ended.report["images"][0]["head"]
    counts = {"own_wasted_bytes": head["own_wasted_bytes"], "layers": len(head["layers"])}
    assert (ended.status, counts) == (status, {"own_wasted_bytes": 1_000, "layers": 3})
    assert check["observed"] == counts[check["metric"]]
    page = " ".join(run(images, *command, report_format="text").stdout.split())
    assert "✓" in page if status == 0 else f"set budget: {{{check['name']}: " in page


def test_the_waste_of_a_base_image_counts_until_its_dockerfile_is_named(images: Path) -> None:
    """A base image of two layers, which wastes 3 kB, and 1 kB that the Dockerfile wastes itself."""
    files = (("etc", 3_000), ("etc", 10), ("app", 1_000), ("app", 8_000))
    layers = [layer_tar(Item(path, b"x" * size)) for path, size in files]
    texts = ("ADD rootfs.tar /", "RUN base", "COPY old /app # buildkit", "COPY new /app # buildkit")
    unpack(layout(image(*layers, history=[{"created_by": x} for x in texts])), images / "own")
    (images / "Dockerfile").write_text("FROM base\nCOPY old /app\nCOPY new /app\n")
    (images / "limits.yml").write_text("budget: {max-waste: 2kB}")
    command = "measure", "oci:own", "--config", "limits.yml"
    failed = run(images, *command, report_format="text")
    page = " ".join(failed.stdout.split())
    assert failed.status == 1
    assert "✗ Over budget: oci:own has 4.00 kB of waste (limit: 2 kB)" in page
    assert "Name the Dockerfile that it was built from with --dockerfile, so that" in page
    raised = run(images, *command, "--max-waste", "4kB", "--max-layers", "4")
    assert raised.report["limit_options"] == ["--max-waste", "--max-layers", "--config"]
    assert (raised.status, raised.report["verdict"]) == (0, "pass")
    named = run(images, *command, "--dockerfile", "Dockerfile")
    (check,) = named.report["images"][0]["checks"]
    assert (named.status, check["observed"]) == (0, 1_000)


@pytest.mark.parametrize(("limit", "status"), [("1MB", 0), ("1", 1)])
def test_a_limit_on_the_download_is_about_the_layers_that_are_new(
    images: Path, limit: str, status: int
) -> None:
    """The image grows by a file of 100 bytes, in a layer that has to be downloaded again."""
    moved = layer_tar(file("made", 100), Item("app", b"x" * 10_000))
    unpack(layout(image(BASE, layer_tar(file("made", 100)), moved)), images / "other")
    (images / "limits.yml").write_text(
        f"budget: {{metric: pull, max-growth: {limit}, ignore-below: 0}}"
    )
    ended = run(images, "diff", "oci:new", "oci:other", "--config", "limits.yml")
    (written,) = ended.report["images"]
    old = {layer["diff_id"] for layer in written["base"]["layers"]}
    new = [x for x in written["head"]["layers"] if x["diff_id"] not in old]
    pulled = sum(layer["compressed_bytes"] for layer in new)
    (check,) = written["checks"]
    assert (ended.status, check["metric"]) == (status, "pull_bytes")
    assert check["observed"] == written["pull_bytes"] == written["delta"]["pull_delta_bytes"]
    assert (check["observed"], len(new)) == (pulled, 1)


def test_the_defaults_of_all_images_hold(images: Path) -> None:
    (images / "limits.yml").write_text("defaults: {budget: {max-growth: 1kB, ignore-below: 0}}")
    assert diff(images, "--config", "limits.yml").status == 1


@pytest.mark.parametrize(
    ("text", "command", "reason"),
    [
        (
            "images: [{name: api, dockerfile: Dockerfile, budget: {max-growth: 1kB}}]",
            ("diff", "oci:old", "oci:new"),
            "no limit of all images",
        ),
        ("{}", ("measure", "oci:new"), "no limit of all images"),
        ("budget: {max-growth: 1kB}", ("measure", "oci:new"), "needs an older image"),
    ],
)
def test_limits_that_do_not_count_are_named_and_are_no_pass(
    images: Path, text: str, command: tuple[str, ...], reason: str
) -> None:
    (images / "limits.yml").write_text(text)
    page = run(images, *command, "--config", "limits.yml", report_format="text").stdout
    assert "✓" not in page
    assert f"Nothing was judged: {'`max-growth`' if 'older' in reason else 'limits.yml'}" in page
    assert reason in " ".join(page.split())


def test_the_growth_of_a_single_image_is_skipped_and_is_no_pass(images: Path) -> None:
    command = "measure", "oci:new", "--max-growth", "5MB"
    ended = run(images, *command)
    (check,) = ended.report["images"][0]["checks"]
    facts = check["name"], check["result"], check["reason"]
    assert (ended.status, facts) == (0, ("max-growth", "skip", "there is no older image"))
    page = run(images, *command, report_format="text").stdout
    assert "✓" not in page
    assert "there is no older image" in " ".join(page.split())
    (note,) = ended.report["notes"]
    assert note == "--max-growth was not judged: it needs an older image, and `diff` compares two."


@pytest.mark.parametrize("limit", [(), ("--max-growth", "1MB")])
def test_an_image_is_the_same_as_itself(images: Path, limit: tuple[str, ...]) -> None:
    ended = run(images, "diff", "oci:new", "oci:new", *limit, report_format="text")
    assert ended.status == 0
    assert "oci:new is the same image as " in ended.stdout
    assert "rebuilt" not in ended.stdout


def test_an_image_that_cannot_be_measured_is_no_pass(images: Path) -> None:
    (images / "new/index.json").write_text("{}")
    assert diff(images, "--max-growth", "10kB").status == 2


@pytest.mark.parametrize("report_format", ["text", "markdown", "html"])
def test_the_page_names_both_images_and_gives_no_verdict_without_a_limit(
    images: Path, report_format: str
) -> None:
    page = diff(images, report_format=report_format).stdout
    assert re.search("oci(:|&#58;)old", page)
    assert not any(mark in page for mark in ("✓", "✅"))
    assert "What to do: Nothing." not in page
    assert "max-growth" in page


def test_a_limit_gives_a_verdict(images: Path) -> None:
    page = diff(images, "--max-growth", "10kB", report_format="text").stdout
    assert page.startswith("✓ Within budget: ")
    assert "compared with oci:old" in " ".join(page.split())


def test_lines_of_the_dockerfile_are_named_and_changes_suggested(images: Path) -> None:
    ended = diff(images, "--dockerfile", "Dockerfile")
    (report,) = ended.report["images"]
    (row,) = [row for row in report["attribution"] if row["delta_bytes"]]
    assert (row["line_start"], row["delta_bytes"]) == (2, 9_000)
    assert report["dockerfile"] == "Dockerfile"
    assert [layer["from_base_image"] for layer in report["base"]["layers"]] == [True, False, False]
    assert {x["line_start"] for x in report["suggestions"]} == {3}


def test_no_line_of_another_dockerfile_is_named(images: Path) -> None:
    (images / "Dockerfile").write_text("FROM base\nRUN install compiler\nRUN compile everything\n")
    (report,) = diff(images, "--dockerfile", "Dockerfile").report["images"]
    assert all(row["line_start"] is None for row in report["attribution"])
    assert "not built from the current Dockerfile" in report["notes"][0]
    assert report["suggestions"] == []
