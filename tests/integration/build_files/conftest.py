from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from tests.support.engine.client import make_client_environment


@pytest.fixture
def job(tmp_path: Path) -> Mapping[str, str]:
    """Return the environment of a job: with secrets, and without an engine that answers."""
    return {
        **make_client_environment(tmp_path),
        "HOME": "/home/runner",
        "GITHUB_TOKEN": "s3cret",
        "NPM_TOKEN": "s3cret",
    }


@pytest.fixture
def printer(job: Mapping[str, str]) -> BakePrinter:
    return BakePrinter(job)
