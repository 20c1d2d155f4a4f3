"""The configuration that the docker command gets: a copy with all logins, as long as a run lasts."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.client_folder import ClientFolder
from bot.adapters.registry.client_logins import AUTH_VARIABLE
from bot.adapters.registry.login_entries import Credentials, make_entry
from bot.adapters.temporary_folders import sweep_dead_folders
from bot.line.pins import Pins

ANN, BOB = (
    make_entry(Credentials("ann", "s3cret-ann")),
    make_entry(Credentials("bob", "s3cret-bob")),
)
ROOT = Path(__file__).parents[4]
HUB = "https://index.docker.io/v1/"


def ignore(texts: Iterable[str]) -> None:
    """Announce and warn nobody."""
    list(texts)


def pin(names: Iterable[str]) -> Pins:
    """Return external images that the engine does not have."""
    return Pins(unresolved=dict.fromkeys(names, ""))


def write_config(folder: Path, document: object) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(document), "utf-8")
    return {"DOCKER_CONFIG": str(folder), "PATH": os.environ["PATH"]}


def read_config(client: ClientFolder) -> dict[str, Any]:
    path = Path(client.environment["DOCKER_CONFIG"], "config.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return all that is in a folder, with modes and times."""
    return {
        str(path): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (folder, *folder.rglob("*"))
    }


def test_the_copy_has_all_logins_and_the_rest_of_the_users_file(tmp_path: Path) -> None:
    file = {"auths": {"a.b": ANN, "c.d": ANN}, "proxies": {"default": {}}, "currentContext": "x"}
    environment = write_config(tmp_path, file)
    environment[AUTH_VARIABLE] = json.dumps({"auths": {"c.d": BOB, "index.docker.io": BOB}})
    client = ClientFolder(environment, ignore, ignore)
    copy = read_config(client)
    client.close()
    assert copy["auths"] == {"a.b": ANN, "c.d": BOB, HUB: BOB}
    assert (copy["proxies"], copy["currentContext"]) == ({"default": {}}, "x")
    assert str(tmp_path / "cli-plugins") in copy["cliPluginsExtraDirs"]


