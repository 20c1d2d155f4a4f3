"""Make the sample repository, review its pull request, show the report: `python -m demo`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.cli.main import main
from bot.model.report import Report
from bot.report.document.report_document import from_document
from bot.report.formats.html.html_page import render_html
from bot.report.formats.text import render_text

SAMPLE = Path(__file__).parent / "sample"
PAGE = Path("image-size-review") / "demo.html"
INTRODUCTION = """\
A small web service has two images, `notes` and `docs`. A pull request adds a dependency and, to be
sure that it installs, a compiler and git. This is the review:
"""
END = """
The check would be red: the exit status was {status}, over budget (.github/image-size.yml in the
sample allows 10 MB of growth). The same report as a page: {page}
"""


def run() -> int:
    """Show the review; return 0 if it is over budget, as it should be."""
    sys.stdout.write(INTRODUCTION + "\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="image-size-review-demo-") as folder:
        make_repository(Path(folder))
        report = Path(folder, "report.json")
        options = ["--repo", folder, "--base", "main", "--head", "faster-notes"]
        status = main(["review", *options, "--format", "json", "--output", str(report)])
        if not report.exists():
            return status
        show(from_document(json.loads(report.read_text("utf-8"))))
    sys.stdout.write(END.format(status=status, page=PAGE))
    return 0 if status == 1 else status or 1


def show(report: Report) -> None:
    """Print the report, and write it as a page for a browser."""
    sys.stdout.write("\n" + render_text(report))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render_html(report), "utf-8")


def make_repository(folder: Path) -> None:
    """Commit the sample's main branch, and the pull request's on top of it."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    for side, branch in (("before", "main"), ("after", "faster-notes")):
        _git(folder, "checkout", "--quiet", "-B", branch)
        shutil.copytree(SAMPLE / side, folder, dirs_exist_ok=True)
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "-m", side)


def _git(folder: Path, *arguments: str) -> None:
    somebody = {"NAME": "Sample", "EMAIL": "sample@example.com", "DATE": "2026-01-01T00:00:00Z"}
    identity = {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in somebody.items()}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)  # noqa: S603, S607


if __name__ == "__main__":
    raise SystemExit(run())
