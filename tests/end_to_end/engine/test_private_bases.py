"""Base images of a registry that asks for a login: what lets them build, and where the login is not."""

import base64
import html
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.end_to_end.engine.test_needs_of_builds import collect_texts, make_job, read_image
from tests.support.action_image import build_action_image
from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.github.authority import Authority
from tests.support.process_list import ProcessListWatch
from tests.support.registry.debian import DebianRegistry
from tests.support.registry.stand_in import IDENTITY, PASSWORD, USER, make_docker_config
from tests.support.registry.token_server import TokenServer
from tests.support.repository import Repository
from tests.support.runner import FinishedJob, Job

PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, PAIR.rstrip("="), IDENTITY)
# Nothing of the login is in the variables or the files of a RUN.
SEARCH = (
    "RUN ! env | grep -i -e docker -e auth -e buildx && "
    f"! grep -rl -e '{PASSWORD[:6]}[:]' -e '{PAIR[:-6]}[{PAIR[-6]}]' /etc /home /root /run /tmp /var"
)


@dataclass(frozen=True)
class PrivateImage:
    """An image of a private registry, which the engine does not have."""

    name: str
    host: str
    auth: str = ""

    @property
    def login(self) -> str:
        """Return the input `registry-auth` for it."""
        return f"- registry: {self.host}\n  username: {USER}\n  password: '{PASSWORD}'\n"

    @property
    def files(self) -> dict[str, str]:
        return {"Dockerfile": f"FROM {self.name}\n{SEARCH}\nCOPY x /x\n", "x": "1"}


@contextmanager
def private_image(
    engine: PrivateEngine, folder: Path, auth: str, authority: Authority | None = None
) -> Iterator[PrivateImage]:
    """Serve an image behind a login; with an authority, tokens are served over TLS."""
    engine.ensure("busybox")
    for name in ("registry", "client"):
        (folder / name).mkdir()
    with DebianRegistry(folder / "registry") as open_registry:
        pushed = f"{open_registry.host}/team/base:1"
        engine.docker("tag", "busybox", pushed)
        engine.docker("push", pushed)
        engine.docker("rmi", pushed)
    with ExitStack() as stack:
        tls = authority.context() if authority else None
        tokens = stack.enter_context(TokenServer(folder, tls)) if auth == "bearer" else None
        registry = DebianRegistry(folder / "registry", auth=auth, tokens=tokens)
        stack.enter_context(registry)
        yield PrivateImage(f"{registry.host}/team/base:1", registry.host, auth)


