"""Calls of buildx, with a program in its place that says where it runs and what it gets."""

from pathlib import Path

import pytest

from bot.adapters.docker.buildx_command import run_buildx


@pytest.fixture
def docker(tmp_path: Path) -> str:
    path = tmp_path / "docker"
    path.write_text('#!/bin/sh\npwd; ls -A | wc -l; echo "$DOCKER_CONFIG"; echo "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_a_relative_path_leads_to_nothing(
    docker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"PATH": "/bin:/usr/bin", "DOCKER_CONFIG": "config"}
    result = run_buildx("./docker", ["build", "x"], environment, timeout_s=60)
    folder, files, config, arguments = result.text.splitlines()
    assert Path(folder) not in (tmp_path, *tmp_path.parents)
    assert files.strip() == "0"
    assert config == str(tmp_path / "config")
    assert arguments == "buildx build x"
    assert not Path(folder).exists()


@pytest.mark.parametrize(
    ("argument", "reason"), [("x" * 200_000, "Argument list too long"), ("x\0", "null byte")]
)
def test_what_the_system_does_not_start_is_a_failed_build(
    docker: str, argument: str, reason: str
) -> None:
    result = run_buildx(docker, ["build", argument], {}, timeout_s=60)
    assert result.status
    assert result.stderr_lines[-1].startswith("ERROR: docker buildx could not be started: ")
    assert reason in result.stderr_lines[-1]
