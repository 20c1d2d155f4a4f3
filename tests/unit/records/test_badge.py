"""The badge of an image: as shields.io reads it, in a file with a plain name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState
from bot.records.badge import make_badge_path, render_badge
from tests.support.image_world import NO_LIMIT, budget, compared
from tests.support.report_cases import CASES

SCHEMA = Path(__file__).parents[2] / "support" / "badges" / "endpoint.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _named(name: str, platform: str | None = None) -> ImageReport:
    report = compared(None, "FROM a 12MB", name=name, state=ImageState.NO_BASELINE)
    return replace(report, spec=replace(report.spec, name=name, platform=platform))


@pytest.mark.parametrize("name", CASES)
def test_shields_accepts_the_badge_of_every_image(name: str) -> None:
    for image in CASES[name]().images:
        badge = render_badge(image)
        assert (badge is None) == (image.comparison.head is None)
        if badge is not None:
            VALIDATOR.validate(json.loads(badge))


def test_the_validator_refuses_what_shields_does() -> None:
    assert not VALIDATOR.is_valid({"schemaVersion": 1, "label": "a", "message": ""})
    assert not VALIDATOR.is_valid({"schemaVersion": 1, "label": "a", "message": "b", "size": 1})
    assert not VALIDATOR.is_valid({"label": "a", "message": "b"})


@pytest.mark.parametrize(
    ("limits", "message", "colour"),
    [
        (NO_LIMIT, "12.0 MB", "blue"),
        (budget(max_size="20MB"), "12.0 MB", "brightgreen"),
        (budget(max_size="5MB"), "12.0 MB", "red"),
        (budget(warn_size=5_000_000), "12.0 MB", "yellow"),
        (budget(max_size="20MB", metric=Metric.FILESYSTEM), "11.0 MB", "brightgreen"),
    ],
)
def test_a_badge_has_the_size_and_the_verdict(limits: object, message: str, colour: str) -> None:
    report = compared(None, "FROM a 12MB waste 1MB", limits, "api", ImageState.NO_BASELINE)  # type: ignore[arg-type]
    badge = json.loads(render_badge(report) or b"")
    assert (badge["label"], badge["message"], badge["color"]) == ("api", message, colour)


@pytest.mark.parametrize(
    ("name", "platform", "path"),
    [
        ("Dockerfile", None, "badges/Dockerfile.json"),
        ("services/api", None, "badges/services--api.json"),
        ("services/api", "linux/arm64", "badges/services--api--linux--arm64.json"),
        ("../../x\n y", None, "badges/x-y.json"),
        ("..", None, "badges/image.json"),
    ],
)
def test_a_path_is_one_plain_file_name(name: str, platform: str | None, path: str) -> None:
    assert make_badge_path(_named(name, platform)) == path


@given(st.text(min_size=1))
def test_no_name_leaves_the_folder(name: str) -> None:
    folder, _, file = make_badge_path(_named(name)).partition("/")
    assert folder == "badges"
    assert file.removesuffix(".json").strip(".") != ""
    assert not set(file) & set("/\\\0\n ")
