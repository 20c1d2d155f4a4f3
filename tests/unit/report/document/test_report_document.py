"""A JSON report of another job is accepted only if its schema and its sums hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.report.document.report_document import from_document, render_json, to_document
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import compared, review
from tests.support.report_cases import HOSTILE, audit, explained, hostile, over_budget, shared_file

Document = dict[str, Any]


def _set(*path: Any) -> Callable[[Document], None]:
    *steps, last, value = path

    def change(document: Document) -> None:
        parent: Any = document
        for step in steps:
            parent = parent[step]
        parent[last] = value

    return change


def _drop(*path: Any) -> Callable[[Document], None]:
    *steps, last = path

    def change(document: Document) -> None:
        parent: Any = document
        for step in steps:
            parent = parent[step]
        del parent[last]

    return change


_API = ("images", 1)
_WRONG_SUMS = {
    "the report's verdict": _set("verdict", "pass"),
    "head, unpacked_bytes": _set(*_API, "head", "unpacked_bytes", 1),
    "base, compressed_bytes": _set(*_API, "base", "compressed_bytes", 1),
    "head, wasted_bytes": _set(*_API, "head", "wasted_bytes", 1),
    "head, own_wasted_bytes": _set(*_API, "head", "own_wasted_bytes", 1),
    "head, efficiency": _set(*_API, "head", "efficiency", 1.0),
    "delta.unpacked_bytes": _set(*_API, "delta", "unpacked_bytes", 0),
    "delta.filesystem_bytes": _set(*_API, "delta", "filesystem_bytes", 0),
    "delta.pull_delta_bytes": _set(*_API, "delta", "pull_delta_bytes", 0),
    "delta.layers": _set(*_API, "delta", "layers", 0),
    "the sum of its attribution": _set(*_API, "attribution", []),
    "the sum of the owners of": _set(*_API, "attribution", 0, "owners", []),
    "whether there is a delta": _set(*_API, "delta", None),
    "the owners of layer 0 fit": _set(
        *_API,
        *("head", "layers", 0, "owners"),
        [{"kind": "deb", "name": "gcc", "version": None, "bytes": 10**12}],
    ),
    "whether head was measured": _set(*_API, "head", None),
}
_WRONG_DETAILS = {
    "head, base_image_bytes": _set("images", 0, "head", "base_image_bytes", 1),
    "head, own_bytes": _set("images", 0, "head", "own_bytes", None),
    "head, the sum of its waste": _set("images", 0, "head", "wasted", 0, "bytes", 1),
    "the sum of its files": _set("images", 0, "files", "grown", "bytes", 1),
    "the layers of head that are compared": _set("images", 0, "layers", 3, "head_index", 99),
    "the layers of base that are compared": _set("images", 0, "layers", 3, "base_index", None),
}
_SCHEMA_ERRORS = {
    "$.mode": _set("mode", "delete"),
    "$.schema_version": _set("schema_version", 2),
    "$: 'verdict' is a required": _drop("verdict"),
    "$.images[1]: 'attribution' is": _drop(*_API, "attribution"),
    "$.images[1].head.layers[0].unpacked_bytes": _set(
        *_API, "head", "layers", 0, "unpacked_bytes", 1.5
    ),
    "$.images[1].head": _set(*_API, "head", "filesystem_bytes", -1),
    "$.images[1].delta": _set(*_API, "delta", "layers", 10**30),
    "$.images[1].head.layers[0].files": _set(*_API, "head", "layers", 0, "files", True),
}


@pytest.mark.parametrize("error", _WRONG_SUMS)
def test_a_sum_that_does_not_hold_is_refused(error: str) -> None:
    document = to_document(over_budget())
    _WRONG_SUMS[error](document)
    with pytest.raises(ValueError, match=f"contradicts itself: .*{error}"):
        from_document(document)


@pytest.mark.parametrize("error", _WRONG_DETAILS)
def test_waste_files_and_layers_must_add_up_too(error: str) -> None:
    document = to_document(explained())
    _WRONG_DETAILS[error](document)
    with pytest.raises(ValueError, match=f"contradicts itself: .*{error}"):
        from_document(document)


_WRONG_AUDITS = {
    "totals.images": _set("totals", "images", 4),
    "totals.unpacked_bytes is": _set("totals", "unpacked_bytes", 1),
    "totals.unpacked_bytes_unique": _set("totals", "unpacked_bytes_unique", 1),
    "totals.saving_bytes": _set("totals", "saving_bytes", 1),
    "whether savings are": _set("savings", []),
    "image 'api', whether it shares": _set("images", 0, "shared_with", []),
    "the bytes of repeated files": _set("repeated_files", "largest", 0, "bytes", 1),
}


@pytest.mark.parametrize("error", _WRONG_AUDITS)
def test_what_an_audit_says_must_follow_from_its_images(error: str) -> None:
    document = to_document(audit())
    _WRONG_AUDITS[error](document)
    with pytest.raises(ValueError, match=f"contradicts itself: .*{error}"):
        from_document(document)


def test_an_audit_of_an_earlier_version_is_read() -> None:
    document = to_document(audit())
    for field in ("repository", "made_at", "totals", "savings", "repeated_files"):
        del document[field]
    for image in document["images"]:
        del image["shared_with"]
    assert from_document(document).audit is None


@pytest.mark.parametrize("error", _SCHEMA_ERRORS)
def test_a_report_that_breaks_the_schema_is_refused(error: str) -> None:
    document = to_document(over_budget())
    _SCHEMA_ERRORS[error](document)
    with pytest.raises(ValueError, match="does not match its schema at ") as caught:
        from_document(document)
    assert error in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "report", 7, {}])
def test_a_document_that_is_no_report_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="does not match its schema"):
        from_document(document)


def test_unknown_fields_are_ignored_and_optional_ones_may_be_missing() -> None:
    document = to_document(over_budget())
    document["later"] = 1
    for image in document["images"]:
        del image["budget"], image["log"], image["notes"]
    assert from_document(document).verdict is over_budget().verdict


def test_a_report_of_an_earlier_version_is_read() -> None:
    document = to_document(explained())
    for image in document["images"]:
        del image["layers"], image["files"]
        for side in (image["base"], image["head"]):
            for name in ("base_image_bytes", "own_bytes", "way", "identity", "compressed_error"):
                del side[name]
            del side["wasted"], side["duplicates"]
        for row in image["attribution"]:
            del row["notes"]
    assert from_document(document).verdict is explained().verdict


def test_a_second_offer_is_kept_and_may_be_missing() -> None:
    report = hostile()
    document = to_document(report)
    fields = document["images"][0]["suggestions"][0].pop("second_offer")
    assert fields.keys() == {"base_image", "unpacked_bytes", "last_stage", "started"}
    assert from_document(document).images[0].suggestions[0].second_offer is None
    document["images"][0]["suggestions"][0]["second_offer"] = fields
    (again,) = from_document(document).images[0].suggestions
    assert again.second_offer == report.images[0].suggestions[0].second_offer
    # An older version wrote no `started`: it offered only what it had started.
    del fields["started"]
    (older,) = from_document(document).images[0].suggestions
    assert older.second_offer == again.second_offer


def test_a_missing_layer_is_named_by_its_number() -> None:
    document = to_document(explained())
    for group in document["images"][0]["head"]["wasted"]:
        group["written"] = 2**31
    assert "layer 2147483649" in render_markdown(from_document(document))


def test_a_file_name_that_is_no_utf8_survives() -> None:
    report = review(compared("FROM x 1MB", "FROM x 1MB / COPY a 2MB", name=f"\udcff{HOSTILE}"))
    text = render_json(report)
    assert text.isascii()
    assert text.endswith("}\n")
    assert from_document(json.loads(text)).images[0].spec.name == f"\udcff{HOSTILE}"


def test_the_name_that_people_see_is_kept_beside_the_identity() -> None:
    report = over_budget()
    spec = replace(report.images[0].spec, name="svc/api/Dockerfile", title="api")
    document = to_document(replace(report, images=(replace(report.images[0], spec=spec),)))
    image = document["images"][0]
    assert (image["name"], image["title"]) == ("svc/api/Dockerfile", "api")
    assert from_document(document).images[0].spec.title == "api"


def test_an_older_report_has_no_titles() -> None:
    document = to_document(over_budget())
    for image in document["images"]:
        del image["title"]
    assert render_markdown(from_document(document)) == render_markdown(over_budget())


def test_a_report_knows_which_limits_are_set_for_all_images() -> None:
    report = from_document(json.loads(render_json(shared_file())))
    assert {tuple(image.spec.budget.common) for image in report.images} == {("max-growth",)}
