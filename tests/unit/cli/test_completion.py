"""Completion in shells: the script is valid, and bash completes by it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.cli.completion import run_completion
from bot.cli.options.commands import SHELLS


def print_script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run_completion(shell) == 0
    return capsys.readouterr().out


def complete(script: str, *words: str, at: Path) -> list[str]:
    """Return what bash offers for the last of some words."""
    listed = " ".join(f"'{word}'" for word in ("image-size-review", *words))
    code = (
        f"{script}\nCOMP_WORDS=({listed}) COMP_CWORD={len(words)}\n"
        "name=$(complete -p image-size-review | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n"
        '"$name"; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ended = subprocess.run(["bash", "-c", code], cwd=at, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return [line.strip() for line in ended.stdout.split()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("rev",), ["review"]),
        (("act",), []),
        (("review", "--max-"), ["--max-growth", "--max-size"]),
        (("measure", "x", "--format", "ht"), ["html"]),
        (("schema", "con"), ["config"]),
        (("review", "--config", "siz"), ["size.yml"]),
    ],
)
def test_bash_completes(
    words: tuple[str, ...], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "size.yml").touch()
    offered = complete(print_script("bash", capsys), *words, at=tmp_path)
    assert set(expected) <= set(offered)
    assert all(word.startswith(words[-1]) for word in offered)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_with_all_commands(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script = print_script(shell, capsys)
    assert all(word in script for word in ("review", "--max-growth", "measure"))
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")
