"""What builds need from outside, through the action: there in the build, and nowhere else."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, FinishedJob, Job, pull_request, read_images

SECRET = "hunter2-of-the-tests"
MOUNT = "RUN --mount=type=secret,id=npm,required=true "
BOT = "github-actions[bot]"


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    return overlay2_engine


@pytest.fixture
def python_engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("python:3.12-slim")
    return overlay2_engine


def make_job(
    tmp_path: Path, github: GitHubStandIn, before: dict[str, str], after: dict[str, str]
) -> Job:
    pull = pull_request(tmp_path / "origin", before, after)
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token(BOT, issues="write", pull_requests="write")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.check_out(pull.origin, "refs/pull/7/merge")
    return job


def collect_texts(job: Job, finished: FinishedJob, github: GitHubStandIn) -> str:
    """Return everything that a job wrote, but for the commands that mask its secrets."""
    lines = [x for x in finished.log.splitlines() if not x.startswith("::add-mask::")]
    files = [path for path in job.workspace.glob("image-size-review/**/*") if path.is_file()]
    texts = [path.read_text("utf-8") for path in files]
    comments = [comment.body for comment in github.comments(REPO, 7)]
    return "\n".join([*lines, *texts, *comments, finished.summary, repr(finished.outputs)])


def read_image(job: Job, finished: FinishedJob) -> dict[str, Any]:
    images: list[dict[str, Any]] = list(read_images(job, finished).values())
    assert len(images) == 1
    return images[0]


def test_a_secret_is_in_the_build_and_nowhere_else(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    check = f"test $(cat /run/secrets/npm) = {SECRET[:7]}-of-the-tests"
    files = {"Dockerfile": f"FROM busybox\n{MOUNT}{check}\nCOPY x /x\n", "x": "1"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    job.inputs |= {"secrets": f"npm={SECRET}\nother=unused-secret"}
    finished = job.run(engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    assert f"::add-mask::{SECRET}\n" in finished.log
    texts = collect_texts(job, finished, github)
    assert "--secret id=npm " in texts
    assert "unused-secret" not in texts


def test_a_build_that_prints_its_secret_prints_it_for_nobody(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """A pull request can do that; what it sends elsewhere, nobody can see here."""
    files = {"Dockerfile": f"FROM busybox\n{MOUNT}true\n", "x": "1"}
    prints = "cat /run/secrets/npm; base64 /run/secrets/npm; false"
    job = make_job(tmp_path, github, files, {"Dockerfile": f"FROM busybox\n{MOUNT}{prints}\n"})
    job.inputs |= {"secrets": f"npm={SECRET}"}
    finished = job.run(engine)
    assert finished.status == 2
    texts = collect_texts(job, finished, github)
    assert "***" in texts
    assert SECRET not in texts
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in texts


@pytest.mark.parametrize(("unbuildable", "status"), [("fail", 2), ("warn", 0)])
def test_a_fork_has_no_secrets(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn, unbuildable: str, status: int
) -> None:
    """GitHub gives a fork's job an empty text in place of each secret."""
    files = {"Dockerfile": f"FROM busybox\n{MOUNT}echo {unbuildable}\nCOPY x /x\n", "x": "1"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    job.payload["pull_request"]["head"]["repo"] = {"full_name": "mallory/app", "fork": True}
    job.inputs |= {"secrets": "npm=", "unbuildable-from-forks": unbuildable}
    finished = job.run(engine)
    assert finished.status == status, finished.log
    image = read_image(job, finished)
    assert image["failure"]["kind"] == "secret"
    assert image["reason"] == (
        "secret npm: not found (the secret npm has no value: what it is set to is empty)"
    )


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_GITHUB-TOKEN"])
def test_a_token_of_the_job_is_no_secret(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn, name: str
) -> None:
    job = make_job(tmp_path, github, {"Dockerfile": "FROM busybox\n", "x": "1"}, {"x": "22"})
    job.inputs["secret-envs"] = f"npm={name}"
    finished = job.run(engine)
    assert finished.status == 2
    assert "secret-envs: item 1: " in finished.log
    assert job.token not in collect_texts(job, finished, github)


def test_a_link_of_a_pull_request_leads_to_no_token(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """The workflow names a file of the checkout, which the pull request makes a link."""
    files = {"Dockerfile": f"FROM busybox\n{MOUNT}true\nCOPY x /x\n", "x": "1", ".npmrc": "a=1234"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    (job.workspace / ".npmrc").unlink()
    (job.workspace / ".npmrc").symlink_to(".git/config")
    job.inputs["secret-files"] = "npm=.npmrc"
    finished = job.run(engine)
    assert finished.status == 2
    assert "The file '.npmrc' cannot be the secret npm." in finished.log


# Asks the agent for its keys, as `ssh-add -l` does, and prints them (draft-miller-ssh-agent).
LIST_KEYS = """
import os, socket
agent = socket.socket(socket.AF_UNIX)
agent.connect(os.environ["SSH_AUTH_SOCK"])
agent.sendall(bytes([0, 0, 0, 1, 11]))
answer = agent.makefile("rb")
print(answer.read(int.from_bytes(answer.read(4), "big")))
"""


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the variables of an SSH agent with the key `key` of the folder."""
    socket, key = tmp_path / "agent", tmp_path / "key"
    variables = {"SSH_AUTH_SOCK": str(socket)}
    options = ["-q", "-t", "ed25519", "-N", "", "-C", "key-of-the-tests"]
    subprocess.run(["ssh-keygen", *options, "-f", key], check=True)
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL) as process:
        while not socket.exists():
            assert process.poll() is None, "the agent has ended"
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", key], check=True, env={**os.environ, **variables})
        yield variables
        process.terminate()


@pytest.mark.parametrize("entry", ["default", "github=.key"])
def test_a_build_asks_an_ssh_agent_for_its_keys(
    python_engine: PrivateEngine,
    tmp_path: Path,
    github: GitHubStandIn,
    agent: Mapping[str, str],
    entry: str,
) -> None:
    """The agent of the job, and a key by itself, which buildx makes an agent of."""
    name = entry.partition("=")[0]
    mount = f"RUN --mount=type=ssh,id={name},required=true python3 /list-keys"
    dockerfile = f"FROM python:3.12-slim\nCOPY list-keys /\n{mount} > /keys\nCOPY x /x\n"
    check = "RUN grep -q ssh-ed25519 /keys\n"
    files = {"Dockerfile": dockerfile + check, "list-keys": LIST_KEYS, "x": "1"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    key = (tmp_path / "key").read_text()
    (job.workspace / ".key").write_text(key)
    job.inputs["ssh"] = entry
    job.extra_variables = agent
    finished = job.run(python_engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    secret_line = key.splitlines()[1]
    assert secret_line not in collect_texts(job, finished, github)


def test_named_contexts_and_commands_before_the_build(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """What the commands make, and what is in the named context, is of each side's own files."""
    dockerfile = "FROM busybox\nCOPY --from=shared lib /lib.bin\nCOPY dist /dist\n"
    before = {"app/Dockerfile": dockerfile, "libs/lib": "1", "size": "1000"}
    job = make_job(tmp_path, github, before, {"libs/lib": "4444", "size": "3000"})
    commands = ["mkdir app/dist", "head -c $(cat size) /dev/zero > app/dist/x"]
    preparation = json.dumps({"image": "busybox", "run": commands})
    job.inputs |= {"build-contexts": "shared=libs", "prepare": preparation}
    finished = job.run(engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "2003"), finished.log
    (note,) = [x for x in read_image(job, finished)["notes"] if x.startswith("Prepared")]
    assert note.startswith("Prepared in both revisions with busybox in ")
    assert note.endswith("s: mkdir app/dist; head -c $(cat size) /dev/zero > app/dist/x")


def test_a_proxy_of_builds_is_a_build_argument(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """BuildKit knows it without ARG."""
    proxy = "http://proxy.test:3128"
    files = {"Dockerfile": f"FROM busybox\nRUN test $HTTPS_PROXY = {proxy}\nCOPY x /x\n", "x": "1"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    job.inputs |= {"build-args": f"HTTPS_PROXY={proxy}"}
    finished = job.run(engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log


def test_a_pull_request_sets_no_secret_and_no_command(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    config = (
        "images:\n  - name: api\n    dockerfile: Dockerfile\n    secret-envs: {npm: OTHER_SECRET}\n"
        "    prepare: {image: busybox, run: [touch made]}\n"
    )
    files = {"Dockerfile": "FROM busybox\nRUN --mount=type=secret,id=npm true\nCOPY . /x\n"}
    changed = {".github/image-size.yml": config, "x": "22"}
    steals = f"FROM busybox\n{MOUNT}echo steal\nCOPY . /x\n"
    job = make_job(tmp_path, github, files, {**changed, "Dockerfile": steals})
    job.extra_variables = {"OTHER_SECRET": SECRET}
    finished = job.run(engine)
    image = read_image(job, finished)
    assert (finished.status, image["failure"]["kind"]) == (2, "secret"), finished.log
    assert "prepare with" not in finished.log
