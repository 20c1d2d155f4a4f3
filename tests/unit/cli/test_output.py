"""A report in every format, on stdout or in a file, and the exit status of its verdict."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.options.commands import FORMATS, ReportOutput
from bot.cli.output import write_report
from bot.errors import InputError
from bot.model.report import Outcome, Report
from bot.report.document.report_document import render_json
from bot.report.formats.csv_table import render_csv
from bot.report.formats.html.html_page import render_html
from bot.report.formats.junit import render_junit
from bot.report.formats.markdown import render_markdown
from bot.report.formats.openmetrics import render_openmetrics
from bot.report.formats.sarif import render_sarif
from bot.report.formats.text import render_text
from tests.support.report_cases import over_budget

PAGES = {
    "text": render_text(over_budget(), is_short=True),
    "markdown": render_markdown(over_budget()),
    "json": render_json(over_budget()),
    "html": render_html(over_budget()),
    "csv": render_csv(over_budget()),
    "sarif": render_sarif(over_budget()),
    "junit": render_junit(over_budget()),
    "openmetrics": render_openmetrics(over_budget()),
}


def with_verdict(verdict: Outcome) -> Report:
    report = over_budget()
    return replace(report, images=(replace(report.images[0], verdict=verdict),))


def test_every_format_has_a_page() -> None:
    assert tuple(PAGES) == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_goes_to_stdout(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(over_budget(), ReportOutput(name))
    assert capsys.readouterr().out == PAGES[name]


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_goes_to_a_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report"
    write_report(over_budget(), ReportOutput(name, path))
    assert path.read_bytes() == PAGES[name].encode()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("has_details", [False, True])
def test_a_text_is_short_unless_it_is_asked_for_details(
    has_details: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(over_budget(), ReportOutput(has_details=has_details))
    assert ("\n  Layers\n" in capsys.readouterr().out) is has_details


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The report cannot be written") as caught:
        write_report(over_budget(), ReportOutput("json", tmp_path / "none" / "report.json"))
    assert caught.value.fix == "check --output"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Outcome.PASS, 0), (Outcome.WARN, 0), (Outcome.FAIL, 1), (Outcome.ERROR, 2)],
)
def test_the_exit_status_is_that_of_the_verdict(
    verdict: Outcome, status: int, tmp_path: Path
) -> None:
    output = ReportOutput("json", tmp_path / "report.json")
    assert write_report(with_verdict(verdict), output) == status


def test_no_secret_is_written(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    token = "ghp_" + "a" * 36
    write_report(replace(over_budget(), notes=(f"token {token}",)), ReportOutput("json", path))
    (note,) = json.loads(path.read_text("utf-8"))["notes"]
    assert note.startswith("token ")
    assert token not in note


def test_several_files_are_written_of_one_report(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.csv"
    others = (ReportOutput("csv", second),)
    assert write_report(over_budget(), ReportOutput("json", first, others)) == 1
    assert first.read_text("utf-8") == PAGES["json"]
    assert second.read_bytes() == PAGES["csv"].encode()
