"""The Markdown page of a job that ended with an error."""

from bot.doc_links import doc_url
from bot.report.formats.error_page import render_problem
from tests.support.report_cases import HOSTILE
from tests.unit.report.rendered_page import read


def test_an_error_page_has_the_error_its_cause_its_fix_and_links() -> None:
    text = render_problem("It broke.", "Since.", f"fix it, see {doc_url('forks')}")
    assert text.startswith(
        "### ❗ Image Size Review could not complete\n\nIt broke.\n\n**Why:** Since."
    )
    assert text.endswith(f"See also: [forks]({doc_url('forks')}).")


def test_a_list_of_mistakes_keeps_its_lines() -> None:
    text = render_problem("These are wrong:\n  a: x\n  b: y", "", "fix them")
    assert "<pre><code>  a&#58; x\n  b&#58; y\n</code></pre>" in text
    assert "Why" not in text
    assert read(text).tags == ["h3", "p", "pre", "code", "p", "strong"]


def test_untrusted_text_is_escaped() -> None:
    text = render_problem(HOSTILE, f"{HOSTILE}\n{HOSTILE}", HOSTILE)
    assert "@everyone" not in text
    assert set(read(text).tags) <= {"h3", "p", "strong", "pre", "code", "span"}
