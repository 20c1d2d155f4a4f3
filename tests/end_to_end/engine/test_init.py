"""`init`: the file that it writes is read, and the same revision passes by it."""

from pathlib import Path

from tests.support.command import start
from tests.support.engine import PrivateEngine
from tests.support.repository import Repository


def test_the_written_limits_hold_today(tmp_path: Path, overlay2_engine: PrivateEngine) -> None:
    repository = Repository(tmp_path / "repository")
    broken = "FROM scratch\nCOPY missing /\n"
    files = {"api/Dockerfile": "FROM scratch\nCOPY app /\n", "api/app": "x" * 100_000}
    base = repository.commit({**files, "bad/Dockerfile": broken})
    ended = start("init", "--repo", repository.path, environment=overlay2_engine.environment)
    assert ended.status == 0, ended.stderr
    text = (repository.path / ".github/image-size.yml").read_text("utf-8")
    assert "max-size: 110kB}  # 100 kB today" in text
    assert "# To do: " in text
    head = repository.commit({"api/app": "y" * 100_000})
    revisions = ("--repo", repository.path, "--base", base, "--head", head)
    selection = ("--image", "api", "--format", "json")
    reviewed = start("review", *revisions, *selection, environment=overlay2_engine.environment)
    assert reviewed.status == 0, reviewed.stderr
    (image,) = reviewed.report["images"]
    (check,) = (x for x in image["checks"] if x["limit"] is not None)
    assert (check["limit"], check["result"]) == (110_000, "pass")
