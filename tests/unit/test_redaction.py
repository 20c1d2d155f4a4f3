"""Nothing that is a secret leaves; nothing that is none is touched."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redaction import find_secret_values, redact, redact_report
from bot.report.document.report_document import render_json
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import compared, image, review
from tests.support.report_cases import CASES


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ghp_" + "a1" * 18, "***"),
        ("cloned with github_pat_" + "x" * 30 + " today", "cloned with *** today"),
        ("AKIAIOSFODNN7EXAMPLE", "***"),
        ("npm_" + "Z9" * 18, "***"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.s5f-x_Y", "***"),
        ("https://ann:hunter2@example.com/x", "https://ann:***@example.com/x"),
        ("https://hunter2token@example.com/x", "https://***@example.com/x"),
        ("curl -H 'Authorization: Bearer abc.def-1'", "curl -H 'Authorization: Bearer ***'"),
        ("RUN |1 NPM_TOKEN=hunter2 /bin/sh -c npm ci", "RUN |1 NPM_TOKEN=*** /bin/sh -c npm ci"),
        ("ENV DB_PASSWORD='hunter 2' X=1", "ENV DB_PASSWORD=*** X=1"),
        ("GET /x?access_token=hunter2&y=1", "GET /x?access_token=***&y=1"),
        ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ***"),
        ("ENV SMTP_PASS=hunter2 GH_PAT=hunter3", "ENV SMTP_PASS=*** GH_PAT=***"),
        ("login --registry-password hunter2 x", "login --registry-password *** x"),
        (
            "ADD https://x.blob/y?sv=1&sig=hunter2%2Bhunter2&se=2 /y",
            "ADD https://x.blob/y?sv=1&sig=***&se=2 /y",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA", "*** RSA"),
    ],
)
def test_text_that_looks_like_a_secret_is_masked(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "git clone ssh://git@example.com/x.git",
        "RUN pip install tokenizers==0.19",
        "LABEL author=ann@example.com AUTHOR=ann",
        "RUN --mount=type=secret,id=npm npm ci",
        "ENV API_TOKEN=$API_TOKEN",
        "sha256:" + "ab" * 32,
        "https://example.com:8080/a@b",
        "COPY keys.txt /etc/apt/keyrings/",
        "ENV PASSENGER_VERSION=6 BYPASS=1 PATH=/a PATTERN=x",
        "RUN login --token $TOKEN --password-stdin --pass -v",
        "ENV PATH /usr/local/bin",
        "ENV TOKEN_FILE=$X OTHER y",
        "https://example.com/list?sort=keyword-of-many&key=short",
    ],
)
def test_text_that_is_no_secret_is_kept(text: str) -> None:
    assert redact(text) == text


def test_build_arguments_are_secrets_by_their_name() -> None:
    arguments = {
        "NPM_TOKEN": "hunter2",
        "VERSION": "1.2.3",
        "DbPassword": "x y",
        "GITHUB_PAT": "pat",
        "EMPTY_SECRET": "",
    }
    assert find_secret_values(arguments) == ("hunter2", "x y", "pat")


def test_secret_values_are_masked_everywhere_but_not_inside_words() -> None:
    assert redact("a hunter2b", ["hunter2"]) == "a ***b"
    assert redact("it is true", ["true", "is"]) == "it is true"
    assert redact("one\ntwo-two\n", ["first\ntwo-two"]) == "one\n***\n"


def test_a_report_contains_no_secrets_of_its_builds() -> None:
    world = "FROM x 1MB / RUN |1 CODE=hunter2 login hunter2 2MB"
    image = compared("FROM x 1MB", world, log=("denied: hunter2",))
    spec = replace(image.spec, build_args={"PASSWORD": "hunter2"})
    report = redact_report(review(replace(image, spec=spec), notes=("see hunter2",)))
    assert "hunter2" in render_json(review(image))
    assert "hunter2" not in render_json(report)
    assert "hunter2" not in render_markdown(report)


@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile"])
def test_a_report_without_secrets_is_unchanged(name: str) -> None:
    report = CASES[name]()
    assert redact_report(report) == report


@given(st.text())
def test_masking_is_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_fields_outside_of_the_page_are_not_masked() -> None:
    """An image's files, one by one, may be hundreds of thousands, and their sums must hold."""
    whole = image("FROM x 1MB", tree="a/hunter2 1MB #x @0")
    shown = compared(whole, whole)
    spec = replace(shown.spec, build_args={"PASSWORD": "hunter2"})
    report = redact_report(review(replace(shown, spec=spec)))
    head = report.images[0].comparison.head
    assert head
    assert (head.tree, head.wasted_files, head.layers) == (
        whole.tree,
        whole.wasted_files,
        whole.layers,
    )
