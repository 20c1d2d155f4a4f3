"""The hidden lines of a comment: what is written is read again, and nothing else is believed."""

import base64
import json
import lzma
import random
from dataclasses import replace

import pytest

from bot.action.approval import ApprovedReport
from bot.action.post import render_comment
from bot.compare.size_tree import add_size_trees
from bot.model.approval import ApprovalRecord, CommentRecord, GrowthAtCommit
from bot.model.metric import Metric
from bot.model.report import ImageReport, Report
from bot.report.document.report_document import to_document
from bot.report.formats.comment_marker import make_marker
from bot.report.formats.comment_record import (
    list_stored_reports,
    read_record,
    read_stored_report,
    render_record,
)
from bot.report.formats.compact_report import list_smaller_forms
from bot.report.formats.json_columns import to_columns
from bot.report.formats.markdown import COMMENT_MAX_CHARACTERS
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import CASES, suggestion

HEAD, EARLIER = "a" * 40, "b" * 40
STEP, OTHER_STEP = "0" * 16, "1" * 16
MARKER = make_marker("", HEAD)


def growth(head: str, count: int) -> GrowthAtCommit:
    names = [f"{number:016x}" for number in range(count)]
    sizes = {name: dict.fromkeys(Metric, 10 + number) for number, name in enumerate(names)}
    return GrowthAtCommit(head, sizes, frozenset({"f" * 16}))


RECORD = CommentRecord(growth(HEAD, 2), ApprovalRecord(7, growth(EARLIER, 1)), step=STEP)


def render_stored_report(report: Report, step: str) -> str:
    """Return the whole report."""
    return next(list_stored_reports(report, step))


def pack(content: bytes) -> str:
    return base64.b64encode(lzma.compress(content)).decode()


def comment(*lines: str) -> str:
    return "\n".join([MARKER, "### a page", *lines]) + "\n"


@pytest.mark.parametrize("record", [RECORD, CommentRecord(growth(HEAD, 0), step=STEP)])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_record_is_read_as_it_was_written(record: CommentRecord, line_end: str) -> None:
    body = comment(render_record(record)).replace("\n", line_end)
    assert read_record(body) == record


def test_a_record_from_before_a_metric_was_added_is_read() -> None:
    older = growth(HEAD, 2)
    metrics = list(Metric)[:-1]
    names = {
        name: {metric: sizes[metric] for metric in metrics} for name, sizes in older.growth.items()
    }
    record = CommentRecord(replace(older, growth=names), step=STEP)
    read = read_record(comment(render_record(record)))
    assert read == record
    assert all(len(sizes) == 3 for sizes in read.current.growth.values())


def test_of_many_images_those_that_grew_most_are_recorded() -> None:
    approval = ApprovalRecord(1, growth(HEAD, 1_000))
    line = render_record(CommentRecord(growth(HEAD, 1_000), approval, step=STEP))
    assert len(line) < 16_000
    record = read_record(comment(line))
    assert record
    assert min(x[Metric.UNPACKED] for x in record.current.growth.values()) == 910


@pytest.mark.parametrize(
    "line",
    [
        "",
        "record=" + render_record(RECORD),
        "<!-- image-size-review record={} -->",
        '<!-- image-size-review record={"growth":{},"unmeasured":[]} -->',
        '<!-- image-size-review record={"step":1,"growth":{},"unmeasured":[]} -->',
        "<!-- image-size-review record={,} -->",
        '<!-- image-size-review record={"step":"0000000000000000","growth":[],"unmeasured":[]} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{"x":[1,2,3]},"unmeasured":[]} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{"0000000000000000":[1,2]},"unmeasured":[]} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{"0000000000000000":[1,2,1e9]},"unmeasured":[]} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{},"unmeasured":[1]} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{},"unmeasured":[],"approval":{"event":1}} -->',
        '<!-- image-size-review record={"step":"0000000000000000","growth":{},"unmeasured":[],"approval":[]} -->x',
        f'<!-- image-size-review record={{"step":"0000000000000000","growth":{{}},"unmeasured":[],"approval":{"9" * 5_000}}} -->',
        f"<!-- image-size-review record={{{'[' * 100_000}}} -->",
    ],
)
def test_a_record_of_another_form_is_none(line: str) -> None:
    assert read_record(comment(line)) is None


def test_a_record_without_our_marker_is_none() -> None:
    assert read_record(render_record(RECORD)) is None


@pytest.mark.parametrize("name", ["over-budget", "hostile", "head-fails"])
def test_a_stored_report_is_read_as_it_was_written(name: str) -> None:
    report = CASES[name]()
    line = render_stored_report(report, STEP)
    assert len(line) < 8_000
    stored = read_stored_report(comment(line), HEAD, STEP)
    assert stored
    assert to_document(stored) == to_document(report)


def test_a_report_about_another_commit_is_not_used() -> None:
    assert (
        read_stored_report(comment(render_stored_report(CASES["within"](), STEP)), EARLIER, STEP)
        is None
    )


def test_a_report_of_another_step_is_not_used() -> None:
    line = render_stored_report(CASES["within"](), STEP)
    assert read_stored_report(comment(line), HEAD, STEP)
    assert read_stored_report(comment(line), HEAD, OTHER_STEP) is None
    assert read_stored_report(comment(line.replace(f"{STEP}:", "")), HEAD, STEP) is None


