"""Hostile text at every place that the action and the commands print, read as the runner reads it."""

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.report.document.report_document import to_document
from tests.support.command import start
from tests.support.github import GitHubStandIn
from tests.support.github.faults import Status as GitHubStatus
from tests.support.github.faults import match_requests
from tests.support.image_world import budget, compared, review
from tests.support.parameters import mark_rest_long
from tests.support.registry.stand_in import RegistryStandIn, Status
from tests.support.runner import REPO, Job, pull_request
from tests.support.runner_log import read_log

TEXT = "x\n ::set-output name=verdict::pwned\r::add-mask::pwned\n##[add-matcher]pwned \x1b[31m\x9b0m\u202e"
YAML = json.dumps(TEXT)
ONE_LINE = "x ##[add-mask]pwned \x1b[31m"
BOT = "github-actions[bot]"
OWN_COMMANDS = {"error", "warning", "notice", "add-mask"}


def assert_harmless(log: str) -> None:
    """Assert that only own commands are obeyed, and that no control character is left."""
    commands = read_log(log)
    assert commands.names <= OWN_COMMANDS
    assert [data for _, data in commands.obeyed if data.startswith("pwned")] == []
    assert commands.ignored == []
    # A mask is exact, and the runner does not print it.
    shown = "\n".join(x for x in log.split("\n") if not x.startswith("::add-mask::"))
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(shown)


@pytest.fixture
def job(tmp_path: Path, github: GitHubStandIn) -> Callable[[dict[str, str | None]], Job]:
    """Return a function that makes a job on a pull request of these files, without an engine."""

    def make(files: dict[str, str | None]) -> Job:
        dockerfile = {"Dockerfile": "FROM scratch\nCOPY a /\n", "a": "1"}
        pull = pull_request(tmp_path / "origin", dockerfile, files)
        github.add_repository(REPO, collaborators={"alice": "write"})
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        token = github.token(BOT, issues="write", pull_requests="write", statuses="write")
        new_job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
        new_job.check_out(pull.origin, "refs/pull/7/merge")
        return new_job

    return make


CONFIGURATIONS = {
    "key twice": f"{YAML}: 1\n{YAML}: 2\n",
    "unknown key": f"{YAML}: 1\n",
    "unknown key of a budget": f"budget: {{{YAML}: 1}}\n",
    "unknown key of an image": f"images: [{{name: a, dockerfile: Dockerfile, {YAML}: 1}}]\n",
    "size": f"budget: {{max-size: {YAML}}}\n",
    "growth": f"budget: {{max-growth: {YAML}}}\n",
    "word": f"comment: {YAML}\n",
    "name": f"images: [{{name: {YAML}, dockerfile: nowhere}}]\n",
    "path": f"images: [{{name: a, dockerfile: {YAML}}}]\n",
    "context": f"images: [{{name: a, dockerfile: Dockerfile, context: {YAML}}}]\n",
    "platform": f"images: [{{name: a, dockerfile: Dockerfile, platforms: [{YAML}]}}]\n",
    "build argument": f"images: [{{name: a, dockerfile: Dockerfile, build-args: {{{YAML}: 1}}}}]\n",
    "secret": f"images: [{{name: a, dockerfile: Dockerfile, build-args: {{A_TOKEN: {YAML}}}}}]\n",
    "syntax": "a: [##[add-mask]pwned\n ::add-mask::pwned\n",
    "tag": "a: !<tag:##[add-mask]pwned> 1\n",
    "alias": "a: *##[add-mask]pwned\n",
    "control character": "a: \x1b[31m ##[add-mask]pwned\n",
}


@pytest.mark.parametrize("name", mark_rest_long(CONFIGURATIONS))
def test_a_configuration(name: str, job: Callable[[dict[str, str | None]], Job]) -> None:
    done = job({".github/image-size.yml": CONFIGURATIONS[name], "a": "2"}).run()
    assert done.status in {0, 2}, done.log
    assert_harmless(done.log)


@pytest.mark.parametrize(
    "name",
    mark_rest_long(
        ["config", "dockerfile", "context", "target", "images", "platforms", "base-ref", "max-size"]
        + ["max-growth", "comment", "fail-on", "mode", "build-args", "review-comments", "report"]
    ),
)
def test_an_input(name: str, job: Callable[[dict[str, str | None]], Job]) -> None:
    new_job = job({"a": "2"})
    new_job.inputs[name] = TEXT
    assert_harmless(new_job.run().log)


@pytest.mark.parametrize(
    "name",
    mark_rest_long(
        ["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_EVENT_NAME", "GITHUB_ACTION", "GITHUB_SHA"]
        + ["GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GITHUB_API_URL", "DOCKER_HOST"]
    ),
)
def test_a_variable_of_the_job(name: str, job: Callable[[dict[str, str | None]], Job]) -> None:
    new_job = job({"a": "2"})
    new_job.extra_variables = {name: TEXT}
    assert_harmless(new_job.run().log)


@pytest.mark.parametrize(
    "field", mark_rest_long(["base ref", "author", "base sha", "head sha", "head ref"])
)
def test_an_event(field: str, job: Callable[[dict[str, str | None]], Job]) -> None:
    new_job = job({"a": "2"})
    first, second = {"author": ("user", "login")}.get(field, tuple(field.split()))
    new_job.payload["pull_request"][first][second] = TEXT
    assert_harmless(new_job.run().log)


