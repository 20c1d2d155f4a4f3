"""What `host/run` says where it cannot start the action's image."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.runner import ROOT

# What the script calls before it needs an engine.
_PROGRAMS = ("sh", "dirname", "mkdir", "uname", "id")


def run_script(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script with the programs of a folder alone."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name in _PROGRAMS:
        path = shutil.which(name)
        assert path
        (programs / name).symlink_to(path)
    usual = {
        "PATH": str(programs),
        "HOME": str(folder),
        "GITHUB_WORKSPACE": str(folder),
        "RUNNER_TEMP": str(folder),
        "ACTION_IMAGE": "docker://none",
        "INPUT_JSON": "{}",
    }
    return subprocess.run(
        [str(ROOT / "host/run")],
        cwd=folder,
        env={**usual, **variables},
        capture_output=True,
        text=True,
    )


def add_program(folder: Path, name: str, script: str) -> None:
    """Write a program for the script's PATH."""
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_runner_without_an_engine_is_an_error(tmp_path: Path) -> None:
    ended = run_script(tmp_path)
    assert ended.returncode == 2
    assert ended.stdout.startswith(
        "::error title=Image Size Review::There is neither docker nor podman"
    )
    assert "containerMode" in ended.stdout


def test_a_missing_socket_is_an_error(tmp_path: Path) -> None:
    add_program(tmp_path, "docker", "exit 1")
    ended = run_script(tmp_path, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert ended.returncode == 2
    assert f"There is no engine at unix://{tmp_path}/none.sock." in ended.stdout


@pytest.mark.skipif(os.getuid() == 0, reason="root may use every socket")
def test_a_socket_of_another_user_is_an_error(tmp_path: Path) -> None:
    add_program(tmp_path, "docker", "exit 1")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "d.sock"))
        (tmp_path / "d.sock").chmod(0o400)
        ended = run_script(tmp_path, DOCKER_HOST=f"unix://{tmp_path}/d.sock")
    assert ended.returncode == 2
    assert "may not use the socket" in ended.stdout
    assert "usermod" in ended.stdout


def test_the_current_context_names_the_engine(tmp_path: Path) -> None:
    add_program(tmp_path, "docker", f'[ "$1" = context ] && echo unix://{tmp_path}/context.sock')
    ended = run_script(tmp_path)
    assert f"There is no engine at unix://{tmp_path}/context.sock." in ended.stdout


def test_an_engine_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    add_program(tmp_path, "docker", "exit 1")
    ended = run_script(tmp_path, DOCKER_HOST="tcp://engine.test:2375")
    assert ended.returncode == 2
    assert " does not answer." in ended.stdout


def test_another_system_is_an_error(tmp_path: Path) -> None:
    add_program(tmp_path, "uname", "echo Darwin")
    (tmp_path / "bin/uname").rename(tmp_path / "bin/other")
    system = tmp_path / "system"
    system.mkdir()
    (tmp_path / "bin/other").rename(system / "uname")
    ended = run_script(tmp_path, PATH=f"{system}:{tmp_path / 'bin'}")
    assert ended.returncode == 2
    assert "Linux only" in ended.stdout


def test_only_absolute_paths_are_mounted(tmp_path: Path) -> None:
    """A relative path is one of the workspace, which is mounted as a whole."""
    add_program(tmp_path, "docker", 'case "$1" in info) echo "[]" ;; run) echo "$@" ;; esac')
    (tmp_path / "authority.pem").touch()
    ended = run_script(
        tmp_path,
        DOCKER_HOST="tcp://engine.test:2375",
        SSL_CERT_FILE="./authority.pem",
        PATH=f"{tmp_path / 'bin'}:{os.defpath}",
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"type=bind,source={tmp_path}," in ended.stdout
    assert "source=./" not in ended.stdout


@pytest.mark.parametrize("has_file", [False, True])
def test_podman_gets_no_name_of_a_missing_file(tmp_path: Path, has_file: bool) -> None:
    """Podman refuses to start anything if DOCKER_CONFIG names a folder without `config.json`."""
    add_program(
        tmp_path, "podman", 'case "$*" in *info*) ;; *) echo "config=<${DOCKER_CONFIG:-}>" ;; esac'
    )
    folder = tmp_path / ".docker"
    if has_file:
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    programs = "awk", "grep", "stat"
    for name in programs:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    ended = run_script(tmp_path, DOCKER_HOST="tcp://engine.test:2375")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"config=<{folder if has_file else ''}>" in ended.stdout