def test_a_report_that_is_too_large_is_not_stored() -> None:
    chance = random.Random(2)
    notes = tuple(f"{chance.getrandbits(8_000):x}" for _ in range(30))
    report = review(compared("FROM a 1MB", "FROM a 2MB ~2"), notes=notes)
    assert list(list_stored_reports(report, STEP)) == []


def make_service(number: int, chance: random.Random) -> ImageReport:
    """Return an image of ten layers, of which three change; no two have the same sizes."""

    def size(most: int) -> str:
        return f"{chance.randint(most // 10, most)}B"

    before, after = 2 * chance.randint(10**6, 10**7), 2 * chance.randint(10**6, 10**7)
    base = "FROM python:3.12-slim 74818560B / RUN apt 9234111B / RUN make 34567123B / RUN pip 5MB"
    base = f"{base} / RUN apt-get install -y lib{number} {size(10**8)} / WORKDIR /app 0B"
    old = (
        f"{base} / COPY requirements.txt . {size(10**4)} / RUN pip install -r requirements.txt"
        f" {before}B (pypi numpy 1.{number} {before // 2}B, pypi lib{number} 1 {before // 2}B)"
        f" / COPY . /app {size(10**6)}"
    )
    new = (
        f"{base} / COPY requirements.txt . {size(10**4)} ~2 / RUN pip install -r requirements.txt"
        f" {after}B ~2 (pypi numpy 2.{number} {after // 2}B, pypi lib{number} 2 {after // 2}B)"
        f" / COPY . /app {size(10**6)} ~2"
    )
    limits = budget(max_growth="1MB")
    return compared(old, new, limits, f"services/svc-{number}", suggestions=(suggestion(),))


@pytest.fixture(scope="module")
def monorepo() -> Report:
    """Return a report on a hundred images, all of which change."""
    chance = random.Random(1)
    report = review(*(make_service(number, chance) for number in range(100)))
    return add_size_trees(report)


def test_a_hundred_images_that_change_are_stored(monorepo: Report) -> None:
    *_, line = list_stored_reports(monorepo, STEP)
    stored = read_stored_report(comment(line), HEAD, STEP)
    assert stored
    for before, after in zip(monorepo.images, stored.images, strict=True):
        assert after.checks == before.checks
        assert (after.spec, after.state, after.verdict) == (
            before.spec,
            before.state,
            before.verdict,
        )
        assert after.comparison.delta == before.comparison.delta
        assert after.comparison.attribution == before.comparison.attribution
        for metric in Metric:
            errors = (x.comparison.growth_error(metric) for x in (before, after))
            assert len(set(errors)) == 1
    assert "stored without suggestions" in stored.notes[-1]


def test_a_comment_on_a_hundred_images_has_their_report(monorepo: Report) -> None:
    body = render_comment(ApprovedReport(monorepo, monorepo, RECORD), MARKER, STEP)
    assert len(body.encode()) <= COMMENT_MAX_CHARACTERS
    assert read_stored_report(body, HEAD, STEP)
    assert read_record(body) == RECORD
    assert "svc-99" in body


def test_contents_that_both_sides_have_keep_their_digests() -> None:
    """Only so is the error of a growth that of the layers that differ."""
    report = CASES["explained"]()
    _, bare, _ = list_smaller_forms(report)
    for before, after in zip(report.images, bare.images, strict=True):
        assert before.comparison.growth_error(Metric.COMPRESSED) > 0
        for metric in Metric:
            errors = (x.comparison.growth_error(metric) for x in (before, after))
            assert len(set(errors)) == 1


def test_digests_that_begin_alike_are_not_shortened_to_one() -> None:
    report = review(compared("FROM a 1MB / RUN b 1MB", "FROM a 1MB / RUN b 2MB ~2"))
    (image,) = report.images
    assert image.comparison.head
    layers = tuple(
        replace(layer, diff_id=f"sha256:{'0' * 13}{layer.index}")
        for layer in image.comparison.head.layers
    )
    comparison = replace(image.comparison, head=replace(image.comparison.head, layers=layers))
    report = replace(report, images=(replace(image, comparison=comparison),))
    (bare,) = list(list_smaller_forms(report))[1].images
    assert bare.comparison.head
    assert [x.diff_id for x in bare.comparison.head.layers] == [x.diff_id for x in layers]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[]", b"[1]", b'["rows", 1, 2]', b'["lists", [1], {}]', b'["rows", []]'),
        *(b"[" * 1_000_000, b" " * 4_000_000_0, b"\xff", b'{"a": ' + b"9" * 5_000 + b"}"),
    ],
)
def test_a_stored_report_of_another_form_is_none(content: bytes) -> None:
    packed = pack(content)
    line = f"<!-- image-size-review report={STEP}:{packed} -->"
    assert read_stored_report(comment(line), HEAD, STEP) is None
    assert read_stored_report(comment(line.replace(packed, packed[:-5])), HEAD, STEP) is None


def test_a_stored_report_that_contradicts_itself_is_none() -> None:
    document = to_document(CASES["over-budget"]())
    document["verdict"] = "pass"
    packed = pack(json.dumps(to_columns(document)).encode())
    line = f"<!-- image-size-review report={STEP}:{packed} -->"
    assert read_stored_report(comment(line), HEAD, STEP) is None
