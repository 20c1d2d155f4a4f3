"""The logins that are login, from wherever the docker command keeps them."""

import base64
import json
import os
from pathlib import Path

import pytest

from bot.adapters.registry import login_entries as entries
from bot.adapters.registry.client_logins import AUTH_VARIABLE, ClientLogins
from bot.adapters.registry.login_entries import Credentials
from bot.adapters.registry.login_variable import add_logins
from bot.errors import InputError, RegistryError
from bot.model.registry_login import RegistryLogin

ANN = Credentials("ann", "s3cret:with:colons")


def encode(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


def make_entry(credentials: Credentials) -> dict[str, str]:
    return {"auth": encode(f"{credentials.username}:{credentials.password}")}


def make_variable(auths: object, **keys: object) -> dict[str, str]:
    return {AUTH_VARIABLE: json.dumps({"auths": auths, **keys})}


def write_file(folder: Path, document: object) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(document), "utf-8")
    return {"DOCKER_CONFIG": str(folder)}


def write_helper(folder: Path, script: str) -> str:
    """Write the helper `standin` and return a PATH with it."""
    path = folder / "docker-credential-standin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def find(
    environment: dict[str, str], host: str, repository: str = "team/app"
) -> Credentials | None:
    return ClientLogins(environment).find(host, repository).credentials


@pytest.mark.parametrize(
    "entry",
    [
        make_entry(ANN),
        {"username": ANN.username, "password": ANN.password},
        {"auth": encode(f"ann:{ANN.password}\0\0")},
        {"auth": encode(f"ann:{ANN.password}"), "email": "a@b"},
    ],
)
def test_a_login_in_each_of_its_forms(entry: dict[str, str]) -> None:
    assert find(make_variable({"ghcr.io": entry}), "ghcr.io") == ANN


def test_an_identity_token_stands_for_name_and_password() -> None:
    entry = {**make_entry(ANN), "identitytoken": "token"}
    login = find(make_variable({"ghcr.io": entry}), "ghcr.io")
    assert login == Credentials(identity_token="token")


def test_a_token_of_a_registry_is_kept_as_it_is() -> None:
    environment = make_variable({"ghcr.io": {**make_entry(ANN), "registrytoken": "token"}})
    credentials = find(environment, "ghcr.io")
    assert credentials == Credentials(registry_token="token")
    assert entries.make_entry(credentials) == {"registrytoken": "token"}
    expected = {"serveraddress": "ghcr.io", "registrytoken": "token"}
    assert entries.to_engine_login(credentials, "ghcr.io") == expected
    assert ClientLogins(environment).list_secrets() == ("token",)


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (None, {}),
        (ANN, {"username": "ann", "password": ANN.password}),
        (Credentials(identity_token="token"), {"identitytoken": "token"}),
    ],
)
def test_the_engine_gets_logins_in_its_own_form(
    credentials: Credentials | None, expected: dict[str, str]
) -> None:
    server = {"serveraddress": "https://index.docker.io/v1/"} if credentials else {}
    assert entries.to_engine_login(credentials, "docker.io") == {**server, **expected}


@pytest.mark.parametrize(
    "key",
    [
        *("docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/"),
        *("index.docker.io/v1/", "https://index.docker.io/v2/", "https://registry-1.docker.io"),
    ],
)
def test_docker_hub_has_many_names(key: str) -> None:
    assert find(make_variable({key: make_entry(ANN)}), "docker.io", "library/debian") == ANN


@pytest.mark.parametrize(
    ("key", "host", "is_found"),
    [
        ("localhost:5000", "localhost:5000", True),
        ("localhost:5000", "localhost:5001", False),
        ("localhost:5000", "localhost", False),
        ("localhost", "localhost:5000", False),
        ("http://localhost:5000/v2/", "localhost:5000", True),
        ("GHCR.io", "ghcr.io", True),
        ("ghcr.io.evil.example", "ghcr.io", False),
        ("[::1]:5000", "[::1]:5000", True),
    ],
)
def test_a_login_is_for_one_host_and_port(key: str, host: str, is_found: bool) -> None:
    assert (find(make_variable({key: make_entry(ANN)}), host) == ANN) is is_found


