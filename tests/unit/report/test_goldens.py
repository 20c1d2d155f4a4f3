"""The rendered pages, word for word; `python -m tests.goldens` rewrites them."""

import json

import pytest
from jsonschema import Draft202012Validator

from bot.report.document.report_document import from_document, to_document
from bot.report.document.schema import read_schema
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from bot.report.page.changed_rules import GATE_TITLE
from tests.support.report_cases import CASES, FOLDER, golden_files
from tests.unit.report.rendered_page import read

GOLDENS = dict(golden_files())


@pytest.mark.parametrize("name", GOLDENS)
def test_a_page_equals_its_golden(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == GOLDENS[name], "see `python -m tests.goldens`"


def test_no_golden_is_left_over() -> None:
    assert {
        path.name for path in FOLDER.iterdir() if path.suffix[1:] in ("md", "txt", "json", "html")
    } == (GOLDENS.keys())


@pytest.mark.parametrize("name", [name for name in GOLDENS if name.endswith(".md")])
def test_a_markdown_page_contains_no_untrusted_tag(name: str) -> None:
    page = read((FOLDER / name).read_text("utf-8"))
    assert page.tags.count("h3") == 1
    assert page.tags[0] == "h3"


@pytest.mark.parametrize("name", [name for name in GOLDENS if name.endswith(".md")])
def test_a_page_begins_with_headline_cause_and_next_step(name: str) -> None:
    text, gate = (FOLDER / name).read_text("utf-8"), f"**{GATE_TITLE}**\n"
    if gate in text:
        # The changes of the gate come between: a list right below the headline.
        before, _, rest = text.partition(gate)
        assert before.count("\n") == 3
        text = before + rest.partition("\n\n")[2]
    marker, headline, _, why, _, next_step = text.splitlines()[:6]
    assert marker.startswith("<!-- ")
    assert headline.startswith(("### ✅ ", "### ℹ️ ", "### ⚠️ ", "### ❌ ", "### ❗ "))
    assert why.startswith("**Why:** ")
    assert next_step.startswith(("**Fix:** ", "**What to do:** "))


@pytest.mark.parametrize("name", CASES)
def test_a_report_survives_json(name: str) -> None:
    report = CASES[name]()
    document = json.loads(json.dumps(to_document(report)))
    Draft202012Validator(json.loads(read_schema())).validate(document)
    again = from_document(document)
    assert to_document(again) == to_document(report)
    assert render_markdown(again) == render_markdown(report)
    assert render_text(again) == render_text(report)
    assert render_html(again) == render_html(report)


@pytest.mark.parametrize("name", CASES)
def test_a_one_sided_image_never_shows_a_percentage(name: str) -> None:
    text = render_text(CASES[name]())
    assert "100 %" not in text
    assert "nan" not in text


@pytest.mark.parametrize("name", CASES)
def test_an_html_page_loads_nothing(name: str) -> None:
    page = render_html(CASES[name]())
    assert "default-src 'none'" in page
    assert page.count("<script>") == 1
    assert page.count("<script") - 1 == page.count('<script type="application/json"') < 2
    assert page.count(" href=") == page.count(' href="#image-')
    assert not any(loads in page for loads in ("<link", "<img", " src=", "url(", "import", "fetch"))


def test_the_schema_describes_every_field() -> None:
    schema = json.loads(read_schema())
    Draft202012Validator.check_schema(schema)
    objects = {name: part for name, part in schema["$defs"].items() if "properties" in part}
    assert len(objects) > 10
    assert all(part["description"] or name == "budget" for name, part in schema["$defs"].items())
    fields = [field for part in objects.values() for field in part["properties"].values()]
    assert len(fields) > 50
    assert all(field.get("description") or field.get("$ref") for field in fields)