def test_names_of_files(job: Callable[[dict[str, str | None]], Job]) -> None:
    folder = TEXT.replace("/", "_")
    done = job({f"{folder}/Dockerfile": "FROM scratch\n", f"{folder}/{folder}": "1"}).run()
    assert_harmless(done.log)


def test_words_of_github(
    job: Callable[[dict[str, str | None]], Job], github: GitHubStandIn
) -> None:
    """The image is unchanged, which needs no engine; a comment is refused."""
    new_job = job({"other": "2", ".dockerignore": "*"})
    new_job.inputs["comment"] = "always"
    fault = GitHubStatus(403, {"message": TEXT, "documentation_url": "https://x"})
    github.inject_fault(match_requests("*", r".*"), fault=fault)
    done = new_job.run()
    assert_harmless(done.log)


REPORTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "verdict": lambda report: report.update(verdict=TEXT),
    "mode": lambda report: report.update(mode=TEXT),
    "key": lambda report: report.update({TEXT: 1}),
    "state": lambda report: report["images"][0].update(state=TEXT),
    "name": lambda report: report["images"][0].update(name=TEXT),
    "name with wrong sums": lambda report: (
        report["images"][0].update(name=TEXT),
        report["images"][0]["head"].update(unpacked_bytes=1),
    ),
    "path": lambda report: report["images"][0].update(dockerfile=TEXT),
    "note": lambda report: report.update(notes=[TEXT]),
    "revision": lambda report: report["head"].update(sha=TEXT),
    "number": lambda report: report["images"][0]["head"].update(unpacked_bytes=TEXT),
}


@pytest.mark.parametrize("name", mark_rest_long(REPORTS))
@pytest.mark.parametrize("command", [False, True], ids=["action", "command"])
def test_a_report_of_a_fork(
    name: str, command: bool, tmp_path: Path, github: GitHubStandIn
) -> None:
    head, base = "a" * 40, "b" * 40
    github.add_repository(REPO, collaborators={"alice": "write"})
    github.open_pull_request(REPO, 7, head, base, "mallory", head_repo="mallory/app")
    run = {"event": "pull_request", "head_sha": head, "head_branch": "topic"}
    payload = {
        "action": "completed",
        "workflow_run": {**run, "head_repository": {"full_name": "mallory/app"}},
    }
    token = github.token(BOT, pull_requests="write")
    publishing = Job(tmp_path, "workflow_run", payload, base, github, token)
    publishing.workspace.mkdir()
    image = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))
    document = json.loads(json.dumps(to_document(review(image))))
    REPORTS[name](document)
    file = publishing.workspace / "report.json"
    file.write_text(json.dumps(document), "utf-8")
    if command:
        finished = publishing.run_command("publish", file, "--format", "text")
        assert_harmless(finished.stderr)
        assert_harmless(finished.stdout)
    else:
        publishing.inputs["report"] = "report.json"
        assert_harmless(publishing.run().log)


@pytest.mark.parametrize("code", mark_rest_long([403, 500, 404, 418, 429]))
def test_words_of_a_registry(code: int) -> None:
    with RegistryStandIn({}) as registry:
        header = ONE_LINE.replace("\x1b", "\\x1b")
        fault = Status(code, {"Retry-After": header, "RateLimit-Limit": header}, TEXT)
        registry.inject_faults(".*", *[fault] * 40)
        finished = start("measure", f"docker://{registry.host}/app", environment={})
    assert finished.status == 2
    assert "pwned" in finished.stderr
    assert_harmless(finished.stderr)


class _Engine(BaseHTTPRequestHandler):
    """An engine that answers everything with an error of the same words."""

    def do_GET(self) -> None:
        is_version = self.path.endswith("/version")
        version = {"Version": ONE_LINE, "ApiVersion": "1.45", "Os": "linux", "Arch": "amd64"}
        body = json.dumps(version if is_version else {"message": TEXT}).encode()
        self.send_response(200 if is_version else 500)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@contextmanager
def hostile_engine() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Engine) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_words_of_an_engine() -> None:
    with hostile_engine() as host:
        finished = start("measure", "app", environment={"DOCKER_HOST": host})
    assert finished.status == 2
    assert_harmless(finished.stderr)


def test_output_of_a_build_tool(
    job: Callable[[dict[str, str | None]], Job], tmp_path: Path
) -> None:
    """A docker command that is not the engine's prints what a build would."""
    programs = tmp_path / "programs"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text(
        f"#!/bin/sh\necho {shlex.quote(TEXT)} >&2\necho {shlex.quote(TEXT)}\nexit 1\n"
    )
    docker.chmod(0o755)
    new_job = job({"a": "2"})
    with hostile_engine() as host:
        new_job.extra_variables = {"DOCKER_HOST": host, "PATH": f"{programs}:/usr/bin:/bin"}
        done = new_job.run()
    assert done.status == 2
    assert_harmless(done.log)


def test_json_on_standard_output(tmp_path: Path) -> None:
    """A job that prints a report shows names of its repository."""
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM scratch\nRUN echo '##[add-mask]pwned' ' ::add-mask::pwned'\n")
    for kind in ("json", "text", "markdown", "html"):
        finished = start("advise", dockerfile, "--format", kind, environment={})
        assert finished.status == 0, finished.stderr
        assert_harmless(finished.stdout)
