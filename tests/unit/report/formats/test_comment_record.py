"""The hidden lines of a comment: what is written is read again, and nothing else is believed."""

import base64
import json
import zlib
from dataclasses import replace

import pytest

from bot.model.approval import ApprovalRecord, CommentRecord, GrowthAtCommit
from bot.model.image import Metric
from bot.report.document.report_document import to_document
from bot.report.formats.comment_marker import make_marker
from bot.report.formats.comment_record import (
    read_record,
    read_stored_report,
    render_record,
    render_stored_report,
)
from tests.support.image_world import compared, review
from tests.support.report_cases import CASES

HEAD, EARLIER = "a" * 40, "b" * 40
STEP, OTHER_STEP = "0" * 16, "1" * 16
MARKER = make_marker("", HEAD)


def growth(head: str, count: int) -> GrowthAtCommit:
    names = [f"{number:016x}" for number in range(count)]
    sizes = {name: dict.fromkeys(Metric, 10 + number) for number, name in enumerate(names)}
    return GrowthAtCommit(head, sizes, frozenset({"f" * 16}))


RECORD = CommentRecord(growth(HEAD, 2), ApprovalRecord(7, growth(EARLIER, 1)), step=STEP)


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
    images = [
        replace(
            compared("FROM a 1MB", f"FROM a 1MB / RUN x{number} 2MB", name=f"image-{number}"),
            log=tuple(str(number * line) for line in range(300)),
        )
        for number in range(100)
    ]
    assert render_stored_report(review(*images), STEP) == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 1_000_000, b" " * 4_000_000_0, b"\xff", b'{"a": ' + b"9" * 5_000 + b"}"],
)
def test_a_stored_report_of_another_form_is_none(content: bytes) -> None:
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    line = f"<!-- image-size-review report={STEP}:{packed} -->"
    assert read_stored_report(comment(line), HEAD, STEP) is None
    assert read_stored_report(comment(line.replace(packed, packed[:-5])), HEAD, STEP) is None


def test_a_stored_report_that_contradicts_itself_is_none() -> None:
    document = to_document(CASES["over-budget"]())
    document["verdict"] = "pass"
    packed = base64.b64encode(zlib.compress(json.dumps(document).encode())).decode()
    line = f"<!-- image-size-review report={STEP}:{packed} -->"
    assert read_stored_report(comment(line), HEAD, STEP) is None
