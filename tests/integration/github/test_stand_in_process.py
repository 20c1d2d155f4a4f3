"""The stand-in as a separate process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from github import Auth, Github

from tests.support.github import GitHubStandIn
from tests.support.github.loading import fill

ROOT = Path(__file__).parents[3]
PULL = {"repo": "octo/app", "number": 7, "head_sha": "a" * 40, "base_sha": "b" * 40}
STATE: dict[str, Any] = {
    "comment": [{"repo": "octo/app", "number": 7, "author": "bob", "body": "first"}],
    "open_pull_request": [{**PULL, "author": "alice"}],
    "token": [{"login": "github-actions[bot]", "value": "secret", "issues": "write"}],
    "add_repository": [{"name": "octo/app", "collaborators": {"alice": "write"}}],
}


@contextmanager
def process(folder: Path) -> Iterator[str]:
    """Yield the address of the process; it must end with status 0 on a signal."""
    (folder / "state.json").write_text(json.dumps(STATE), encoding="utf-8")
    files = {"--state": "state.json", "--port-file": "port", "--dump": "dump.json"}
    options = [part for name, file in files.items() for part in (name, str(folder / file))]
    command = [sys.executable, "-m", "tests.support.github", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()
            assert running.wait(timeout=20) == 0


def test_a_state_is_served_and_dumped_at_the_end(tmp_path: Path) -> None:
    with process(tmp_path) as url:
        assert url.endswith(":" + (tmp_path / "port").read_text(encoding="utf-8"))
        client = Github(base_url=url, auth=Auth.Token("secret"), retry=None)
        client.get_repo("octo/app").get_issue(7).create_comment("second")
    dumped = json.loads((tmp_path / "dump.json").read_text(encoding="utf-8"))
    assert [each["body"] for each in dumped["issue_comments"]] == ["first", "second"]
    assert dumped["requests"][-1]["status"] == 201
    assert dumped["violations"] == []


def test_a_mistake_in_the_state_is_named() -> None:
    with (
        GitHubStandIn() as stand_in,
        pytest.raises(ValueError, match=r"knows add_repository, .*; not comments, pulls"),
    ):
        fill(stand_in, {"pulls": [], "comments": []})