def test_the_longest_path_of_a_key_wins() -> None:
    logins = {
        "r.example": make_entry(Credentials("host", "x")),
        "r.example/team": make_entry(Credentials("team", "x")),
        "r.example/team/app": make_entry(Credentials("app", "x")),
    }
    names = {
        repository: credentials.username
        for repository in ("team/app", "team/app/sub", "team/apple", "team", "other/app")
        if (credentials := find(make_variable(logins), "r.example", repository))
    }
    assert names == {
        "team/app": "app",
        "team/app/sub": "app",
        "team/apple": "team",
        "team": "team",
        "other/app": "host",
    }


def test_an_only_login_with_another_path_is_taken_as_docker_takes_it(tmp_path: Path) -> None:
    environment = write_file(tmp_path, {"auths": {"r.example/team": make_entry(ANN)}})
    assert find(environment, "r.example", "other/app") == ANN


@pytest.mark.parametrize(
    "entry", [{}, {"auth": ""}, {"auth": encode("ann:")}, {"username": "ann", "password": ""}]
)
def test_an_empty_login_is_none_and_said(entry: dict[str, str]) -> None:
    login = ClientLogins(make_variable({"ghcr.io": entry})).find("ghcr.io")
    assert login.credentials is None
    assert login.problem == "the login for ghcr.io in registry-auth or DOCKER_AUTH_CONFIG is empty"


def test_an_empty_login_of_the_variable_leaves_it_to_the_file(tmp_path: Path) -> None:
    environment = write_file(tmp_path, {"auths": {"ghcr.io": make_entry(ANN)}})
    assert find({**environment, **make_variable({"ghcr.io": {}})}, "ghcr.io") == ANN


@pytest.mark.parametrize("text", ["", "  ", "{}", '{"auths": {}}', '{"auths": null}'])
def test_a_variable_without_logins_is_none(text: str) -> None:
    login = ClientLogins({AUTH_VARIABLE: text, "HOME": "/nowhere"}).find("ghcr.io")
    assert (login.credentials, login.problem) == (None, "")


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        "[]",
        '{"auths": [1]}',
        '{"auths": {"a": "s3cret"}}',
        '{"auths": {"a": {"auth": "s3cret"}}}',
    ],
)
def test_a_broken_variable_is_an_error_without_its_values(text: str) -> None:
    with pytest.raises(RegistryError) as caught:
        ClientLogins({AUTH_VARIABLE: text}).find("ghcr.io")
    assert "DOCKER_AUTH_CONFIG" in caught.value.fix
    assert "s3cret" not in str(caught.value)


def test_the_variable_comes_before_a_helper_and_a_helper_before_the_file(tmp_path: Path) -> None:
    answer = json.dumps({"Username": "helper", "Secret": "x"})
    path = write_helper(tmp_path, f"cat >/dev/null; echo '{answer}'")
    file = write_file(tmp_path, {"auths": {"a.b": make_entry(ANN)}, "credsStore": "standin"})
    environment = {**file, "PATH": path}
    assert find(environment, "a.b") == Credentials("helper", "x")
    assert find({**environment, **make_variable({"a.b": make_entry(ANN)})}, "a.b") == ANN


def test_a_helper_is_asked_for_its_server_with_the_variables_of_the_step(tmp_path: Path) -> None:
    script = """printf '{"Username": "%s", "Secret": "%s"}' "$(cat)" "$AWS_SECRET_ACCESS_KEY" """
    environment = write_file(tmp_path, {"credHelpers": {"https://index.docker.io/v1/": "standin"}})
    environment |= {"PATH": write_helper(tmp_path, script), "AWS_SECRET_ACCESS_KEY": "key"}
    assert find(environment, "docker.io") == Credentials("https://index.docker.io/v1/", "key")
    assert find(environment, "ghcr.io") is None


def test_a_helper_that_is_not_installed_is_said_and_no_error(tmp_path: Path) -> None:
    environment = write_file(tmp_path, {"credHelpers": {"a.b": "nowhere"}})
    login = ClientLogins(environment).find("a.b")
    assert login.credentials is None
    assert login.problem == (
        f"docker-credential-nowhere, which {tmp_path / 'config.json'} names for a.b, "
        "is not installed here"
    )


