"""A job as it is read from the environment of its runner."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.action.job import Job, read_job
from bot.adapters.github.workflow_commands import RunnerCommands
from bot.errors import InputError, PublishError
from bot.pull_request.event import Activity
from tests.events import load


def read(folder: Path, payload: Any = None, **variables: str) -> Job:
    event = folder / "event.json"
    event.write_text(json.dumps(load("schedule") if payload is None else payload), "utf-8")
    environment = {
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo/app",
        **variables,
    }
    return read_job(environment, RunnerCommands(environment, io.StringIO().write))


def test_outside_of_a_workflow_the_error_names_the_command() -> None:
    with pytest.raises(InputError, match="not a GitHub Actions job") as caught:
        read_job({}, RunnerCommands({}, io.StringIO().write))
    assert "image-size-review review" in caught.value.fix


def test_an_event_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="event of this job cannot be read"):
        read(tmp_path, GITHUB_EVENT_PATH=str(tmp_path / "none"))
    (tmp_path / "broken").write_text("{")
    with pytest.raises(InputError, match="event of this job cannot be read"):
        read(tmp_path, GITHUB_EVENT_PATH=str(tmp_path / "broken"))


def test_a_payload_without_its_fields_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, {}, GITHUB_EVENT_NAME="pull_request")
    assert "lacks 'pull_request'" in caught.value.why


def test_wrong_inputs_are_reported_before_the_event_is_read() -> None:
    environment = {"INPUT_MODE": "sometimes"}
    with pytest.raises(InputError, match="mode: 'sometimes' is not one of"):
        read_job(environment, RunnerCommands(environment, io.StringIO().write))


def test_the_mode_overrides_the_event(tmp_path: Path) -> None:
    assert read(tmp_path).event.activity is Activity.AUDIT
    assert read(tmp_path, INPUT_MODE="review").event.activity is Activity.REVIEW


def test_the_run_url_uses_the_server_of_the_environment(tmp_path: Path) -> None:
    assert read(tmp_path).run_url == ""
    job = read(tmp_path, GITHUB_RUN_ID="12")
    assert job.run_url == "https://github.com/octo/app/actions/runs/12"
    job = read(tmp_path, GITHUB_RUN_ID="12", GITHUB_SERVER_URL="https://git.example.com")
    assert job.run_url == "https://git.example.com/octo/app/actions/runs/12"


@pytest.mark.parametrize(
    "name", ["CONFIG", "DOCKERFILE", "CONTEXT", "TARGET", "IMAGES", "PLATFORMS"]
)
def test_two_uses_of_the_action_have_separate_comments(name: str, tmp_path: Path) -> None:
    value = "linux/arm64" if name == "PLATFORMS" else "other"
    assert read(tmp_path).comment_key != read(tmp_path, **{f"INPUT_{name}": value}).comment_key


@pytest.mark.parametrize("value", ["FLAVOR=slim", "FLAVOR=", "OTHER=full", "FLAVOR=full\nB=1"])
def test_uses_with_other_build_arguments_have_separate_comments(value: str, tmp_path: Path) -> None:
    keys = {
        read(tmp_path, **{"INPUT_BUILD-ARGS": arguments}).comment_key
        for arguments in ("", "FLAVOR=full", value)
    }
    assert len(keys) == 3
    assert all("full" not in key for key in keys)


def test_a_key_without_build_arguments_is_the_one_of_earlier_versions(tmp_path: Path) -> None:
    job = read(tmp_path, INPUT_CONFIG="a.yml", INPUT_TARGET="web", INPUT_IMAGES="x,y")
    assert job.comment_key == "a.yml|||web|x|y"
    assert read(tmp_path).comment_key == "|||"


@pytest.mark.parametrize(("name", "values"), [("REVISION", "ab"), ("NPM_TOKEN", "cd")])
def test_a_build_argument_that_differs_in_every_run_keeps_the_same_comment(
    name: str, values: str, tmp_path: Path
) -> None:
    """A commit of the run, or a token that is made for the job."""
    keys = {
        read(
            tmp_path, GITHUB_SHA=value * 40, **{"INPUT_BUILD-ARGS": f"{name}={value * 40}"}
        ).comment_key
        for value in values
    }
    assert len(keys) == 1


@pytest.mark.parametrize("name", ["MAX-SIZE", "FAIL-ON"])
def test_changed_limits_keep_the_same_comment(name: str, tmp_path: Path) -> None:
    value = "1MB" if name == "MAX-SIZE" else "never"
    assert read(tmp_path).comment_key == read(tmp_path, **{f"INPUT_{name}": value}).comment_key


def test_a_notice_is_one_line_without_secrets(tmp_path: Path) -> None:
    log = io.StringIO()
    job = read(tmp_path)
    job = Job(job.environment, RunnerCommands({}, log.write), job.inputs, job.event)
    token = "ghp_" + "a" * 36
    job.log_notice(PublishError("GitHub refused.", f"token {token}", "try again"))
    assert log.getvalue().startswith("::notice::GitHub refused.%0A")
    assert log.getvalue().count("\n") == 1
    assert token not in log.getvalue()
