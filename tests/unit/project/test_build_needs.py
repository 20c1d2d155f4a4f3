"""The forms of secrets, SSH keys, hosts and contexts, and the ones that a file may not have."""

import pytest

from bot.model.spec import SecretKind, SecretSource
from bot.project.build_needs import (
    check_repository_secret,
    parse_build_context,
    parse_build_minutes,
    parse_host,
    parse_secret,
    parse_secret_file,
    parse_secret_variable,
    parse_ssh,
)

ENV, FILE = SecretKind.ENVIRONMENT, SecretKind.FILE


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("id=npm,env=NPM_TOKEN", SecretSource("npm", ENV, "NPM_TOKEN")),
        ("type=env,id=npm,env=NPM_TOKEN", SecretSource("npm", ENV, "NPM_TOKEN")),
        ("type=env,id=npm,src=NPM_TOKEN", SecretSource("npm", ENV, "NPM_TOKEN")),
        ("id=NPM_TOKEN", SecretSource("NPM_TOKEN", ENV, "NPM_TOKEN")),
        ("id=x,src=a/b", SecretSource("x", FILE, "a/b")),
        ("id=x, source=a/b", SecretSource("x", FILE, "a/b")),
        ("type=file,id=x,src=a/b", SecretSource("x", FILE, "a/b")),
    ],
)
def test_a_secret_is_read_as_buildx_reads_it(text: str, secret: SecretSource) -> None:
    assert parse_secret(text) == secret


@pytest.mark.parametrize(
    "text",
    [
        "NPM_TOKEN=hunter2",
        "hunter2",
        "",
        "id=",
        "id=a,id=hunter2",
        "env=hunter2",
        "id=x,value=hunter2",
        "id=x,src=hunter2,env=B",
        "id=x,type=raw",
        "id=x,type=file",
        "id=a b,env=B",
        "id=x,env=hunter-2",
    ],
)
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        parse_secret(text)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "github_token",
        "GH_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "INPUT_SECRETS",
        "STATE_x",
        "RUNNER_TEMP",
    ],
)
def test_a_file_names_no_variable_of_the_runner(name: str) -> None:
    with pytest.raises(ValueError, match="of the runner"):
        check_repository_secret(parse_secret_variable(f"x={name}"))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../key", "a/../../key", ".git/config", "sub/.GIT/config"]
)
def test_a_file_names_no_file_outside_and_none_of_git(path: str) -> None:
    with pytest.raises(ValueError, match=r"inside the repository|of git"):
        check_repository_secret(parse_secret_file(f"x={path}"))
    with pytest.raises(ValueError, match=r"inside the repository|of git"):
        parse_ssh(f"default={path}")


def test_other_sources_of_a_file_are_kept() -> None:
    for secret in (parse_secret_file("x=./keys/.gitconfig"), parse_secret_variable("x=MY_TOKEN")):
        assert check_repository_secret(secret).id == "x"
    assert check_repository_secret(parse_secret_file("x=./a//b")).source == "a/b"


@pytest.mark.parametrize(("text", "key"), [("default", "default"), ("k=./a/key", "k=a/key")])
def test_ssh_is_an_agent_or_a_key(text: str, key: str) -> None:
    assert parse_ssh(text) == key


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("a.local:10.0.0.1", "a.local=10.0.0.1"),
        ("a=10.0.0.1", "a=10.0.0.1"),
        ("a:::1", "a=::1"),
        ("a:[2001:db8::1]", "a=2001:db8::1"),
        ("a:host-gateway", "a=host-gateway"),
    ],
)
def test_a_host_has_an_address(text: str, host: str) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize("text", ["a", "a:", ":10.0.0.1", "a:b", "a b:10.0.0.1", "-a:10.0.0.1"])
def test_a_host_without_an_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:IP"):
        parse_host(text)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("shared=libs/shared/", ("shared", "libs/shared")),
        ("base=docker-image://alpine:3", ("base", "docker-image://alpine:3")),
        ("alpine:3=docker-image://x", ("alpine:3", "docker-image://x")),
        ("src=https://github.com/a/b.git#v1", ("src", "https://github.com/a/b.git#v1")),
        ("src=git@github.com:a/b", ("src", "git@github.com:a/b")),
    ],
)
def test_a_build_context_has_a_name_and_a_place(text: str, context: tuple[str, str]) -> None:
    assert parse_build_context(text) == context


@pytest.mark.parametrize(
    "text",
    ["shared", "=a", "a=", "a=/etc", "a=../b", "a=oci-layout:///x", "a b=c", "-a=b",
             "a=foo://../.git", "a=git://[/../../.git", "a=ssh://%zz/../../.git", "a=x/../git@h:p",
             "a=" + "x/" * 2500, "a=" + "x" * 300, "a" * 300 + "=b", "a=https://a/" + "x" * 100_000]
)  # fmt: skip
def test_a_build_context_outside_of_the_repository_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_build_context(text)


def test_a_timeout_is_in_minutes() -> None:
    assert parse_build_minutes("1.5") == 90
    assert parse_build_minutes("1h30m") == 5400


@pytest.mark.parametrize("value", [0, -1, "nan", "inf", "10x", ""])
def test_other_timeouts_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="minutes"):
        parse_build_minutes(value)
