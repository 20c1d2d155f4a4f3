"""The lines of a workflow for a login: what a reader pastes must be what the action reads."""

import re

import pytest

from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState, Outcome
from bot.model.spec import ImageSpec
from bot.project.registry_logins import parse_registry_auth
from bot.project.yaml_reader import read_yaml
from bot.report.page.login_lines import list_login_lines, make_login_section


def make_image(failure: FailureCause | None) -> ImageReport:
    spec, nothing = ImageSpec("app", "Dockerfile", "."), Comparison(None, None)
    return ImageReport(spec, ImageState.HEAD_BUILD_FAILED, Outcome.ERROR, nothing, failure=failure)


@pytest.mark.parametrize(
    ("registry", "username", "password"),
    [
        ("ghcr.io", "github.actor", "secrets.GITHUB_TOKEN"),
        ("docker.io", "vars.DOCKERHUB_USERNAME", "secrets.DOCKERHUB_TOKEN"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "AWS", "steps.ecr.outputs.password"),
        ("europe-docker.pkg.dev", "oauth2accesstoken", "steps.auth.outputs.access_token"),
        ("eu.gcr.io", "oauth2accesstoken", "steps.auth.outputs.access_token"),
        ("acme.azurecr.io", "vars.AZURE_CLIENT_ID", "secrets.AZURE_CLIENT_SECRET"),
        ("localhost:5000", "vars.REGISTRY_USERNAME", "secrets.REGISTRY_PASSWORD"),
        ("notgcr.io.example", "vars.REGISTRY_USERNAME", "secrets.REGISTRY_PASSWORD"),
    ],
)
def test_the_lines_are_an_input_that_is_read(registry: str, username: str, password: str) -> None:
    inputs = read_yaml("\n".join(list_login_lines(registry)))
    text = re.sub(r"\$\{\{ (.*?) \}\}", r"\1", inputs["registry-auth"])
    (login,) = parse_registry_auth(text)
    assert (login.registry, login.username, login.password) == (registry, username, password)


def test_an_image_without_a_login_shows_them() -> None:
    failure = FailureCause(FailureKind.LOGIN, subject="ghcr.io")
    (section,) = make_login_section(make_image(failure))
    assert section.title == "Lines of the workflow for the login"


@pytest.mark.parametrize(
    "failure",
    [
        None,
        FailureCause(FailureKind.LOGIN),
        FailureCause(FailureKind.LOGIN_REFUSED, subject="ghcr.io"),
        FailureCause(FailureKind.SECRET, subject="npm"),
        FailureCause(FailureKind.LOGIN, subject="ghcr.io\n    password: mine"),
        FailureCause(FailureKind.LOGIN, subject="${{ secrets.X }}"),
    ],
)
def test_no_other_image_does(failure: FailureCause | None) -> None:
    """A report of another job is not trusted: its text must not become lines to paste."""
    assert make_login_section(make_image(failure)) == []
