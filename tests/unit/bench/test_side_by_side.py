"""Rewrites beside conversions by people: how they are fetched and what a row says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.side_by_side import (
    LIST,
    Comparison,
    Conversion,
    Side,
    count_lines,
    describe_offer,
    fetch_conversion,
    find_rewrite,
    format_row,
    list_dockerfile_folders,
    main,
    read_conversions,
)
from tests.unit.bench.test_public_applications import git

ROOT = Path(__file__).parents[3]
CONVERSIONS = read_conversions(LIST)
PAGE = (ROOT / "docs" / "rewrites-compared.md").read_text("utf-8")
OLD = "# syntax=docker/dockerfile:1\nFROM ubuntu:latest\nRUN make\n"
NEW = """\
# escape=\\
# syntax = docker/dockerfile:1.4
# builder
FROM ubuntu:latest AS build
RUN make

FROM busybox
COPY --from=build /a /a
"""


@pytest.fixture
def conversion(tmp_path: Path) -> Conversion:
    """Return a conversion in a repository that `{tmp_path}/owner/shop` holds."""
    repository = tmp_path / "owner" / "shop"
    (repository / "api").mkdir(parents=True)
    git(repository, "init", "--quiet")
    commits = []
    for text in (OLD, NEW):
        (repository / "api" / "api.Dockerfile").write_text(text)
        (repository / "main.c").write_text(text)
        git(repository, "add", ".")
        git(repository, "commit", "--quiet", "-m", "change")
        commits.append(git(repository, "rev-parse", "HEAD"))
    return Conversion(
        "c-shop",
        "owner/shop",
        before=commits[0],
        after=commits[1],
        dockerfile="api/api.Dockerfile",
        context=".",
        context_after="api",
        bases={"ubuntu:latest": "debian:bookworm"},
    )


def test_both_commits_are_fetched_and_can_be_built(conversion: Conversion, tmp_path: Path) -> None:
    folder = tmp_path / "fetched"
    fetch_conversion(conversion, folder, f"file://{tmp_path}/{{repository}}")
    before, after = list_dockerfile_folders(conversion, folder)
    assert (before / "Dockerfile").read_text() == "FROM debian:bookworm\nRUN make\n"
    assert (after / "Dockerfile").read_text() == NEW.replace(
        "# syntax = docker/dockerfile:1.4\n", ""
    ).replace("ubuntu:latest", "debian:bookworm")
    assert (folder / "before" / "main.c").read_text() == OLD
    assert not (folder / "after" / ".git").exists()


def test_the_context_may_be_another_one_after_the_conversion(conversion: Conversion) -> None:
    assert [str(conversion.find_context(side)) for side in ("before", "after")] == [".", "api"]
    beside = Conversion("a", "b/c", "1", "2", "api/Dockerfile")
    assert str(beside.find_context("after")) == "api"


def test_a_repository_that_is_gone_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"file://{tmp_path}/none/{{repository}}"
    assert main([str(tmp_path / "folder"), "--source", source, "--fetch-only"]) == 2
    assert "none" in capsys.readouterr().err


def test_lines_are_instructions() -> None:
    assert [count_lines(text) for text in (OLD, NEW, "")] == [2, 4, 0]


def test_the_rewrite_is_taken_before_the_slim_base_image() -> None:
    slim = {"rule": "full-base-where-slim-serves", "dockerfile": "FROM slim"}
    offer = {"base_image": "scratch", "unpacked_bytes": 9_400_000, "started": "same"}
    stage = {"rule": "single-stage-build", "dockerfile": "FROM a", "second_offer": offer}
    other = {"rule": "other", "dockerfile": "FROM b"}
    assert find_rewrite({"suggestions": [other, slim, stage]}) == "FROM a"
    assert find_rewrite({"suggestions": [other, slim]}) == "FROM slim"
    assert find_rewrite({"suggestions": [other]}) == ""
    assert describe_offer({"suggestions": [other, stage]}) == "9.4 on scratch"
    unstarted = {"suggestions": [{**stage, "second_offer": {**offer, "started": "not-run"}}]}
    assert describe_offer(unstarted) == "9.4 on scratch, not started"
    assert describe_offer({"suggestions": [slim]}) == ""


def test_a_row_compares_with_the_old_file() -> None:
    sides = (
        Side(900_000_000, 5, (10.0, 20.0, 10.0)),
        Side(90_000_000, 8, (5.0, 10.0, 30.0)),
        Side(95_500_000, 9, (10.0, 20.0, 20.0)),
    )
    assert format_row(Comparison("go-shop", "verified", *sides, "9 on scratch")) == (
        "| go-shop | 900.0 | 90.0 (verified; 9 on scratch) | 95.5 | 5 / 8 / 9"
        " | 10.0 / 10.0 / 20.0 | 0.50 / 1.00 |"
    )


def test_a_row_without_a_rewrite() -> None:
    sides = Side(900_000_000, 5), Side(None, 0), Side(95_500_000, 9)
    row = format_row(Comparison("py-shop", "left", *sides))
    assert row == "| py-shop | 900.0 | - (left) | 95.5 | 5 / 0 / 9 |  |  |"


def test_the_page_has_each_conversion_with_its_commits() -> None:
    assert len(CONVERSIONS) >= 10
    for entry in CONVERSIONS:
        address = f"https://github.com/{entry.repository}/blob"
        for commit in (entry.before, entry.after):
            assert f"]({address}/{commit}/{entry.dockerfile})" in PAGE, entry.name
    names = [entry.name for entry in CONVERSIONS]
    assert len(set(names)) == len(names)
    assert set(re.findall(r"(?m)^\| (\S+) \| \[", PAGE)) == set(names)


def test_the_command_says_what_it_takes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.side_by_side", "--help"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert b"--rounds" in done.stdout
