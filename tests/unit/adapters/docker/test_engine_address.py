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