# The engine does the same for both; `bearer` has one more server, that of the tokens.
@pytest.fixture(params=[pytest.param("basic", marks=pytest.mark.long), "bearer"])
def base(
    overlay2_engine: PrivateEngine, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[PrivateImage]:
    with private_image(overlay2_engine, tmp_path, request.param) as image:
        yield image


@pytest.fixture(scope="module")
def action_image(overlay2_engine: PrivateEngine) -> str:
    return build_action_image(overlay2_engine)


def fetch_all(job: Job) -> None:
    """Fetch what a shallow checkout lacks: a container does not see the folder of the remote."""
    checkout = Repository(job.workspace)
    checkout.git("fetch", "--quiet", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*")


def check_secrecy(job: Job, finished: FinishedJob, github: GitHubStandIn) -> str:
    """Return all that a job wrote, which has nothing of a login."""
    texts = collect_texts(job, finished, github)
    assert [x for x in SECRETS if x in texts] == []
    return texts


def read_advised_lines(finished: FinishedJob) -> str:
    """Return the input that a report says to add, as somebody copies it from the page."""
    (block,) = re.findall(
        r"<pre><code>(registry-auth.*?)</code></pre>", finished.summary, re.DOTALL
    )
    inputs: dict[str, str] = YAML(typ="safe").load(html.unescape(block))
    return inputs["registry-auth"]


def test_what_a_refused_build_says_to_add_lets_it_pass(
    base: PrivateImage,
    overlay2_engine: PrivateEngine,
    action_image: str,
    github: GitHubStandIn,
    tmp_path: Path,
) -> None:
    """In the container that the runner starts, with the lines of its own report."""
    job = make_job(tmp_path, github, base.files, {"x": "22"})
    fetch_all(job)
    refused = job.run_container(overlay2_engine, action_image)
    assert refused.status == 2, refused.log
    failure = read_image(job, refused)["failure"]
    assert (failure["kind"], failure["subject"]) == ("login", base.host)
    lines = read_advised_lines(refused)
    settings = {"vars.REGISTRY_USERNAME": USER, "secrets.REGISTRY_PASSWORD": f"'{PASSWORD}'"}
    job.inputs["registry-auth"] = re.sub(
        r"\$\{\{ (.+?) \}\}", lambda match: settings[match[1]], lines
    )
    with ProcessListWatch(SECRETS) as watch:
        passed = job.run_container(overlay2_engine, action_image)
    assert (passed.status, passed.outputs["delta"]) == (0, "1"), passed.log
    assert watch.hits == set()
    assert any(b"docker" in program for program in watch.programs)
    assert f"::add-mask::{PASSWORD}\n" in passed.log
    check_secrecy(job, passed, github)
    assert [path.name for path in job.runner_temp.rglob("*") if path.name == "config.json"] == []


def test_a_folder_that_the_runner_mounts_is_read_and_not_written_to(
    base: PrivateImage,
    overlay2_engine: PrivateEngine,
    action_image: str,
    github: GitHubStandIn,
    tmp_path: Path,
) -> None:
    """As docker/login-action leaves it, with a helper that the action's image does not have."""
    job = make_job(tmp_path, github, base.files, {"x": "22"})
    fetch_all(job)
    folder = job.runner_temp / "docker"
    (folder / "buildx/instances").mkdir(parents=True)
    document = {**json.loads(make_docker_config(base.host)), "credsStore": "desktop"}
    (folder / "config.json").write_text(json.dumps(document))
    before = list_files(folder)
    job.extra_variables = {"DOCKER_CONFIG": "/github/runner_temp/docker"}
    finished = job.run_container(overlay2_engine, action_image)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    assert list_files(folder) == before
    check_secrecy(job, finished, github)


def list_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return modes and times of all that is in a folder."""
    paths = (folder, *folder.rglob("*"))
    return {str(path): (path.stat().st_mode, path.stat().st_mtime_ns) for path in paths}


def test_the_variable_of_docker_is_read(
    base: PrivateImage, overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    job = make_job(tmp_path, github, base.files, {"x": "22"})
    logins = make_docker_config(base.host, identity=base.auth == "bearer")
    job.extra_variables = {"DOCKER_AUTH_CONFIG": logins}
    finished = job.run(overlay2_engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    check_secrecy(job, finished, github)


def test_a_login_that_the_registry_refuses_is_named(
    base: PrivateImage, overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    job = make_job(tmp_path, github, base.files, {"x": "22"})
    job.inputs["registry-auth"] = base.login.replace(PASSWORD, "expired-password")
    finished = job.run(overlay2_engine)
    assert finished.status == 2, finished.log
    failure = read_image(job, finished)["failure"]
    assert (failure["kind"], failure["subject"]) == ("login-refused", base.host)
    texts = check_secrecy(job, finished, github)
    assert "expired-password" not in texts
    assert "it refuses the login from registry-auth or DOCKER_AUTH_CONFIG" in texts


def test_the_command_line_names_a_file(
    base: PrivateImage, overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit({**base.files})
    (tmp_path / "logins.yml").write_text(base.login)
    options = ("--rev", "main", "--format", "json", "--registry-auth", tmp_path / "logins.yml")
    with ProcessListWatch(SECRETS) as watch:
        ended = start(
            *("audit", "--repo", repository.path, *options), environment=overlay2_engine.environment
        )
    assert ended.status == 0, ended.stderr
    assert watch.hits == set()
    assert [secret for secret in SECRETS if secret in ended.stdout + ended.stderr] == []


def test_commands_before_a_build_run_in_a_private_image(
    base: PrivateImage, overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    files = {"Dockerfile": "FROM busybox\nCOPY x /x\n", "x": "1"}
    job = make_job(tmp_path, github, files, {"x": "22"})
    job.inputs["prepare"] = json.dumps({"image": base.name, "run": ["env; touch made"]})
    refused = job.run(overlay2_engine)
    failure = read_image(job, refused)["failure"]
    assert (failure["kind"], failure["subject"]) == ("login", base.host)
    job.inputs["registry-auth"] = base.login
    finished = job.run(overlay2_engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    check_secrecy(job, finished, github)


def test_a_fork_has_no_login(
    base: PrivateImage, overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    job = make_job(tmp_path, github, base.files, {"x": "22"})
    job.payload["pull_request"]["head"]["repo"] = {"full_name": "mallory/app", "fork": True}
    login = f"- registry: {base.host}\n  username: \n  password: ''\n"
    job.inputs |= {"registry-auth": login, "unbuildable-from-forks": "warn"}
    finished = job.run(overlay2_engine)
    assert (finished.status, finished.outputs["verdict"]) == (0, "warn"), finished.log
    assert f"the login for {base.host} in registry-auth" in read_image(job, finished)["reason"]


def test_a_helper_that_is_not_installed_keeps_nobody_from_a_public_image(
    overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    with private_image(overlay2_engine, tmp_path, "") as public:
        job = make_job(tmp_path, github, public.files, {"x": "22"})
        document: dict[str, Any] = {"credHelpers": {public.host: "nowhere"}}
        (tmp_path / "client/config.json").write_text(json.dumps(document))
        plugins = tmp_path / "client/cli-plugins"
        plugins.symlink_to(overlay2_engine.paths.client / "cli-plugins")
        engine = {**overlay2_engine.environment, "DOCKER_CONFIG": str(tmp_path / "client")}
        finished = job.start(engine).wait()
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    assert "warning: docker-credential-nowhere, which " in finished.log
    assert ", is not installed here" in finished.log
    (note,) = [x for x in read_image(job, finished)["notes"] if "docker-credential" in x]
    assert note.startswith("Built although docker-credential-nowhere, which ")
    assert "pass the login with registry-auth" in note


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_a_token_service_with_an_authority_of_its_own(
    variable: str, overlay2_engine: PrivateEngine, github: GitHubStandIn, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with private_image(overlay2_engine, tmp_path, "bearer", authority) as base:
        job = make_job(tmp_path, github, base.files, {"x": "22"})
        job.inputs["registry-auth"] = base.login
        job.extra_variables = {variable: str(authority.certificate)}
        finished = job.run(overlay2_engine)
    assert (finished.status, finished.outputs["delta"]) == (0, "1"), finished.log
    check_secrecy(job, finished, github)
