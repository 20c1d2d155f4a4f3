"""Untrusted text of any kind leaves the structure of a page unchanged."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.model.report import Report
from bot.report.formats.annotations import make_annotations, render_annotation
from bot.report.formats.html import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from tests.support.report_cases import CASES, HOSTILE
from tests.unit.report.rendered_page import Reader, read

_TRUSTED_FIELDS = {"sha", "kind", "diff_id", "content_id"}
# The text decides how often it is shown: an error line of a log is quoted, a dollar needs a tag.
_VARYING_TAGS = {"code", "span"}
_ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)
_MARKUP = st.lists(
    st.sampled_from([*"|`<>&@#*_[]()\\~:!$\n\r\t-=", "</td>", "-->", "```", "x"]), min_size=1
)
_UNTRUSTED = st.one_of(_ANY_TEXT, _MARKUP.map("".join))


def poison(value: Any, text: str, name: str = "") -> Any:
    """Replace every text in a value that a contributor of a pull request can choose."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if name in _TRUSTED_FIELDS else text
    if isinstance(value, tuple):
        return tuple(poison(item, text, name) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{key: poison(item, text, key) for key, item in old.items()})
    return value


def _list_tags(report: Report) -> list[str]:
    return [tag for tag in read(render_markdown(report)).tags if tag not in _VARYING_TAGS]


_TAGS = {name: _list_tags(poison(case(), "x")) for name, case in CASES.items()}
_ANNOTATION_COUNTS = {
    name: count for name, case in CASES.items() if (count := len(make_annotations(case())))
}


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=_UNTRUSTED)
@example(name="over-budget", text=HOSTILE)
@example(name="head-fails", text="|" * 300)
def test_untrusted_text_does_not_change_the_structure(name: str, text: str) -> None:
    report = poison(CASES[name](), text)
    page = render_markdown(report)
    assert _list_tags(report) == _TAGS[name]
    assert "@" not in page
    page.encode()


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=_UNTRUSTED, colour=st.booleans())
def test_untrusted_text_does_not_control_a_terminal(name: str, text: str, colour: bool) -> None:
    page = render_text(poison(CASES[name](), text), colour=colour)
    if not colour:
        assert all(
            char in "\n\u200b" or char.isprintable() or category(char) == "Zs" for char in page
        )
    assert "\x1b]" not in page
    assert "##[" not in page
    assert "::" not in page
    page.encode()


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(_ANNOTATION_COUNTS)), text=_UNTRUSTED)
@example(name="over-budget", text=HOSTILE)
def test_an_annotation_is_one_command(name: str, text: str) -> None:
    annotations = make_annotations(poison(CASES[name](), text))
    assert len(annotations) == _ANNOTATION_COUNTS[name]
    for annotation in annotations:
        command = render_annotation(annotation)
        assert len(command.splitlines()) == 1
        assert command.startswith(f"::{annotation.level} ")
        properties = command.removeprefix(f"::{annotation.level} ").partition("::")[0]
        assert all(part.partition("=")[0] in _PROPERTIES for part in properties.split(","))


_FRAME = [
    "<!doctype",
    "<html",
    "<head",
    "<meta",
    "<meta",
    "<meta",
    "<meta",
    "<title",
    "</title",
    "<style",
    "</style",
    "</head",
    "<body",
    "</body",
    "</html",
]
_PROPERTIES = {"file", "line", "endLine", "title"}


@pytest.mark.parametrize("name", CASES)
def test_an_html_page_contains_no_untrusted_tag(name: str) -> None:
    html = render_html(poison(CASES[name](), HOSTILE))
    head, _, rest = html.partition("<main")
    body, _, tail = rest.partition(">")[2].partition("</main>")
    reader = Reader()
    reader.feed(body)
    assert "details" in reader.tags or "table" in reader.tags or "p" in reader.tags
    assert not reader.stack
    assert (head + tail).count("<") == len(_FRAME)
