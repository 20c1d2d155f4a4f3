"""The benchmark of rebuilds: which source it changes, and what it makes of the times."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.rebuild import EQUAL, Rebuilds, choose_source, format_row, summarize

ROOT = Path(__file__).parents[3]


def rebuilds(*seconds: tuple[float, float]) -> Rebuilds:
    old, new = zip(*seconds, strict=True)
    return Rebuilds("shop", "main.go", old, new)


def test_the_ratio_is_that_within_a_round() -> None:
    assert rebuilds((2.0, 1.0), (20.0, 30.0), (4.0, 4.0)).ratio == 1.0
    assert format_row(rebuilds((2.0, 1.0))) == "| shop | `main.go` | 2.0 | 1.0 | 0.50 |"


def test_what_is_no_slower() -> None:
    slow, equal = rebuilds((1.0, 1.5)), rebuilds((1.0, EQUAL))
    assert (slow.is_as_fast, equal.is_as_fast) == (False, True)
    assert list(summarize([slow, equal, equal])) == [
        "no slower (up to 1.1)  2 of 3",
        "median ratio         1.10",
    ]
    assert list(summarize([])) == []


def test_the_largest_source_of_the_commonest_suffix_is_changed(tmp_path: Path) -> None:
    sizes = {
        "api.go": 50,
        "cmd/main.go": 80,
        "api_test.go": 500,
        "vendor/x/x.go": 900,
        "web/app.js": 90,
        "README.md": 9000,
    }
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x" * size)
    assert choose_source(tmp_path) == tmp_path / "cmd/main.go"


def test_a_folder_without_sources(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no source"):
        choose_source(tmp_path)


def test_the_command_says_what_it_takes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.rebuild", "--help"], cwd=ROOT, capture_output=True, check=True
    )
    assert b"--unverified" in done.stdout
