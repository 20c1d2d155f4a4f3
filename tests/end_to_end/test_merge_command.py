"""`merge`: one report out of those of several jobs, held to the plan that `images` writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.report import ImageReport, Report
from bot.report.document.report_document import render_json
from tests.support.command import FinishedRun, start
from tests.support.image_world import HEAD, budget, compared, review
from tests.support.repository import Repository

NAMES = ("api", "web", "job")
COMMAND = "image-size-review review --base 1 --head 2"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return the plan of a change to `api` and `web`, as `images` writes it."""
    repository = Repository(tmp_path / "repository")
    repository.commit({f"{name}/Dockerfile": "FROM scratch\nCOPY x /\n" for name in NAMES})
    repository.commit({f"{name}/x": "1" for name in NAMES})
    repository.commit({"api/x": "2", "web/x": "2"})
    path = tmp_path / "plan.json"
    command = ["images", "--repo", repository.path, "--base", "HEAD~1", "--shards", "2"]
    ended = start(*command, "--format", "json", "--output", path, environment={})
    assert ended.status == 0, ended.stderr
    return path


def grown(name: str, limit: str = "") -> ImageReport:
    """Return the part of a report about an image that grew by 20 MB."""
    rules = budget(max_growth=limit) if limit else budget()
    image = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", rules)
    spec = replace(image.spec, name=f"{name}/Dockerfile", dockerfile=f"{name}/Dockerfile")
    return replace(image, spec=replace(spec, context=name, title=name))


def save(path: Path, report: Report) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_json(report), "utf-8")
    return path


def merge(*arguments: object, format: str = "json") -> FinishedRun:  # noqa: A002
    return start("merge", *arguments, "--format", format, environment={})


@pytest.mark.parametrize(("limit", "status"), [("100MB", 0), ("5MB", 1)])
def test_parts_become_one_report_with_the_verdict_of_all(
    tmp_path: Path, plan: Path, limit: str, status: int
) -> None:
    for name, own_limit in (("api", limit), ("web", "100MB")):
        command = f"{COMMAND} --image {name} --max-growth 5"
        part = review(grown(name, own_limit), reproduce_command=command, notes=("Built here.",))
        save(tmp_path / "parts" / f"{name}.json", part)
    ended = merge(tmp_path / "parts/*.json", "--expect", plan)
    assert (ended.status, ended.stderr) == (status, "")
    report = json.loads(ended.stdout)
    states = [(image["dockerfile"], image["state"]) for image in report["images"]]
    expected = {"api": "changed", "job": "unchanged", "web": "changed"}
    assert states == [(f"{name}/Dockerfile", state) for name, state in expected.items()]
    assert report["head"]["sha"] == HEAD.sha
    assert report["command"] == f"{COMMAND} --max-growth 5"
    assert report["notes"] == ["Built here."]


def test_an_image_that_no_part_has_is_an_error(tmp_path: Path, plan: Path) -> None:
    part = save(tmp_path / "api.json", review(grown("api")))
    ended = merge(part, "--expect", plan, format="text")
    assert ended.status == 2
    assert "no report has it" in ended.stdout


@pytest.mark.parametrize("pattern", ["parts/*.json", None])
def test_without_any_part_nothing_was_reviewed(
    tmp_path: Path, plan: Path, pattern: str | None
) -> None:
    parts = [tmp_path / pattern] if pattern else []
    assert merge(*parts, "--expect", plan).status == 2


def test_a_plan_without_images_is_a_pass(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"include": []}')
    ended = merge("--expect", tmp_path / "plan.json", format="text")
    assert ended.status == 0
    assert "The plan has no images" in ended.stdout


def test_an_image_beside_the_plan_counts(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"include": []}')
    part = save(tmp_path / "api.json", review(grown("api", "5MB")))
    assert merge(part, "--expect", tmp_path / "plan.json").status == 1


@pytest.mark.parametrize(
    "plan_text",
    [
        "",
        "[]",
        '{"include": {}}',
        '{"include": [1]}',
        '{"include": [{"name": "api"}]}',
        '{"include": [{"contents": 1}]}',
        '{"include": [{"name": "a", "dockerfile": "b", "context": ".", "title": "", "target": 1}]}',
        '{"include": [{"name": "a", "position": "first"}]}',
        '{"include": ' + "[" * 100_000,
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, plan_text: str) -> None:
    (tmp_path / "plan.json").write_text(plan_text)
    ended = merge("--expect", tmp_path / "plan.json")
    assert ended.status == 2
    assert "error: The plan" in ended.stderr
    assert "image-size-review images --format json" in ended.stderr


def test_reports_that_do_not_belong_together_are_refused(tmp_path: Path, plan: Path) -> None:
    api = save(tmp_path / "api.json", review(grown("api")))
    other_head = review(grown("web"), head=replace(HEAD, sha="c" * 40))
    other = merge(api, save(tmp_path / "web.json", other_head), "--expect", plan)
    assert (other.status, "several commits as head" in other.stderr) == (2, True)
    twice = save(tmp_path / "twice.json", review(grown("api", "5MB")))
    different = merge(api, twice, "--expect", plan)
    assert (different.status, "with different results" in different.stderr) == (2, True)
    absent = merge(tmp_path / "none.json", "--expect", plan)
    assert (absent.status, "none.json" in absent.stderr) == (2, True)
