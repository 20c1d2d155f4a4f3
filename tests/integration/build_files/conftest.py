import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from tests.support.engine.cache import find_cache_root
from tests.support.engine.packages import unpack_engine
from tests.support.engine.releases import find_release


@pytest.fixture(scope="session")
def programs() -> Path:
    return unpack_engine(find_cache_root(os.environ), find_release(os.environ)) / "usr"


@pytest.fixture
def job(programs: Path, tmp_path: Path) -> Mapping[str, str]:
    """Return the environment of a job: with secrets, and without an engine that answers."""
    config = tmp_path / "docker"
    config.mkdir()
    folders = [str(programs / "libexec/docker/cli-plugins")]
    settings = {"cliPluginsExtraDirs": folders, "currentContext": "nowhere"}
    (config / "config.json").write_text(json.dumps(settings))
    return {
        "PATH": str(programs / "bin"),
        "HOME": "/home/runner",
        "DOCKER_CONFIG": str(config),
        "DOCKER_HOST": f"unix://{tmp_path}/nothing.sock",
        "GITHUB_TOKEN": "s3cret",
        "NPM_TOKEN": "s3cret",
    }


@pytest.fixture
def printer(job: Mapping[str, str]) -> BakePrinter:
    return BakePrinter(job)
