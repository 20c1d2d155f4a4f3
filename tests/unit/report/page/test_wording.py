"""The text of a page: size, cause and next step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.budget.judge import image_verdict
from bot.model.failures import FailureCause, FailureKind
from bot.model.image_identity import ImageIdentity
from bot.model.proof import WITH_SERVICES_LABEL, WITH_SETTINGS_LABEL
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.spec import Budget, GrowthLimit
from bot.model.suggestion import Confidence, Edit, SecondOffer, StartResult, Verification
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.formats.text import render_text
from bot.report.page.failure_fixes import FIX_TEXT
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, image, review, unchanged
from tests.support.report_cases import suggestion

_OLD = "FROM debian 100MB / RUN make 100MB"
_MORE = f"{_OLD} / COPY . 30MB"
_LESS = "FROM debian 100MB / RUN make 50MB ~2"
_TIGHT = budget(max_size="210MB", max_growth="10MB")
_OWN_FAILURE = FailureCause(FailureKind.INSTRUCTION)
_FAILS_ALIKE = FailureCause(FailureKind.INSTRUCTION, fails_at_base=True)
_NO_NETWORK = FailureCause(FailureKind.NETWORK)


@pytest.mark.parametrize(
    ("images", "headline"),
    [
        ([], "There is no image to review"),
        ([unchanged("a")], "No image changed"),
        ([compared(_OLD, _MORE)], "api grew by 30.0 MB to 230 MB; no limit is set"),
        ([compared(_OLD, _LESS)], "api shrank by 50.0 MB (200 MB → 150 MB)"),
        ([compared(_OLD, _OLD)], "api is the same image as before, 200 MB"),
        (
            [compared(_OLD, _MORE, _TIGHT)],
            "Over budget: api grew by 30.0 MB to 230 MB; limits: 210 MB and +10 MB",
        ),
        (
            [compared(_OLD, _MORE, _TIGHT, "a"), compared(_OLD, _MORE, _TIGHT, "b")],
            "Over budget: a grew by 30.0 MB to 230 MB; limits: 210 MB and +10 MB; "
            "1 more image over budget: b",
        ),
        (
            [compared(None, _OLD, state=ImageState.NEW)],
            "api is new, at 200 MB; no limit is set",
        ),
        ([compared(_OLD, None, state=ImageState.REMOVED)], "api was removed; it was 200 MB"),
        ([compared(None, None, state=ImageState.REMOVED)], "api was removed"),
        (
            [compared(None, _OLD, state=ImageState.NO_BASELINE)],
            "api is 200 MB, with nothing to compare it with",
        ),
        (
            [compared(None, _OLD, state=ImageState.BASE_BUILD_FAILED, failure=_OWN_FAILURE)],
            "api: growth unknown, because it does not build on main",
        ),
        (
            [compared(None, _OLD, state=ImageState.BASE_BUILD_FAILED, failure=_NO_NETWORK)],
            "Could not be measured: api: growth unknown, because it does not build on main",
        ),
        (
            [compared(None, None, state=ImageState.HEAD_BUILD_FAILED, failure=_FAILS_ALIKE)],
            "api does not build, as before this change",
        ),
        (
            [compared(None, _OLD, budget(max_growth="1MB"), state=ImageState.NEW)],
            "api is new, at 200 MB; a growth limit does not apply to a new image",
        ),
        (
            [compared(None, _OLD, _TIGHT, state=ImageState.NEW)],
            "api is new, at 200 MB; limit: 210 MB",
        ),
        (
            [
                compared(
                    *(None, _OLD, budget(max_growth="1MB")), state=ImageState.NEW, removed=("web",)
                )
            ],
            "api is 200 MB: the growth is not known: web was removed, and this may be the same image renamed",
        ),
        (
            [compared(_OLD, None, state=ImageState.HEAD_BUILD_FAILED)],
            "Could not be measured: api does not build",
        ),
        (
            [compared(_OLD, None, state=ImageState.MEASURE_FAILED)],
            "Could not be measured: api",
        ),
        (
            [compared(_OLD, _LESS, name="a"), compared(_OLD, _MORE, name="b")],
            "a shrank by 50.0 MB (200 MB → 150 MB); 1 more image changed",
        ),
    ],
)
def test_the_headline(images: list[ImageReport], headline: str) -> None:
    assert to_plain_text(make_page(review(*images)).headline) == headline


def test_rows_are_worst_first() -> None:
    page = make_page(
        review(
            compared(_OLD, _MORE, name="grew"),
            compared(_OLD, _LESS, name="shrank"),
            compared(_OLD, _MORE, _TIGHT, "over"),
            unchanged("same"),
            compared(
                *(None, _OLD),
                name="unsure",
                state=ImageState.BASE_BUILD_FAILED,
                failure=_OWN_FAILURE,
            ),
            compared(None, None, name="broken", state=ImageState.HEAD_BUILD_FAILED),
        )
    )
    assert [to_plain_text(row.cells[0]) for row in page.rows] == [
        "over",
        "broken",
        "unsure",
        "shrank",
        "grew",
    ]
    assert [to_plain_text((name,)) for name in page.unchanged] == ["same"]
    # The headline says first what is over budget, and its mark is of that.
    assert page.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("proof", "confidence"),
    [
        ({"confidence": Confidence.MEASURED, "verification": None}, "measured"),
        ({"confidence": Confidence.ESTIMATED, "verification": None}, "estimate"),
        ({"confidence": Confidence.VERIFIED}, "verified: builds and starts as before"),
        (
            {
                "confidence": Confidence.VERIFIED,
                "verification": Verification(
                    built=True,
                    started=StartResult.SAME,
                    unpacked_bytes=1,
                    log=f"{WITH_SETTINGS_LABEL}: same, it runs",
                ),
            },
            "verified: builds, and starts as before with settings that its project names",
        ),
        (
            {
                "confidence": Confidence.VERIFIED,
                "verification": Verification(
                    built=True,
                    started=StartResult.SAME,
                    unpacked_bytes=1,
                    log=f"{WITH_SERVICES_LABEL}: same, it runs",
                ),
            },
            "verified: builds, and starts as before with services that its project names",
        ),
        ({"confidence": Confidence.VERIFIED, "verification": None}, "estimate"),
    ],
)
def test_a_saving_names_its_confidence(proof: dict[str, object], confidence: str) -> None:
    report = compared(_OLD, _MORE, _TIGHT, suggestions=(suggestion(**proof),))
    ways = ". The patch is in the details. If the size is intended, set"
    assert f" ({confidence}){ways}" in to_plain_text(make_page(review(report)).next_step)


def test_a_suggestion_without_a_saving_is_no_fix() -> None:
    without_saving = suggestion(
        confidence=Confidence.ESTIMATED, verification=None, saving_bytes=None
    )
    report = compared(_OLD, _MORE, _TIGHT, suggestions=(without_saving,))
    next_step = to_plain_text(make_page(review(report)).next_step)
    assert next_step.startswith("Look at line 3 of api/Dockerfile. If the size is intended, set")


def test_a_removed_line_is_named_with_the_bases_dockerfile() -> None:
    report = review(compared(f"{_OLD} / RUN big 500MB", _OLD))
    assert to_plain_text(make_page(report).why) == (
        "Line 3 of the old Dockerfile, RUN big, was removed, which saves 500 MB, all of it in /usr."
    )


def test_an_estimated_size_is_marked() -> None:
    report = compared(image("FROM x 10MB", exact=False), image("FROM x 20MB ~2", exact=False))
    sizes = next(
        part for part in make_page(review(report)).details[0].sections if part.title == "Sizes"
    )
    assert "≈4.00 MB" in str(sizes)


def test_the_download_has_the_error_of_the_new_layers_alone() -> None:
    """The sizes of the base's blobs are known, the new layer's is estimated."""
    old, new = image("FROM x 10MB"), image("FROM x 10MB / COPY y 20MB", exact=False)
    layers = (new.layers[0], replace(new.layers[1], compressed_error=0.25))
    sizes = make_page(review(compared(old, replace(new, layers=layers)))).details[0].sections
    assert "downloads ≈8.00 MB ±25 %." in str(sizes)
    assert "downloads ≈8.00 MB." in str(make_page(review(compared(old, new))).details[0].sections)


@pytest.mark.parametrize(
    ("command", "advice"), [("", "name another one"), ("x", "at the end of this report")]
)
def test_an_image_that_cannot_be_read_has_a_next_step(command: str, advice: str) -> None:
    failed = compared(None, None, state=ImageState.MEASURE_FAILED, reason="truncated")
    report = replace(review(failed), reproduce_command=command)
    assert advice in to_plain_text(make_page(report).next_step)


def test_a_tiny_change_shows_no_zero_percent() -> None:
    report = review(compared("FROM x 900MB", "FROM x 900MB / COPY y 1kB"))
    assert to_plain_text(make_page(report).rows[0].cells[1]) == "+1.00 kB"


def test_a_suggestion_for_another_image_names_it() -> None:
    lead = compared(_OLD, _MORE, name="lead")
    other = compared(_OLD, f"{_OLD} / COPY . 1MB", name="other", suggestions=(suggestion(),))
    todo = to_plain_text(make_page(review(lead, other)).next_step)
    assert todo.startswith("Nothing. Optional: in other, Use a multi-stage build")


def test_an_audit_names_the_failing_image_and_lists_the_largest_first() -> None:
    big = compared(None, _OLD, name="big", state=ImageState.NO_BASELINE)
    over = compared(None, _LESS, budget(max_size="1MB"), "over", ImageState.NO_BASELINE)
    page = make_page(review(over, big, mode=Mode.AUDIT, base=None))
    assert [to_plain_text(row.cells[0]) for row in page.rows] == ["big", "over"]
    assert to_plain_text(page.headline) == (
        "2 images, 350 MB (250 MB with shared layers once); 1 over budget: over (limit: 1 MB)"
    )
    assert to_plain_text(page.next_step) == (
        "Look at line 2 of over/Dockerfile. If the size is intended, set budget: {max-size: 160MB} for over in .github/image-size.yml."
    )


def test_code_is_never_wrapped_in_a_terminal() -> None:
    """A command or a Dockerfile with broken lines cannot be pasted."""
    long = f"COPY --from=build {'/usr/lib/a-folder' * 12} /usr/local/"
    edit = Edit(2, 2, f"{long}\n")
    suggestions = (
        suggestion(dockerfile=f"FROM x\n{long}\n"),
        suggestion(dockerfile=None, edits=(edit,)),
    )
    image_report = compared(None, None, state=ImageState.NO_BASELINE, suggestions=suggestions)
    command = f"image-size-review advise {'some-folder/' * 12}Dockerfile"
    lines = render_text(
        review(image_report, mode=Mode.ADVISE, base=None, head=None, reproduce_command=command)
    ).splitlines()
    assert lines.count(f"  {long}") == 2
    assert lines[-3] == f"Reproduce: {command}"
    assert all(len(line) <= 100 for line in lines if long not in line and command not in line)


def test_a_deletion_names_its_lines() -> None:
    edits = (Edit(3, 4, ""), Edit(6, 6, "COPY --chmod=755 a /a\n"))
    suggestions = (suggestion(dockerfile=None, edits=edits),)
    page = render_text(review(compared(None, _OLD, state=ImageState.NEW, suggestions=suggestions)))
    assert "compiler-in-final-stage, delete lines 3–4." in page
    assert "compiler-in-final-stage, replace line 6 with:\n  COPY --chmod=755 a /a\n" in page


@pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.ADVISE])
@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_a_full_dockerfile_is_collapsed_with_its_verification_log(
    mode: Mode, render: Callable[[Report], str]
) -> None:
    image_report = compared(
        None, "FROM a 848MB / RUN b 52MB", state=ImageState.NO_BASELINE, suggestions=(suggestion(),)
    )
    page = render(review(image_report, mode=mode))
    title = "<details><summary>Full Dockerfile and verification log: 900 MB → 295 MB</summary>"
    _, _, rest = page.partition(title)
    inside, _, _ = rest.partition("</details>")
    assert "COPY --from=build /out /usr/local" in inside
    assert "built, started, same exit status" in inside


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_a_second_offer_has_its_last_stage_to_copy(render: Callable[[Report], str]) -> None:
    offer = SecondOffer(
        "scratch", 7_100_000, "# What runs.\nFROM scratch\nCOPY --from=build /a /\n"
    )
    suggestions = (suggestion(second_offer=offer),)
    image_report = compared(
        None, "FROM a 900MB", state=ImageState.NO_BASELINE, suggestions=suggestions
    )
    page = render(review(image_report, mode=Mode.ADVISE))
    title = "<details><summary>Second offer, another last stage: 7.10 MB</summary>"
    _, _, rest = page.partition(title)
    inside, _, _ = rest.partition("</details>")
    assert "FROM scratch\nCOPY --from=build /a /" in inside
    assert "In place of the last stage above" in inside
    unstarted = suggestion(second_offer=replace(offer, started=StartResult.NOT_RUN))
    image_report = replace(image_report, suggestions=(unstarted,))
    page = render(review(image_report, mode=Mode.ADVISE))
    assert "Second offer, another last stage: 7.10 MB, not started</summary>" in page


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FailureKind.MISSING_FILE, "git ignores"),
        (FailureKind.SYNTAX, "correct the Dockerfile"),
        (FailureKind.REFERENCE, "build-args"),
        (FailureKind.SECRET, "secret"),
        (FailureKind.LOGIN, "docker login"),
        (FailureKind.BASE_IMAGE, "provides"),
        (FailureKind.NETWORK, "run it again"),
        (FailureKind.DISK, "free disk space"),
        (FailureKind.MEMORY, "more memory"),
        (FailureKind.TIME, "--build-timeout"),
        (FailureKind.PLATFORM, "emulation"),
        (FailureKind.ENGINE, "docker buildx inspect"),
        (FailureKind.INSTRUCTION, "fix the build"),
        (FailureKind.UNKNOWN, "fix the build"),
    ],
)
def test_the_next_step_fits_the_reason_of_a_failed_build(kind: FailureKind, words: str) -> None:
    failed = compared(
        None, None, state=ImageState.HEAD_BUILD_FAILED, failure=FailureCause(kind), log=("x",)
    )
    assert words.lower() in to_plain_text(make_page(review(failed)).next_step).lower()


@pytest.mark.parametrize("clock", ["0.123 ", "12.04 ", "#9 1.871 ", "#9 "])
def test_the_reason_does_not_begin_with_the_clock_of_the_builder(clock: str) -> None:
    failed = compared(
        None,
        None,
        state=ImageState.HEAD_BUILD_FAILED,
        failure=FailureCause(FailureKind.INSTRUCTION),
        reason="exit code: 1",
        log=(f"{clock}fatal: no such thing",),
    )
    why = to_plain_text(make_page(review(failed)).why)
    assert why.endswith("fails: fatal: no such thing (exit code: 1).")


@pytest.mark.parametrize("prefix", ["npm error", "npm ERR!"])
def test_a_package_that_npm_does_not_find_is_named(prefix: str) -> None:
    missing = f"{prefix} 404  'tiny@https://npm.example/tiny-9.tgz' is not in this registry."
    advice = f"{prefix} 404 Note that you can also install from a"
    failed = compared(
        None,
        None,
        state=ImageState.HEAD_BUILD_FAILED,
        failure=_OWN_FAILURE,
        reason="exit code: 1",
        log=(f"9.1 {missing}", f"9.1 {advice}", "9.1 npm notice To update run: npm install -g"),
    )
    why = to_plain_text(make_page(review(failed)).why)
    assert why.endswith(f"fails: {missing} (exit code: 1).")


@pytest.mark.parametrize(
    "message",
    [
        "/bin/sh: no-such-program: not found",
        "/bin/sh: 1: gcc: not found",
        "bash: line 1: gcc: command not found",
    ],
)
def test_a_program_that_a_shell_does_not_find_is_named(message: str) -> None:
    failed = compared(
        None,
        None,
        state=ImageState.HEAD_BUILD_FAILED,
        failure=_OWN_FAILURE,
        reason="exit code: 127",
        log=(" > [5/6] RUN x:", f"1.553 {message}", "------"),
    )
    why = to_plain_text(make_page(review(failed)).why)
    assert why.endswith(f"fails: {message} (exit code: 127).")


def test_every_kind_of_failure_has_its_words() -> None:
    kinds = {FailureKind(kind) for kind in FIX_TEXT}
    assert set(FailureKind) - kinds == {FailureKind.INSTRUCTION, FailureKind.UNKNOWN}


def test_a_failure_that_is_older_than_the_change_asks_nothing_of_it() -> None:
    failed = compared(
        *(None, None),
        state=ImageState.HEAD_BUILD_FAILED,
        failure=_FAILS_ALIKE,
        reason="exit code: 1",
    )
    page = make_page(review(failed))
    assert to_plain_text(page.why).startswith("It does not build on main either, for the same")
    assert to_plain_text(page.next_step).startswith("Nothing in this change")
    assert page.outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("before", "state", "removed", "words"),
    [
        (None, ImageState.NEW, ("web",), "under its old name"),
        (None, ImageState.NO_BASELINE, (), "the next change will be compared"),
        ("FROM scratch 0B", ImageState.CHANGED, (), "in bytes"),
    ],
)
def test_the_next_step_of_a_growth_that_could_not_be_judged(
    before: str | None, state: ImageState, removed: tuple[str, ...], words: str
) -> None:
    limits = Budget(max_growth=GrowthLimit(percent=5))
    page = make_page(review(compared(before, _OLD, limits, state=state, removed=removed)))
    assert page.outcome is Outcome.WARN
    assert words in to_plain_text(page.next_step)


def test_a_new_image_can_be_bound_by_its_size() -> None:
    new = compared(None, _OLD, budget(max_growth="1MB"), state=ImageState.NEW)
    page = make_page(review(new))
    assert page.outcome is Outcome.PASS
    assert to_plain_text(page.next_step) == (
        "Nothing; to limit its size, set budget: {max-size: 210MB} for api in .github/image-size.yml."
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (1e-7, "≈8.00 MB ±0.1 %."),
        (0.0213, "≈8.00 MB ±2.1 %."),
        (0.994, "≈8.00 MB ±99 %."),
        (0.996, "≈8.00 MB, only a rough estimate."),
        (2.0, "≈8.00 MB, only a rough estimate."),
    ],
)
def test_the_error_of_an_estimate_has_no_exponent(error: float, text: str) -> None:
    old, new = image("FROM x 10MB"), image("FROM x 10MB / COPY y 20MB", exact=False)
    layers = (new.layers[0], replace(new.layers[1], compressed_error=error))
    sizes = make_page(review(compared(old, replace(new, layers=layers)))).details[0].sections
    assert f"downloads {text}" in str(sizes)


def _dropped(**fields: Any) -> ImageReport:
    image_report = replace(unchanged("tool"), is_dropped=True, **fields)
    return replace(image_report, verdict=image_verdict((), image_report.state, is_dropped=True))


def test_a_dropped_image_that_is_unchanged_has_no_unknown_size() -> None:
    page = make_page(review(_dropped()))
    (row,) = page.rows
    assert [to_plain_text(line) for line in (page.headline, page.why, page.next_step)] == [
        "tool is no longer in the configuration; it is unchanged here",
        "Nothing that goes into it differs between the two revisions; once this is merged, it is "
        "no longer reviewed.",
        "Make sure that the image is meant to be no longer reviewed.",
    ]
    assert [to_plain_text(cell) for cell in row.cells] == [
        "tool",
        "±0 B",
        "not built",
        "no limit",
        "—",
    ]
    assert to_plain_text(row.note) == "no longer in the configuration"


@pytest.mark.parametrize(
    ("old", "text"),
    [
        (("tool", "old/Dockerfile"), "tool (moved from old/Dockerfile)"),
        (("tools", "old/Dockerfile"), "tool (renamed from tools)"),
        (("old/Dockerfile", "old/Dockerfile"), "tool (moved from old/Dockerfile)"),
        (("tool", "tool/Dockerfile", "linux/arm64"), "tool (platform before: linux/arm64)"),
        (("tool", "tool/Dockerfile"), "tool"),
    ],
)
def test_a_label_says_what_differs_from_the_image_of_base(old: tuple[str, ...], text: str) -> None:
    page = make_page(review(_dropped(renamed_from=ImageIdentity(*old))))
    assert to_plain_text(page.rows[0].cells[0]) == text
    assert to_plain_text(page.headline) == (
        "tool was moved to where no image is reviewed; it is unchanged here"
    )


@pytest.mark.parametrize(
    ("saving", "start"),
    [
        (None, "Look at line 3 of api/Dockerfile. If the growth is intended"),
        (25, "Look at line 3 of api/Dockerfile. See also: Use a multi-stage"),
        (8_900_000, "Look at line 3 of api/Dockerfile. See also: Use a multi-stage"),
        (9_100_000, "Use a multi-stage build"),
    ],
)
def test_a_suggestion_comes_first_only_if_it_makes_up_for_the_excess(
    saving: int | None, start: str
) -> None:
    """30 MB more, of which 20 MB are allowed: about 10 MB is enough."""
    limits = budget(max_growth="20MB")
    suggested = suggestion(saving_bytes=saving, line_start=3, line_end=3)
    report = compared(_OLD, _MORE, limits, suggestions=(suggested,))
    next_step = to_plain_text(make_page(review(report)).next_step)
    assert next_step.startswith(start)
    assert "If the growth is intended, set budget: {max-growth: 32MB} for api" in next_step


def test_half_of_the_growth_is_enough_for_a_suggestion_to_come_first() -> None:
    suggested = suggestion(saving_bytes=15_000_000, line_start=3, line_end=3)
    report = compared(_OLD, _MORE, budget(max_growth="1MB"), suggestions=(suggested,))
    assert to_plain_text(make_page(review(report)).next_step).startswith("Use a multi-stage build")


def test_growth_that_the_budget_ignores_is_called_that() -> None:
    report = compared(_OLD, f"{_OLD} / COPY . 1B", budget(max_growth="0"))
    page = make_page(review(report))
    assert to_plain_text(page.headline) == (
        "Within budget: api grew by 1 B to 200 MB; limit: +0 B; "
        "+1 B is within what the budget ignores (2 kB)"
    )
    assert to_plain_text(page.rows[0].note) == "+1 B is within what the budget ignores (2 kB)"


def test_a_build_that_was_stopped_is_not_called_broken() -> None:
    reason = "the build took longer than 25 minutes"
    late = compared(
        _OLD,
        None,
        state=ImageState.HEAD_BUILD_FAILED,
        reason=reason,
        failure=FailureCause(FailureKind.TIME),
    )
    page = make_page(review(late))
    headline, why = to_plain_text(page.headline), to_plain_text(page.why)
    assert headline == "Could not be measured: api was not built within its time limit"
    assert why == f"api/Dockerfile: {reason}."
    assert to_plain_text(page.rows[0].note) == "not built within its time limit"


def test_a_base_that_fails_is_no_work_for_a_change_that_builds() -> None:
    failure = FailureCause(FailureKind.INSTRUCTION)
    repaired = compared(None, _OLD, state=ImageState.BASE_BUILD_FAILED, failure=failure)
    assert to_plain_text(make_page(review(repaired)).next_step) == (
        "Nothing: the image builds with this change, "
        "and its growth is known again once this is merged."
    )


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        (
            "pypi torch 2.5 1500MB, pypi numpy 2.1 60MB, usr 40MB",
            " of 1.72 GB; of it torch 1.50 GB.",
        ),
        ("pypi torch 2.5 700MB, pypi numpy 2.1 600MB, usr 300MB", " of 1.72 GB."),
        ("/srv/models 1600MB", " of 1.72 GB."),
    ],
)
def test_the_package_that_is_most_of_the_largest_layer_is_named(owners: str, expected: str) -> None:
    world = f"FROM python 124MB / RUN pip install -r requirements.txt 1600MB ({owners})"
    page = make_page(review(compared(None, world, name="train", state=ImageState.NEW)))
    assert to_plain_text(page.why).endswith(f", with 1.60 GB{expected}")
    assert to_plain_text(page.next_step).startswith(
        "Nothing; to limit its size, set budget: {max-size: 1.85GB} for train in "
    )
