"""The error that docs/configuration.md shows is the one that the program prints."""

import re
from pathlib import Path

from tests.support.command import ROOT, start
from tests.support.repository import Repository


def test_the_documented_error_is_the_real_one(tmp_path: Path) -> None:
    wrong = (
        "images:\n  - name: api\n    dockerfile: Dockerfile\n    contxt: .\n"
        "budget:\n  max-growth: 10 percent\n"
    )
    repository = Repository(tmp_path)
    repository.commit({".github/image-size.yml": wrong})
    ended = start(
        "review", "--repo", tmp_path, "--base", "HEAD", environment={"DOCKER_HOST": "unix:///no"}
    )
    documented = re.findall(
        r"```\n(error: .*?)```", (ROOT / "docs/configuration.md").read_text("utf-8"), re.DOTALL
    )
    assert ended.status == 2
    assert documented == [ended.stderr]
