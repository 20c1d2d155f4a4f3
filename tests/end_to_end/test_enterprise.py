"""A server of one's own: its address, its certificates, a proxy on the way."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.report.document.report_document import to_document
from tests.events import load
from tests.support.github import GitHubStandIn
from tests.support.github.authority import Authority
from tests.support.image_world import review, unchanged
from tests.support.runner import REPO, FinishedJob, Job

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
HEAD, BASE = "a" * 40, "b" * 40


@pytest.fixture(params=[True, False], ids=["new", "old"])
def authority(request: pytest.FixtureRequest, tmp_path: Path) -> Authority:
    """Yield an authority that Python 3.13 accepts, and one without the extensions it requires."""
    return Authority(tmp_path, extensions=request.param)


@pytest.fixture
def secured(authority: Authority) -> Iterator[GitHubStandIn]:
    with GitHubStandIn(tls=authority.context()) as github:
        yield github
    assert github.violations == []


def publish(
    github: GitHubStandIn, folder: Path, url: str, environment: Mapping[str, str] | None = None
) -> FinishedJob:
    """Run the shortest job that talks to GitHub."""
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, HEAD, BASE, "alice")
    payload = load("workflow_run.fork")
    payload["workflow_run"] |= {"head_sha": HEAD, "head_repository": {"full_name": REPO}}
    token = github.token("github-actions[bot]", pull_requests="write")
    job = Job(folder / "job", "workflow_run", payload, BASE, github, token)
    job.workspace.mkdir(parents=True)
    (job.workspace / "report.json").write_text(
        json.dumps(to_document(review(unchanged("web")))), "utf-8"
    )
    job.inputs |= {"report": "report.json", "comment": "always"}
    job.extra_variables = {
        "GITHUB_API_URL": url,
        **dict.fromkeys(VARIABLES, ""),
        **(environment or {}),
    }
    return job.run()


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_private_certificate_authority_is_trusted(
    secured: GitHubStandIn, authority: Authority, tmp_path: Path, variable: str
) -> None:
    environment = {variable: str(authority.certificate)}
    done = publish(secured, tmp_path, secured.enterprise_url, environment)
    assert done.status == 0, done.log
    assert len(secured.comments(REPO, 7)) == 1
    assert done.outputs["comment-url"].startswith(secured.url)


def test_an_unknown_authority_is_not_trusted(secured: GitHubStandIn, tmp_path: Path) -> None:
    done = publish(secured, tmp_path, secured.enterprise_url)
    assert done.status == 2
    assert "CERTIFICATE_VERIFY_FAILED" in done.log
    assert secured.comments(REPO, 7) == []


def test_a_server_of_another_authority_is_not_trusted(
    secured: GitHubStandIn, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    environment = {"SSL_CERT_FILE": str(Authority(other).certificate)}
    done = publish(secured, tmp_path, secured.enterprise_url, environment)
    assert (done.status, "CERTIFICATE_VERIFY_FAILED" in done.log) == (2, True)


def test_a_missing_certificate_file_is_an_error(secured: GitHubStandIn, tmp_path: Path) -> None:
    environment = {"SSL_CERT_FILE": "/no/such.pem"}
    done = publish(secured, tmp_path, secured.enterprise_url, environment)
    assert (done.status, "/no/such.pem" in done.log) == (2, True)


def test_a_proxy_is_used(github: GitHubStandIn, tmp_path: Path) -> None:
    """The server's name is known to the proxy alone."""
    server = "http://github.company.invalid:80"
    done = publish(github, tmp_path, f"{server}/api/v3", {"HTTP_PROXY": github.url})
    assert done.status == 0, done.log
    assert len(github.comments(REPO, 7)) == 1
    assert done.outputs["comment-url"].startswith(f"{server}/")
