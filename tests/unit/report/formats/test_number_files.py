"""CSV, SARIF, JUnit and OpenMetrics, read by readers of their own: all say what the report says."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.line.missing_content import add_lfs_check
from bot.model.report import Outcome, Report
from bot.model.sizes import format_size
from bot.report.document.report_document import render_json, to_document
from bot.report.formats.csv_table import render_csv
from bot.report.formats.html.html_page import render_html
from bot.report.formats.image_sizes import NUMBER_NAMES
from bot.report.formats.junit import render_junit
from bot.report.formats.markdown import render_markdown
from bot.report.formats.openmetrics import render_openmetrics
from bot.report.formats.sarif import render_sarif
from bot.report.formats.text import render_text
from tests.support.number_files import (
    Numbers,
    csv_numbers,
    metric_numbers,
    read_csv,
    read_junit,
    read_metrics,
    read_sarif,
)
from tests.support.page_cases import make_audit
from tests.support.page_tables import read_images
from tests.support.report_cases import CASES, HOSTILE, audit, over_budget
from tests.unit.report.formats.test_untrusted_text import poison
from tests.unit.report.rendered_page import parser

_HEAD_NAMES = NUMBER_NAMES[:7]
_TABLE_COLUMNS = ("size", "own", "base image", "wasted")
_TABLE_FIELDS = ("unpacked_bytes", "own_bytes", "base_image_bytes", "wasted_bytes")
CONTENT_CHECKS = ("git-lfs", "submodules")


def document_numbers(report: Report) -> Numbers:
    """Read from the JSON report what the other files repeat."""
    numbers: Numbers = {}
    for image in json.loads(render_json(report))["images"]:
        head, delta = image["head"] or {}, image["delta"] or {}
        names: dict[str, Any] = {name: head.get(name) for name in _HEAD_NAMES}
        names["layers"] = len(head["layers"]) if head else None
        names["files"] = head.get("files")
        for name in ("unpacked", "compressed", "filesystem"):
            names[f"growth_{name}_bytes"] = delta.get(f"{name}_bytes")
        names["pull_delta_bytes"] = delta.get("pull_delta_bytes")
        names["pull_bytes"] = image["pull_bytes"]
        checks = {check["name"] for check in image["checks"]}
        names["lacks_contents"] = int(not checks.isdisjoint(CONTENT_CHECKS)) if head else None
        names |= document_limits(image["checks"], image["budget"])
        numbers[image["name"]] = {name: value for name, value in names.items() if value is not None}
    return numbers


def document_limits(checks: list[dict[str, Any]], budget: dict[str, Any]) -> dict[str, Any]:
    """Return the limits that were applied, else those that are set in bytes or layers."""
    fields = {
        "max_size_bytes": budget["max_size"],
        "max_growth_bytes": (budget["max_growth"] or {}).get("bytes"),
        "max_waste_bytes": (budget["max_waste"] or {}).get("bytes"),
        "max_layers": budget["max_layers"],
    }
    for field, value in fields.items():
        name = field.removesuffix("_bytes").replace("_", "-")
        applied = [x["limit"] for x in checks if x["name"] == name and x["limit"] is not None]
        fields[field] = min(applied, default=value)
    return fields


def without_savings(numbers: Numbers) -> Numbers:
    return {
        image: {name: value for name, value in own.items() if name != "saving_bytes"}
        for image, own in numbers.items()
        if image
    }


@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile"])
def test_the_files_have_the_numbers_of_the_json_report(name: str) -> None:
    report = CASES[name]()
    expected = document_numbers(report)
    assert without_savings(csv_numbers(render_csv(report))) == expected
    metrics = without_savings(metric_numbers(render_openmetrics(report)))
    assert metrics == expected


def test_a_limit_stands_beside_the_number_that_it_is_about() -> None:
    """What a check of the JSON report compares is a number of the image under the same name."""
    numbers = csv_numbers(render_csv(CASES["over-layer-limits"]()))
    assert [x["max_waste_bytes"] for x in numbers.values() if "max_waste_bytes" in x] == [
        20_000_000
    ]
    assert sorted(x["max_layers"] for x in numbers.values()) == [3, 3, 12]
    pulls = CASES["pull-metric"]()
    rows = {row["name"]: row for row in read_csv(render_csv(pulls))}
    for image in to_document(pulls)["images"]:
        row = rows[image["name"]]
        assert row["metric"] == image["budget"]["metric"] == "pull"
        fields = [(x["metric"], str(x["observed"]), str(x["limit"])) for x in image["checks"]]
        assert fields == [
            ("compressed_bytes", row["compressed_bytes"], row["max_size_bytes"]),
            ("pull_bytes", row["pull_bytes"], row["max_growth_bytes"]),
        ]


def test_a_new_image_is_pulled_as_a_whole() -> None:
    numbers = csv_numbers(render_csv(CASES["new-and-gone"]()))
    assert numbers["site"]["pull_bytes"] == numbers["site"]["compressed_bytes"]
    assert "pull_delta_bytes" not in numbers["site"]
    assert "pull_bytes" not in numbers["legacy"]


def test_the_totals_of_an_audit_are_the_same_everywhere() -> None:
    report = audit()
    totals = to_document(report)["totals"]
    metrics = metric_numbers(render_openmetrics(report))[""]
    assert metrics == {
        "total_images": totals["images"],
        "total_unpacked_bytes": totals["unpacked_bytes"],
        "total_unpacked_unique_bytes": totals["unpacked_bytes_unique"],
        "total_saving_bytes": totals["saving_bytes"],
        "total_images_lacking_contents": 0,
    }
    rows = csv_numbers(render_csv(report))
    assert len(rows) == totals["images"]
    assert sum(row.get("unpacked_bytes", 0) for row in rows.values()) == totals["unpacked_bytes"]
    assert sum(row.get("saving_bytes", 0) for row in rows.values()) == totals["saving_bytes"]
    assert len(list(read_junit(render_junit(report)))) == totals["images"]
    for page in (render_markdown(report), render_html(report), render_text(report)):
        words = page.replace("\N{NO-BREAK SPACE}", " ")
        assert all(size in words for size in ("938 MB", "814 MB", "605 MB"))


@pytest.mark.parametrize("make", [audit, CASES["clean-audit"], partial(make_audit, 30)])
def test_the_summary_and_the_page_have_the_numbers_of_every_image(
    make: Callable[[], Report],
) -> None:
    report = make()
    images = json.loads(render_json(report))["images"]
    savings = csv_numbers(render_csv(report))
    for html in (parser().render(render_markdown(report)), render_html(report)):
        rows = read_images(html)
        assert len(rows) == len(images)
        for row, document in zip(rows, images, strict=True):
            head, saving = document["head"], savings[document["name"]].get("saving_bytes")
            sizes = [head and head[name] for name in _TABLE_FIELDS]
            expected = ["?" if size is None else format_size(size) for size in sizes]
            assert document["title"] in row["image"]
            assert [row[name] for name in _TABLE_COLUMNS] == expected
            assert row["can save"] == (format_size(saving) if saving else "—")


@pytest.mark.parametrize("name", CASES)
def test_the_verdicts_are_those_of_the_report(name: str) -> None:
    report = CASES[name]()
    verdicts = [Outcome.worst([image.verdict]).value for image in report.images]
    assert sorted(row["verdict"] for row in read_csv(render_csv(report))) == sorted(verdicts)
    samples = read_metrics(render_openmetrics(report))
    states = [
        labels["image_size_verdict"]
        for sample, labels, value in samples
        if sample == "image_size_verdict" and value
    ]
    assert states == verdicts
    junit = read_junit(render_junit(report))
    checks = [check.result for image in report.images for check in image.checks]
    errors = sum(image.verdict is Outcome.ERROR for image in report.images)
    assert (junit.failures, junit.errors) == (checks.count(Outcome.FAIL), errors)
    assert junit.tests == len(checks) + len(report.images)


def test_every_file_says_that_a_size_is_a_lower_bound() -> None:
    report = audit()
    first, *others = report.images
    lacking = replace(report, images=(add_lfs_check(first, {}, {"model.bin": "1"}), *others))
    assert to_document(lacking)["totals"]["images_lacking_contents"] == 1
    assert to_document(report)["totals"]["images_lacking_contents"] == 0
    metrics, rows = metric_numbers(render_openmetrics(lacking)), csv_numbers(render_csv(lacking))
    assert metrics[""]["total_images_lacking_contents"] == 1
    for numbers in (metrics, rows):
        assert [x["lacks_contents"] for x in numbers.values() if "lacks_contents" in x] == [
            1,
            0,
            0,
            0,
        ]
    junit = [case.name for suite in read_junit(render_junit(lacking)) for case in suite]
    assert junit.count("git-lfs (unpacked)") == 1
    for text in (render_markdown(lacking), render_text(lacking), render_html(lacking)):
        assert "≥ 740" in text
        assert "at least 938" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_rows_of_an_audit_are_in_the_order_of_its_table() -> None:
    rows = read_csv(render_csv(audit()))
    assert [row["image"] for row in rows] == ["api", "docs", "web", "tool", "job"]
    assert rows[-1]["unpacked_bytes"] == ""
    assert rows[-1]["reason"].startswith("process")
    assert rows[0]["reason"] == "40.0 MB over the limit"


@pytest.mark.parametrize("name", CASES)
def test_a_sarif_file_is_valid(name: str) -> None:
    run = read_sarif(render_sarif(CASES[name]()))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[x["ruleIndex"]] for x in run["results"]] == [x["ruleId"] for x in run["results"]]


def test_a_finding_is_at_the_line_that_caused_it() -> None:
    over, suggested = read_sarif(render_sarif(over_budget()))["results"]
    location = {
        "artifactLocation": {"uri": "api/Dockerfile", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "endLine": 2},
    }
    assert over["locations"] == [{"physicalLocation": location}]
    assert (over["ruleId"], over["level"]) == ("max-growth", "error")
    assert over["message"]["text"].startswith("api grew by 612 MB to 900 MB\n")
    assert (suggested["ruleId"], suggested["level"]) == ("compiler-in-final-stage", "note")


def test_a_path_with_odd_characters_is_a_relative_uri() -> None:
    report = over_budget()
    images = tuple(
        replace(image, spec=replace(image.spec, dockerfile="a b:c/\udcff#?%/Dockerfile"))
        for image in report.images
    )
    result = read_sarif(render_sarif(replace(report, images=images)))["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b%3Ac/%FF%23%3F%25/Dockerfile"


def test_a_case_of_junit_has_its_numbers() -> None:
    suite = next(suite for suite in read_junit(render_junit(audit())) if suite.name == "api")
    measured, limit = suite
    assert (measured.name, measured.is_passed) == ("measured", True)
    (failure,) = limit.result
    assert (limit.name, limit.classname) == ("max-size (unpacked)", "api")
    assert failure.message == "40.0 MB over the limit"
    assert failure.text == "observed: 740000000 bytes, limit: 700000000 bytes"


def test_a_build_that_fails_is_an_error_with_its_log() -> None:
    suite = next(suite for suite in read_junit(render_junit(audit())) if suite.name == "job")
    (measured,) = suite
    (error,) = measured.result
    assert (error.type, error.message.partition(" ")[0]) == ("head-build-failed", "process")
    assert "No matching distribution found for torch==9.9.9" in error.text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "%0a=1", "\n=1"],
)
def test_a_cell_is_no_formula(text: str) -> None:
    (row, *_) = read_csv(render_csv(poison(audit(), text)))
    assert row["image"].startswith("'") or row["image"][0] in "↵␍"
    assert row["unpacked_bytes"] == "740000000"


_TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)
_SIGNS = st.lists(st.sampled_from([*"=+-@;,\"'<>&[](){}0\\\n\r\t\x00]]>", "#"]), min_size=1)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=st.one_of(_TEXT, _SIGNS.map("".join)))
@example(name="hostile", text=HOSTILE)
@example(name="over-budget", text="]]><testcase/>\x00\ud800\ufffe")
@example(name="audit", text='"} 1\nimage_size_images 5\n# EOF')
def test_untrusted_text_leaves_every_file_readable(name: str, text: str) -> None:
    plain, report = CASES[name](), poison(CASES[name](), text)
    assert len(read_csv(render_csv(report))) == len(plain.images)
    samples = read_metrics(render_openmetrics(report))
    assert [x[0] for x in samples] == [x[0] for x in read_metrics(render_openmetrics(plain))]
    suites = read_junit(render_junit(report))
    assert len(list(suites)) == len(plain.images)
    results = read_sarif(render_sarif(report))["results"]
    assert len(results) == len(read_sarif(render_sarif(plain))["results"])
    assert not any("](" in x["message"]["text"] or "{0" in x["message"]["text"] for x in results)
    for page in (render_csv(report), render_junit(report), render_sarif(report)):
        page.encode()
