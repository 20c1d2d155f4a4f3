"""Suggestions for one Dockerfile as one patch, which makes all changes that fit together."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.suggestion_diff import make_suggestion_diff
from bot.model.suggestion import Edit, Suggestion
from bot.report.escape import diff_block
from bot.report.formats.html.html_page import render_html
from bot.report.formats.markdown import render_markdown
from bot.report.page.combined_patch import combine_patches, list_patches
from tests.support.image_world import compared, review
from tests.support.report_cases import suggestion

_LINES = [f"RUN step {number}" for number in range(1, 31)]
_TEXT = "".join(f"{line}\n" for line in _LINES)
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def change(start: int, end: int, replacement: str, **fields: object) -> Suggestion:
    """Build a suggestion for lines of the Dockerfile, with its diff."""
    fields = {"dockerfile": None, "verification": None, "line_start": start} | fields
    bare = suggestion(edits=(Edit(start, end, replacement),), line_end=end, **fields)
    return replace(bare, diff=make_suggestion_diff(_TEXT, bare))


def apply(diff: str) -> list[str]:
    """Apply the hunks of a diff as `patch` does; an AssertionError for one that does not fit."""
    new: list[str] = []
    position = 0
    for line in diff.splitlines():
        if hunk := _HUNK.fullmatch(line):
            new += _LINES[position : int(hunk[1]) - 1]
            position = int(hunk[1]) - 1
            assert len(new) == int(hunk[3]) - 1
            continue
        if line[0] in " -":
            assert line[1:] == _LINES[position]
            position += 1
        new += [line[1:]] if line[0] in " +" else []
    return new + _LINES[position:]


def test_two_fixes_are_one_block_in_a_comment() -> None:
    fixes = (change(2, 2, "RUN a\n"), change(4, 5, "RUN b\n", rule="x", saving_bytes=1_000_000))
    page = render_markdown(
        review(compared("FROM x 9MB", "FROM x 9MB / RUN y 1GB", suggestions=fixes))
    )
    assert page.count("```diff\n") == 1
    _, _, block = page.partition("```diff\n")
    assert block.partition("```")[0].splitlines() == [
        "@@ -1,7 +1,6 @@",
        " RUN step 1",
        "-RUN step 2",
        "+RUN a",
        " RUN step 3",
        "-RUN step 4",
        "-RUN step 5",
        "+RUN b",
        " RUN step 6",
        " RUN step 7",
    ]
    assert "606 MB" not in page, "savings are not added up"


def test_images_of_one_dockerfile_have_one_patch() -> None:
    """Two targets with an edit in common, which saves bytes in both, and one of its own each."""
    both = change(2, 2, "RUN a\n")
    own = change(9, 9, "RUN b\n", rule="x", saving_bytes=1_000_000)
    other = change(20, 20, "RUN c\n", rule="y", saving_bytes=2_000_000)
    first, second = (
        compared("FROM x 9MB", f"FROM x 9MB / RUN {name} {size}GB", name=name, suggestions=fixes)
        for name, size, fixes in (("api", 2, (both, own)), ("api-debug", 1, (both, other)))
    )
    second = replace(second, spec=replace(second.spec, dockerfile=first.spec.dockerfile))
    page = render_markdown(review(second, first))
    assert page.count("```diff\n") == 1
    _, _, block = page.partition("```diff\n")
    added = [x for x in block.partition("```")[0].splitlines() if x.startswith("+")]
    assert added == ["+RUN a", "+RUN b", "+RUN c"]
    assert page.index("```diff") < page.index(
        "The patch of this Dockerfile is in the details of <code>api</code>."
    )
    assert "more suggestion" not in page


def test_the_patch_is_at_an_image_with_details_of_its_own() -> None:
    """Three images that grew alike have the details of the first, and one of them has the fix."""
    old, fixes = "FROM x 9MB", (change(2, 2, "RUN a\n"),)
    alike = [compared(old, f"{old} / COPY shared /srv 5MB (/srv 5MB)", name=name) for name in "abc"]
    fixed = replace(alike[1], suggestions=fixes)
    other = compared(old, f"{old} / RUN y 1MB", name="d", suggestions=fixes)
    other = replace(other, spec=replace(other.spec, dockerfile=fixed.spec.dockerfile))
    page = render_markdown(review(alike[0], fixed, alike[2], other))
    assert "3 images: +5.00 MB each" in page
    assert page.count("```diff\n") == 1
    assert "The patch of this Dockerfile is in the details of" not in page


def test_images_of_other_dockerfiles_have_patches_of_their_own() -> None:
    fixes = (change(2, 2, "RUN a\n"),)
    images = [
        compared("FROM x 9MB", f"FROM x 9MB / RUN {name} 1GB", name=name, suggestions=fixes)
        for name in ("api", "web")
    ]
    assert render_markdown(review(*images)).count("```diff\n") == 2


def test_what_changes_the_same_lines_has_a_patch_of_its_own() -> None:
    fixes = (
        change(2, 4, "RUN a\n"),
        change(4, 4, "RUN b\n", rule="x", title="Delete the lists", saving_bytes=1_000_000),
        change(9, 9, "RUN c\n", rule="y", saving_bytes=500_000),
    )
    patch = combine_patches(fixes)
    assert (patch.included, patch.left_out) == ((fixes[0], fixes[2]), (fixes[1],))
    page = render_markdown(
        review(compared("FROM x 9MB", "FROM x 9MB / RUN y 1GB", suggestions=fixes))
    )
    _, first, second, *others = page.split("```diff\n")
    assert not others
    assert "+RUN a" in first
    assert "+RUN c" in first
    assert (
        "<details><summary>Patch 2, instead of the patch above</summary>\n\n"
        "Apply it instead of the patch above: Delete the lists.\n\n" in first
    )
    assert "+RUN b" in second
    assert "JSON report" not in page


def test_of_many_patches_the_rest_is_counted() -> None:
    fixes = tuple(change(2, 2, f"RUN {x}\n", rule=f"r{x}") for x in range(6))
    report = review(compared("FROM x 9MB", "FROM x 9MB / RUN y 1GB", suggestions=fixes))
    page = render_markdown(report)
    assert page.count("```diff\n") == 4
    assert "2 more suggestions are in no patch: see the JSON report." in page
    # A page for browsers has the diff of each suggestion below it, so that it needs no patches.
    assert "instead of the patch" not in render_html(report)


def test_a_rewritten_file_fits_with_nothing_else() -> None:
    rewrite = replace(suggestion(), diff="@@ -1 +1 @@\n-RUN step 1\n+FROM y")
    patch = combine_patches((rewrite, change(9, 9, "RUN z\n")))
    assert (patch.diff, patch.included) == (rewrite.diff, (rewrite,))


def test_a_fence_is_longer_than_what_is_inside() -> None:
    block = diff_block(["+RUN echo ```", "-````", "", "+\u202e\x1b[31m"]).splitlines()
    assert block == ["`````diff", "+RUN echo ```", "-````", "", "+<U+202E>", "`````"]


def test_a_mention_is_in_no_fence() -> None:
    lines = ["@@ -1 +1 @@", "+RUN npm i @types/node a@b"]
    assert diff_block(lines).splitlines() == ["```diff", *lines, "```"]
    assert diff_block([*lines, "+# @everyone"]).startswith("<pre><code>")


@st.composite
def suggestions(draw: st.DrawFn) -> list[Suggestion]:
    """Draw changes of lines, in any order, of which some overlap."""
    starts = draw(st.lists(st.integers(1, 30), min_size=1, max_size=6))
    texts = st.sampled_from(["", "RUN new\n", "RUN new\nRUN newer\n", "RUN step 3\n"])
    return [change(x, min(30, x + draw(st.integers(0, 2))), draw(texts)) for x in starts]


@given(drawn=suggestions())
def test_the_patch_makes_the_changes_of_all_that_it_includes(drawn: list[Suggestion]) -> None:
    patch = combine_patches(drawn)
    expected = list(_LINES)
    edits = [edit for included in patch.included for edit in included.edits]
    for edit in sorted(edits, key=lambda edit: -edit.line_start):
        expected[edit.line_start - 1 : edit.line_end] = edit.replacement.splitlines()
    assert apply(patch.diff) == expected
    different = {(x.edits, x.diff) for x in drawn if x.diff}
    assert {(x.edits, x.diff) for x in (*patch.included, *patch.left_out)} == different
    assert len(patch.included) + len(patch.left_out) == len(different)


@given(drawn=suggestions())
def test_each_suggestion_is_in_one_patch(drawn: list[Suggestion]) -> None:
    """The patches are all of the same file: no one needs another one, and none has to be first."""
    patches = list_patches(drawn)
    included = [(x.edits, x.diff) for patch in patches for x in patch.included]
    assert len(included) == len(set(included))
    assert set(included) == {(x.edits, x.diff) for x in drawn if x.diff}
    for patch in patches:
        assert apply(patch.diff) != _LINES
