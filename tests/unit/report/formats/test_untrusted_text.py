"""Untrusted text of any kind leaves the structure of a page unchanged."""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.compare.size_tree import add_size_trees
from bot.model.report import Report
from bot.report.formats.annotations import make_annotations, render_annotation
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from tests.support.report_cases import CASES, HOSTILE
from tests.support.runner_log import read_log
from tests.unit.report.rendered_page import HTML_TAGS, Reader, read

_TRUSTED_FIELDS = {"sha", "kind", "diff_id", "content_id"}
# The text decides how often it is shown: an error line of a log is quoted, a dollar needs a tag.
_VARYING_TAGS = {"code", "span"}
_FENCE = re.compile(r"^(`{3,})diff\n.*?^\1$", re.MULTILINE | re.DOTALL)
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@(?![A-Za-z0-9-]+/)(?=[A-Za-z0-9])")
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
        items = [poison(item, text, name) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
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
    # Code names nobody to GitHub; quoted by e-mail it is no code, so that no name is in a fence.
    assert "@" not in _FENCE.sub("", page)
    assert not _MENTION.search(page)
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
    assert read_log(page).obeyed == []
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


# What the page for browsers consists of; an attribute's value is an address on the page, or no text.
_PAGE_TAGS = HTML_TAGS | frozenset(
    {
        *(
            "h1",
            "h2",
            "h3",
            "p",
            "ul",
            "li",
            "dl",
            "div",
            "dt",
            "dd",
            "section",
            "figure",
            "figcaption",
        )
    }
    | {
        *(
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "a",
            "input",
            "label",
            "output",
            "footer",
            "ins",
            "del",
            "small",
        )
    }
    | {*("svg", "g", "rect", "text", "tspan", "title", "polyline", "script")}
)
_PAGE_ATTRIBUTES = frozenset(
    {*("class", "id", "hidden", "role", "aria-hidden", "aria-label", "scope", "tabindex", "href")}
    | {*("data-value", "type", "name", "for", "autocomplete", "checked", "preserveaspectratio")}
    | {*("x", "y", "width", "height", "points", "viewbox")}
)
_EMPTY_TAGS = frozenset({"br", "input"})


class PageReader(Reader):
    """The same for the page, which has pictures and a search."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _PAGE_TAGS, f"<{tag}> is foreign"
        assert tag != "script" or ("type", "application/json") in attrs, "a script that would run"
        assert {name for name, _ in attrs} <= _PAGE_ATTRIBUTES, f"<{tag}> with {attrs}"
        assert all((value or "").startswith("#image-") for name, value in attrs if name == "href")
        self.tags.append(tag)
        if tag not in _EMPTY_TAGS:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)


_PROPERTIES = {"file", "line", "endLine", "title"}


@pytest.mark.parametrize("name", CASES)
def test_an_html_page_contains_no_untrusted_tag(name: str) -> None:
    html = render_html(poison(add_size_trees(CASES[name]()), HOSTILE))
    usual = render_html(CASES["sample"]())
    head, body, tail = _split_page(html)
    reader = PageReader()
    reader.feed(body)
    assert "p" in reader.tags
    assert not reader.stack
    assert not reader.comments
    # The frame is that of any page: its style and its script, which nothing from outside is in.
    usual_head, _, usual_tail = _split_page(usual)
    assert (head.count("<"), tail) == (usual_head.count("<"), usual_tail)


def _split_page(html: str) -> tuple[str, str, str]:
    head, _, rest = html.partition("<main")
    body, _, tail = rest.partition(">")[2].rpartition("</main>")
    return head, body, tail