def test_a_helper_that_fails_is_an_error_but_for_a_build(tmp_path: Path) -> None:
    environment = write_file(tmp_path, {"credsStore": "standin"})
    environment["PATH"] = write_helper(tmp_path, "echo broken; exit 1")
    with pytest.raises(RegistryError, match="broken"):
        ClientLogins(environment).find("a.b")
    assert ClientLogins(environment).try_find("a.b").problem == (
        "the credentials for a.b cannot be read: docker-credential-standin failed: broken; "
        f"check {tmp_path / 'config.json'}, or log in again"
    )


def test_a_broken_variable_is_said_by_a_build() -> None:
    login = ClientLogins({AUTH_VARIABLE: "{"}).try_find("a.b")
    assert login.credentials is None
    assert "it is not JSON" in login.problem
    assert "DOCKER_AUTH_CONFIG" in login.problem


@pytest.mark.parametrize(
    ("folder", "repository", "is_found"),
    [
        ("a.b", "team/app", True),
        ("a.b/team/app", "team/app", True),
        ("a.b/team/app", "team/other", False),
        ("a.b/team/app@push", "team/app", False),
        ("a.b/team/app@pull,push", "team/app", True),
        ("registry-1.docker.io/team/app", "team/app", False),
    ],
)
def test_a_login_with_a_scope_is_found_where_login_action_puts_it(
    folder: str, repository: str, is_found: bool, tmp_path: Path
) -> None:
    at = tmp_path / "buildx/config" / folder
    write_file(at, {"auths": {folder.partition("/")[0].partition("@")[0]: make_entry(ANN)}})
    for environment in (
        {"BUILDX_CONFIG": str(tmp_path / "buildx")},
        {"DOCKER_CONFIG": str(tmp_path)},
    ):
        assert (find(environment, "a.b", repository) == ANN) is is_found


def test_a_login_with_a_scope_on_docker_hub(tmp_path: Path) -> None:
    at = tmp_path / "buildx/config/registry-1.docker.io/team/app"
    write_file(at, {"auths": {"https://index.docker.io/v1/": make_entry(ANN)}})
    environment = {"DOCKER_CONFIG": str(tmp_path)}
    assert find(environment, "docker.io", "team/app") == ANN
    assert find(environment, "docker.io", "library/debian") is None


def test_all_secrets_are_known_for_masking() -> None:
    token = {"identitytoken": "a-token"}
    logins = ClientLogins(make_variable({"a.b": make_entry(ANN), "c.d": token}))
    assert set(logins.list_secrets()) == {ANN.password, f"ann:{ANN.password}", "a-token"}
    assert "s3cret" not in repr(logins.find("a.b"))


def test_logins_of_the_input_win_over_the_variable() -> None:
    before = make_variable({"docker.io": {"auth": "x"}, "c.d": make_entry(ANN)})
    environment = dict(add_logins(before, [RegistryLogin("index.docker.io", "bob", "new")]))
    assert find(environment, "docker.io") == Credentials("bob", "new")
    assert find(environment, "c.d") == ANN


def test_a_login_of_the_input_without_a_password_replaces_none() -> None:
    empty = RegistryLogin("a.b", "ann", "")
    assert find(dict(add_logins(make_variable({"a.b": make_entry(ANN)}), [empty])), "a.b") == ANN
    assert "is empty" in ClientLogins(add_logins({}, [empty])).find("a.b").problem


def test_a_login_of_the_input_may_be_for_a_repository() -> None:
    logins = [RegistryLogin("a.b", "team", "x", "team"), RegistryLogin("a.b", "rest", "x")]
    environment = dict(add_logins({}, logins))
    assert find(environment, "a.b", "team/app") == Credentials("team", "x")
    assert find(environment, "a.b", "other/app") == Credentials("rest", "x")


def test_the_input_cannot_be_added_to_a_broken_variable() -> None:
    with pytest.raises(InputError, match="DOCKER_AUTH_CONFIG cannot be read"):
        add_logins({AUTH_VARIABLE: "{"}, [RegistryLogin("a.b", "ann", "x")])


def test_without_logins_the_environment_is_the_same() -> None:
    environment = {AUTH_VARIABLE: "{", "PATH": "/bin"}
    assert add_logins(environment, ()) is environment
