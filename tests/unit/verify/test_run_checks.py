"""Every check runs, and is described where CONTRIBUTING.md says."""

import re
from pathlib import Path

from bot.verify import checks, run_checks

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "bot/verify/checks"


def test_each_module_is_run_and_described() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    run = {check.__module__.rpartition(".")[2] for check in run_checks.CHECKS.values()}
    described = set(re.findall(r"^- `(\w+)`: ", checks.__doc__ or "", re.MULTILINE))
    assert modules == run == described


def test_each_check_has_its_row_in_the_docs() -> None:
    text = (ROOT / "docs/rewrites.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| .+\. \|$", text, re.MULTILINE)
    assert [row for row in rows if row in run_checks.CHECKS] == list(run_checks.CHECKS)
