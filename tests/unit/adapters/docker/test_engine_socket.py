"""The advice for a socket at which no engine answers, by what is at its path."""

import socket
from pathlib import Path

import pytest

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_socket import find_connection_fix
from bot.errors import EngineUnavailableError


@pytest.fixture
def default(tmp_path: Path) -> Path:
    """Return the path of a socket."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    return path


def test_a_folder_in_place_of_the_socket_is_explained(tmp_path: Path) -> None:
    """A runner of a rootless engine mounts what its machine does not have."""
    with pytest.raises(
        EngineUnavailableError, match="No Docker Engine answers at unix://"
    ) as raised:
        DockerEngine({"DOCKER_HOST": f"unix://{tmp_path}"})
    assert f"{tmp_path} is a folder" in raised.value.fix
    assert "$XDG_RUNTIME_DIR/docker.sock" in raised.value.fix


def test_a_socket_that_is_elsewhere_in_the_container_is_named(default: Path) -> None:
    fix = find_connection_fix("unix:///run/user/1000/docker.sock", "", default)
    assert fix.startswith(
        f"/run/user/1000/docker.sock is not there, and {default} is: unset DOCKER_HOST"
    )


@pytest.mark.parametrize("host", ["tcp://engine:2375", "unix:///nowhere/docker.sock"])
def test_otherwise_the_engine_is_to_be_started(host: str, tmp_path: Path) -> None:
    assert find_connection_fix(host, "", tmp_path / "nowhere").startswith("start Docker")


def test_a_socket_of_others_is_explained(default: Path) -> None:
    why = "('Connection aborted.', PermissionError(13, 'Permission denied'))"
    assert "let this user use" in find_connection_fix(f"unix://{default}", why)
