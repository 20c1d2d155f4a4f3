"""The address of the engine, as the docker command finds it."""

import json
from pathlib import Path

import pytest

from bot.adapters.docker.engine_address import (
    EngineAddress,
    find_engine_address,
    parse_context,
)
from bot.errors import EngineUnavailableError

TCP = "tcp://engine.example:2376"


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({"DOCKER_HOST": TCP}, EngineAddress(TCP)),
        ({"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": ""}, EngineAddress(TCP)),
        ({"DOCKER_HOST": TCP, "DOCKER_CERT_PATH": "/c"}, EngineAddress(TCP)),
        (
            {"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c"},
            EngineAddress(TCP, Path("/c")),
        ),
        (
            {"DOCKER_HOST": TCP, "DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/c"},
            EngineAddress(TCP, Path("/c"), verifies=False),
        ),
        (
            {"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1", "DOCKER_CONFIG": "/d"},
            EngineAddress(TCP, Path("/d")),
        ),
        (
            {"DOCKER_HOST": TCP, "DOCKER_TLS_VERIFY": "1", "HOME": "/home/a"},
            EngineAddress(TCP, Path("/home/a/.docker")),
        ),
        ({"DOCKER_HOST": "tcp://engine"}, EngineAddress("tcp://engine:2375")),
        ({"DOCKER_HOST": "tcp://[::1]:2376"}, EngineAddress("tcp://[::1]:2376")),
        ({"DOCKER_HOST": "engine:2375"}, EngineAddress("engine:2375")),
        ({"DOCKER_HOST": "unix:///s", "DOCKER_TLS_VERIFY": "1"}, EngineAddress("unix:///s")),
        ({"PATH": "/nowhere"}, EngineAddress("unix:///var/run/docker.sock")),
    ],
)
def test_the_variables_are_those_of_the_docker_command(
    variables: dict[str, str], address: EngineAddress
) -> None:
    assert find_engine_address(variables) == address


def test_an_engine_over_ssh_is_an_error_with_a_way_out() -> None:
    with pytest.raises(EngineUnavailableError) as raised:
        find_engine_address({"DOCKER_HOST": "ssh://me@build-box"})
    assert "over SSH are not supported (ssh://me@build-box)" in raised.value.what
    assert "docker.sock me@build-box`" in raised.value.fix


def test_the_way_out_names_the_port_and_the_socket_and_no_password() -> None:
    host = "ssh://me:hunter2@build-box:2222/run/user/1000/docker.sock"
    with pytest.raises(EngineUnavailableError) as raised:
        find_engine_address({"DOCKER_HOST": host})
    forward = "-p 2222 -L /tmp/engine.sock:/run/user/1000/docker.sock me@build-box`"
    assert f"`ssh -nNT {forward}" in raised.value.fix
    assert "hunter2" not in raised.value.fix


@pytest.mark.parametrize(
    "host", ["tcp://engine:99999", "tcp://engine:docker", "ssh://box:x", "tcp://[::1"]
)
def test_an_address_that_is_not_valid_is_an_error_before_any_connection(host: str) -> None:
    with pytest.raises(EngineUnavailableError, match="is not valid") as raised:
        find_engine_address({"DOCKER_HOST": host})
    assert "tcp://HOST:PORT" in raised.value.fix


def make_context(host: str, *, skips: bool = False, files: tuple[str, ...] = ()) -> str:
    """Return what `docker context inspect` prints."""
    return json.dumps(
        {
            "Name": "far",
            "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": skips}},
            "TLSMaterial": {"docker": list(files)} if files else {},
            "Storage": {"MetadataPath": "/m", "TLSPath": "/tls/a1"},
        }
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (make_context("unix:///a"), EngineAddress("unix:///a")),
        (make_context(TCP, files=("ca.pem",)), EngineAddress(TCP, Path("/tls/a1/docker"))),
        (
            make_context(TCP, skips=True),
            EngineAddress(TCP, Path("/tls/a1/docker"), verifies=False),
        ),
        (make_context(""), None),
        ("[]", None),
        ("no context", None),
        ("[" * 100_000, None),
        ('{"Endpoints": {}}', None),
    ],
)
def test_a_context_names_its_engine_and_certificates(
    text: str, address: EngineAddress | None
) -> None:
    assert parse_context(text) == address


def test_certificates_that_are_not_complete_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x")
    with pytest.raises(EngineUnavailableError, match="are not complete"):
        EngineAddress(TCP, tmp_path).make_tls_config()
    assert EngineAddress(TCP).make_tls_config() is None