def test_the_file_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    client = ClientFolder(write_config(tmp_path, {"auths": {"a.b": ANN}}), ignore, ignore)
    folder = Path(client.environment["DOCKER_CONFIG"])
    assert stat.S_IMODE((folder / "config.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    client.log_in(pin(["a.b/app"]))
    assert stat.S_IMODE((folder / "config.json").stat().st_mode) == 0o600
    client.close()
    assert not folder.parent.exists()


KILLED_RUN = """
import os
from bot.adapters.docker.client_folder import ClientFolder
client = ClientFolder(os.environ, list, list)
assert client.environment
os.kill(os.getpid(), 9)
"""


def test_a_run_that_is_killed_leaves_it_to_the_next_one(tmp_path: Path) -> None:
    logins = json.dumps({"auths": {"a.b": ANN}})
    environment = {AUTH_VARIABLE: logins, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN], env=environment, check=False)
    assert killed.returncode == -9
    (config,) = tmp_path.rglob("config.json")
    assert ANN["auth"] in config.read_text("utf-8")
    sweep_dead_folders(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_folder_is_only_read(tmp_path: Path) -> None:
    environment = write_config(tmp_path, {"auths": {"a.b": ANN}})
    builders = tmp_path / "buildx"
    for name in ("instances/mine", "defaults/1", "current", "refs/mine/0/x", "activity/mine"):
        (builders / name).parent.mkdir(parents=True, exist_ok=True)
        (builders / name).write_text(name)
    before = snapshot(tmp_path)
    client = ClientFolder(environment, ignore, ignore)
    copy = Path(client.environment["BUILDX_CONFIG"])
    copied = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    (copy / "current").write_text("changed")
    (copy / "instances/mine").write_text("changed")
    client.close()
    assert copied == {"instances/mine", "defaults/1", "current"}
    assert snapshot(tmp_path) == before


def test_builders_are_those_that_buildx_config_names(tmp_path: Path) -> None:
    environment = write_config(tmp_path / "docker", {})
    (tmp_path / "builders/instances").mkdir(parents=True)
    (tmp_path / "builders/instances/mine").write_text("{}")
    client = ClientFolder(
        {**environment, "BUILDX_CONFIG": str(tmp_path / "builders")}, ignore, ignore
    )
    assert Path(client.environment["BUILDX_CONFIG"], "instances/mine").read_text() == "{}"
    client.close()


def test_contexts_are_found(tmp_path: Path) -> None:
    environment = write_config(tmp_path, {"currentContext": "mine"})
    (tmp_path / "contexts/meta").mkdir(parents=True)
    (tmp_path / "contexts/meta/x").write_text("mine")
    client = ClientFolder(environment, ignore, ignore)
    assert Path(client.environment["DOCKER_CONFIG"], "contexts/meta/x").read_text() == "mine"
    client.close()
    assert (tmp_path / "contexts/meta/x").exists()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"DOCKER_TLS_VERIFY": "1"}, "the folder of the configuration"),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}, "/certs"),
    ],
)
def test_certificates_of_an_engine_stay_where_they_are(
    variables: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    client = ClientFolder({**write_config(tmp_path, {}), **variables}, ignore, ignore)
    path = client.environment.get("DOCKER_CERT_PATH")
    client.close()
    assert path == (str(tmp_path) if expected and expected.startswith("the ") else expected)


def test_no_program_gets_the_logins_in_a_variable(tmp_path: Path) -> None:
    text = json.dumps({"auths": {"a.b": ANN}})
    variables = {AUTH_VARIABLE: text, "INPUT_REGISTRY-AUTH": "s3cret", "HOME": str(tmp_path)}
    client = ClientFolder(variables, ignore, ignore)
    environment = dict(client.environment)
    client.close()
    assert AUTH_VARIABLE not in environment
    assert not any("s3cret" in value or ANN["auth"] in value for value in environment.values())


def test_helpers_that_are_not_installed_are_left_out_and_said(tmp_path: Path) -> None:
    helper = tmp_path / "docker-credential-standin"
    answer = json.dumps({"Username": "helper", "Secret": "s3cret-of-helper"})
    helper.write_text(f"#!/bin/sh\ncat >/dev/null; echo '{answer}'\n")
    helper.chmod(0o755)
    helpers = {"a.b": "standin", "c.d": "nowhere", "e.f": "standin"}
    environment = write_config(tmp_path, {"credHelpers": helpers, "credsStore": "desktop"})
    environment["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    announced: list[str] = []
    warned: list[str] = []
    client = ClientFolder(environment, announced.extend, warned.append)
    problems = client.log_in(pin(["a.b/app", "c.d/app:1"]))
    client.log_in(pin(["c.d/app:2"]))
    client.log_in(pin(["a.b/app", "c.d/app:1"]))
    copy = read_config(client)
    client.close()
    assert len(problems) == 1
    assert warned == [f"warning: {problems[0]}"]
    assert problems[0].startswith("docker-credential-nowhere, which ")
    assert "registry-auth" in problems[0]
    assert copy["credsStore"] == ""
    assert copy["credHelpers"] == {"a.b": "", "e.f": "standin"}
    assert copy["auths"] == {"a.b": make_entry(Credentials("helper", "s3cret-of-helper"))}
    assert "s3cret-of-helper" in announced


def test_a_login_of_the_variable_is_not_asked_of_a_helper(tmp_path: Path) -> None:
    helper = tmp_path / "docker-credential-standin"
    helper.write_text("#!/bin/sh\nexit 1\n")
    helper.chmod(0o755)
    environment = write_config(tmp_path, {"credsStore": "standin"})
    environment["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    client = ClientFolder(
        {**environment, AUTH_VARIABLE: json.dumps({"auths": {"a.b": ANN}})}, ignore, ignore
    )
    copy = read_config(client)
    client.close()
    assert (copy["credsStore"], copy["credHelpers"]) == ("standin", {"a.b": ""})


def test_an_image_that_the_engine_has_needs_no_login() -> None:
    auths = {"a.b/one": ANN, "a.b/two": BOB}
    client = ClientFolder({AUTH_VARIABLE: json.dumps({"auths": auths})}, ignore, ignore)
    stored = Pins(resolved={"a.b/one/app": "image-size-review/pin:1"}, diff_ids={"a.b/one/app": ()})
    client.log_in(stored.merge(pin(["a.b/two/app"])))
    assert read_config(client)["auths"] == {"a.b": BOB}
    client.close()


def test_a_build_gets_the_login_of_its_repository() -> None:
    auths = {"a.b/one": ANN, "a.b/two": BOB}
    client = ClientFolder({AUTH_VARIABLE: json.dumps({"auths": auths})}, ignore, ignore)
    assert client.log_in(pin(["a.b/two/app", "not a name", "debian"])) == ()
    assert read_config(client)["auths"] == {"a.b": BOB}
    assert client.find_login("a.b").origin == "registry-auth or DOCKER_AUTH_CONFIG"
    (problem,) = client.log_in(pin(["a.b/one/app", "a.b/two/app"]))
    assert read_config(client)["auths"] == {"a.b": ANN}
    client.close()
    assert problem.startswith("a.b/two/app needs another login for a.b than an earlier image")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_authority_of_a_company_reaches_the_client(name: str, tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("company")
    client = ClientFolder({name: str(bundle)}, ignore, ignore)
    assert client.environment["SSL_CERT_FILE"] == str(bundle)
    client.close()


def test_a_further_authority_is_added_to_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "company.pem").write_text("company")
    client = ClientFolder({"NODE_EXTRA_CA_CERTS": str(tmp_path / "company.pem")}, ignore, ignore)
    path = Path(client.environment["SSL_CERT_FILE"])
    content = path.read_text()
    client.close()
    assert content.endswith("company\n")
    assert "BEGIN CERTIFICATE" in content
    assert not path.exists()


def test_a_folder_that_is_out_of_reach_is_named() -> None:
    client = ClientFolder({"DOCKER_CONFIG": "/home/runner/.docker"}, ignore, ignore)
    client.log_in(pin(["a.b/app"]))
    login = client.find_login("a.b")
    client.close()
    assert login.problem.startswith(
        "DOCKER_CONFIG names /home/runner/.docker, which does not exist"
    )
