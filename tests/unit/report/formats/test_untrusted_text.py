"""Whatever a stranger writes, the page keeps its shape."""

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

_OURS = {"sha", "kind", "diff_id", "content_id"}
# How often foreign text is shown may depend on the text: a log may say why, a dollar needs a tag.
_MAY_VARY = {"code", "span"}
_ANYTHING = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)
_NASTY = st.lists(
    st.sampled_from([*"|`<>&@#*_[]()\\~:!$\n\r\t-=", "</td>", "-->", "```", "x"]), min_size=1
)
_FOREIGN = st.one_of(_ANYTHING, _NASTY.map("".join))


def poison(value: Any, text: str, name: str = "") -> Any:
    """The same value with every text in it that a stranger can write replaced."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if name in _OURS else text
    if isinstance(value, tuple):
        return tuple(poison(item, text, name) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        given = ((field.name, getattr(value, field.name)) for field in fields(value))
        return replace(value, **{key: poison(each, text, key) for key, each in given})
    return value


def _shape(report: Report) -> list[str]:
    return [tag for tag in read(render_markdown(report)).tags if tag not in _MAY_VARY]


_SHAPES = {name: _shape(poison(case(), "x")) for name, case in CASES.items()}


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=_FOREIGN)
@example(name="over-budget", text=HOSTILE)
@example(name="head-fails", text="|" * 300)
def test_foreign_text_does_not_change_the_shape(name: str, text: str) -> None:
    report = poison(CASES[name](), text)
    page = render_markdown(report)
    assert _shape(report) == _SHAPES[name]
    assert "@" not in page
    page.encode()


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(CASES)), text=_FOREIGN, colour=st.booleans())
def test_foreign_text_does_not_drive_a_terminal(name: str, text: str, colour: bool) -> None:
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
@given(name=st.sampled_from(sorted(CASES)), text=_FOREIGN)
@example(name="over-budget", text=HOSTILE)
def test_an_annotation_is_one_command(name: str, text: str) -> None:
    for annotation in make_annotations(poison(CASES[name](), text)):
        command = render_annotation(annotation)
        assert len(command.splitlines()) == 1
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
def test_a_browser_page_holds_only_what_is_ours(name: str) -> None:
    html = render_html(poison(CASES[name](), HOSTILE))
    head, _, rest = html.partition("<main")
    body, _, tail = rest.partition(">")[2].partition("</main>")
    reader = Reader()
    reader.feed(body)
    assert not reader.stack
    assert (head + tail).count("<") == len(_FRAME)
