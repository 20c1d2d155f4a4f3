"""Ignore files as BuildKit finds and reads them, beside what a fingerprint takes of them."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.dockerfile.dockerignore import parse_dockerignore
from bot.project.followed_links import resolve_below
from tests.support.engine import EngineUnavailable, PrivateEngine

FILES = {"Dockerfile": "FROM scratch\nCOPY . /\n", "a": "1", "b": "1", "sub/ignore": "b\n"}


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    return overlay2_engine


def write(folder: Path, files: Mapping[str, str], links: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    for name, target in links.items():
        (folder / name).symlink_to(target)


def list_sent(engine: PrivateEngine, context: Path, dockerfile: str = "Dockerfile") -> set[str]:
    out = context.with_name("out")
    options = ("--output", f"type=local,dest={out}", "--file", str(context / dockerfile))
    engine.docker("buildx", "build", *options, str(context))
    files = (path for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(out).as_posix() for path in files}


def list_ignored_by_us(files: Mapping[str, str], links: Mapping[str, str]) -> set[str]:
    tree = {**dict.fromkeys(files, "100644 a"), **dict.fromkeys(links, "120000 a")}
    path = resolve_below(tree, ".", ".dockerignore", links.__getitem__)
    rules = parse_dockerignore(files[path].encode() if path else b"")
    return {name for name in files if rules.is_ignored(name)}


@pytest.mark.parametrize(
    ("target", "is_obeyed"),
    [
        ("sub/ignore", True),
        ("./sub//ignore", True),
        ("/sub/ignore", True),
        ("../sub/ignore", True),
        ("linked/ignore", True),
        ("../outside", False),
        ("/etc/passwd", False),
        ("none", False),
        ("sub", False),
        (".dockerignore", False),
        ("[x]", False),
    ],
)
def test_a_link_is_followed_inside_of_the_context(
    engine: PrivateEngine, tmp_path: Path, target: str, *, is_obeyed: bool
) -> None:
    files = {**FILES, "[x]": "b\n"}
    links = {".dockerignore": target, "linked": "sub"}
    write(tmp_path / "context", files, links)
    (tmp_path / "outside").write_text("b\n", "utf-8")
    ignored = {"b"} if is_obeyed else set()
    assert list_ignored_by_us(files, links) == ignored
    assert list_sent(engine, tmp_path / "context") == {*files, *links} - ignored


def test_what_a_link_means_as_a_pattern_is_not_obeyed(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """The client would: it sends all files that match, the named one among them."""
    files, links = {**FILES, "*": "b\n"}, {".dockerignore": "*"}
    write(tmp_path / "context", files, links)
    assert list_ignored_by_us(files, links) == set()
    assert "b" not in list_sent(engine, tmp_path / "context")


@pytest.mark.parametrize("target", ["none", "../.dockerignore", "/etc/passwd", "."])
def test_without_a_file_behind_its_own_a_dockerfile_has_that_of_the_context(
    engine: PrivateEngine, tmp_path: Path, target: str
) -> None:
    files = {**FILES, "sub/Dockerfile": FILES["Dockerfile"], ".dockerignore": "b\n"}
    links = {"sub/Dockerfile.dockerignore": target}
    write(tmp_path / "context", files, links)
    assert "b" not in list_sent(engine, tmp_path / "context", "sub/Dockerfile")


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_of_the_dockerfile_wins_all_the_same(
    engine: PrivateEngine, tmp_path: Path, text: str
) -> None:
    write(tmp_path / "context", {**FILES, ".dockerignore": "b\n"}, {})
    (tmp_path / "context/Dockerfile.dockerignore").write_text(text, "utf-8")
    assert "b" in list_sent(engine, tmp_path / "context")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[\n", "syntax error in pattern"),
        ("b*[\n", "syntax error in pattern"),
        ("!\n", "illegal exclusion pattern"),
        ("a\tb\n", "non-printable ASCII"),
        ("x" * 65_536, "token too long"),
    ],
)
def test_builds_end_at_the_files_that_we_call_illegal(
    engine: PrivateEngine, tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path / "context", {**FILES, ".dockerignore": text}, {})
    # BuildKit ends all transfers at the first error; at times it names one of those it cancelled.
    with pytest.raises(EngineUnavailable, match=f"{message}|Canceled: context canceled"):
        list_sent(engine, tmp_path / "context")


def test_names_and_patterns_that_are_no_text(engine: PrivateEngine, tmp_path: Path) -> None:
    write(tmp_path / "context", FILES, {})
    (tmp_path / "context/.dockerignore").write_bytes(b"caf\xe9\n\xc3\xa9*\n")
    (tmp_path / "context/\u00e9t\u00e9").touch()
    sent = {os.fsencode(name) for name in list_sent(engine, tmp_path / "context")}
    assert "\u00e9t\u00e9".encode() not in sent
